"""The real process, row by row of rows.py."""

from __future__ import annotations

import json

import pytest
import pytest_asyncio

from arriero.errors import FramingError
from arriero.lsp.framing import Frames
from benchmarks.overhead.stub_backend import Stub
from conformance.lines import line
from conformance.rows import EDITS, SERVED, URI, WHOLE_LIVES, message

INFILLING = "codellama/CodeLlama-7b-hf"  # its prompt shows what stands before and behind a cursor


def brief(answers: list[dict]) -> list[tuple]:
    """Return each answer's id and its error's code, or "result"."""
    return [
        (answer["id"], answer["error"]["code"] if "error" in answer else "result")
        for answer in answers
    ]


def heard_by(witness, data: bytes) -> None:
    """Let the witness hear what is sent, as far as it can be read."""
    try:
        for body in Frames().feed(data):
            witness.to_server(json.loads(body))
    except (ValueError, RecursionError, FramingError):
        return


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def served():
    async with line() as spoken:
        assert "result" in await spoken.start()
        item = {"uri": URI, "languageId": "python", "version": 1, "text": "x = 1\n"}
        spoken.say({"method": "textDocument/didOpen", "params": {"textDocument": item}})
        yield spoken


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize(
    ("sent", "answers"), [row[1:] for row in SERVED], ids=[r[0] for r in SERVED]
)
async def test_what_is_sent_is_answered(served, sent, answers):
    heard_by(served.witness, sent)
    served.write(sent)
    assert brief(await served.answers(len(answers))) == answers


@pytest.mark.asyncio(loop_scope="module")
async def test_bytes_may_come_one_by_one(served):
    for byte in message(id=1, method="arriero/status"):
        served.write(bytes([byte]))
        await served.process.stdin.drain()
    assert brief(await served.answers(1)) == [(1, "result")]


@pytest.mark.parametrize(
    ("sent", "answers", "code"),
    [row[1:] for row in WHOLE_LIVES],
    ids=[row[0] for row in WHOLE_LIVES],
)
async def test_a_whole_life(sent, answers, code):
    async with line() as spoken:
        heard_by(spoken.witness, sent)
        spoken.write(sent)
        rest, exited = await spoken.end()
        assert brief([each for each in rest if "method" not in each]) == answers
        assert exited == code


@pytest.fixture(scope="module")
def stub():
    with Stub() as running:
        yield running


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-32"])
async def test_edits_land_where_the_specification_says(stub, encoding):
    async with line(ARRIERO_URL=f"http://127.0.0.1:{stub.port}") as spoken:
        answer = await spoken.start(general={"positionEncodings": [encoding]})
        assert answer["result"]["capabilities"]["positionEncoding"] == encoding
        wrong = [
            (name, found)
            for name, of, text, edits, after in EDITS
            if of == encoding and (found := await edited(spoken, name, text, edits)) != after
        ]
        assert wrong == []


async def edited(spoken, name: str, text: str, edits: list) -> str:
    """Return the text that a document has after edits, as a prompt shows it."""
    uri = f"file:///project/{name.replace(' ', '_')}.py"
    item = {"uri": uri, "languageId": "python", "version": 1, "text": text}
    spoken.say({"method": "textDocument/didOpen", "params": {"textDocument": item}})
    changes = [
        {
            "range": {
                side: dict(zip(("line", "character"), place, strict=True))
                for side, place in (("start", start), ("end", end))
            },
            "text": new,
        }
        for start, end, new in edits
    ]
    document = {"uri": uri, "version": 2}
    params = {"textDocument": document, "contentChanges": changes}
    spoken.say({"method": "textDocument/didChange", "params": params})
    top = {"uri": uri, "position": {"line": 0, "character": 0}, "model": INFILLING}
    spoken.say({"id": name, "method": "arriero/prompt", "params": top})
    (answer,) = await spoken.answers(1)
    prompt = answer["result"]["text"]
    return prompt.partition("<SUF>")[2].rpartition(" <MID>")[0]

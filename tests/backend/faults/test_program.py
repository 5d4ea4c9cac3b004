"""`arriero backend simulate --fault`: what fails is what was ordered."""

import asyncio
import json
import sys
from asyncio.subprocess import PIPE

import pytest

from arriero.errors import Interrupted, Overloaded
from arriero.model.endpoint import Endpoint
from arriero.model.tgi import Tgi
from arriero_backend.faults import program
from arriero_backend.simulated.__main__ import main
from e2e.truth import write
from model.driving import everything


@pytest.mark.parametrize(("fault", "error"), [("close@middle", Interrupted), ("429", Overloaded)])
async def test_a_program_that_fails_as_ordered(tmp_path, fault, error):
    truth = write(tmp_path / "truth").parent
    argv = ("-m", "arriero_backend.simulated", "--truth", str(truth), "--fault", fault)
    process = await asyncio.create_subprocess_exec(
        sys.executable, *argv, "--until-stdin-closes", stdin=PIPE, stdout=PIPE
    )
    url = json.loads(await process.stdout.readline())["url"]
    tgi = Tgi(Endpoint(url))
    assert (await tgi.info()).id.endswith("70b-Instruct-hf")  # only answers are spoiled
    assert isinstance((await everything(tgi))[1], error)
    await tgi.close()
    process.stdin.close()
    assert await process.wait() == 0


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("reset", ("reset", "before")),
        ("reset@end", ("reset", "end")),
        ("reset@meeting", ("reset", "meeting")),
        ("CRLF", ("CRLF", "whole")),
    ],
)
def test_orders(text, found):
    assert program.ordered(text) == found


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("flood", "'flood' is no fault"),
        ("CRLF@end", "'CRLF' has no moment 'end'; there are: whole"),
    ],
)
def test_orders_that_nobody_can_carry_out(text, says, capsys, tmp_path):
    with pytest.raises(SystemExit) as ended:
        main(["--truth", str(tmp_path), "--fault", text])
    assert ended.value.code == 2
    assert says in capsys.readouterr().err

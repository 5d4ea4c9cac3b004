"""The embedded model's process, with a small program in place of the one that finds it."""

import asyncio
import gc
import json
import sys
from contextlib import aclosing, asynccontextmanager
from pathlib import Path

import pytest

from arriero.assist.seam import End
from arriero.errors import NoBackend, Unreachable
from arriero.model import local
from arriero.model.local import LocalModel
from model.driving import everything
from model.rawserver import OK, RawServer, Then

FINDS = """
import sys
with open(sys.argv[0] + ".starts", "a") as starts:
    starts.write("x")
print(open(sys.argv[0] + ".told").read())
"""


@pytest.fixture
def program(tmp_path, monkeypatch):
    """Return a function that puts a program in the place of the local backend."""

    def put(code: str) -> Path:
        file = tmp_path / "program.py"
        file.write_text(code)
        monkeypatch.setattr(local, "PYTHON", (sys.executable, str(file)))
        return file

    return put


def tell(file: Path, url: str = "http://127.0.0.1:1") -> Path:
    """Let the program say that the process is at a URL."""
    Path(f"{file}.told").write_text(json.dumps({"url": url, "key": "k", "pid": 1}))
    return file


def starts(file: Path) -> int:
    return len(Path(f"{file}.starts").read_text())


def said(file: Path) -> str:
    return Path(f"{file}.told").read_text()


async def test_what_is_missing_is_said_by_the_program_itself(program):
    program("import sys; sys.exit(print('Run this.', file=sys.stderr) or 3)")
    with pytest.raises(NoBackend, match=r"^Run this\.$"):
        await LocalModel.start(None)


async def test_a_program_that_dies_is_told_with_its_last_line(program):
    program("import sys; sys.exit('first\\nlast')")
    with pytest.raises(Unreachable, match=r"could not start: last\."):
        await LocalModel.start(None)


async def test_a_program_that_says_nothing_is_not_waited_for_for_ever(program, monkeypatch):
    monkeypatch.setattr(local, "START_SECONDS", 0.0)
    program("import sys; sys.stdin.read(); import time; time.sleep(600)")
    with pytest.raises(Unreachable, match="did not start within"):
        await LocalModel.start(None)


async def test_one_who_gives_up_does_not_end_the_start_for_the_others(program):
    file = tell(program(FINDS))
    model = LocalModel(None)
    impatient, patient = (asyncio.create_task(model.driver()) for _ in range(2))
    await asyncio.sleep(0)
    impatient.cancel()
    await patient
    await model.driver()
    assert starts(file) == 1
    await model.close()


async def test_a_failure_that_nobody_waits_for_any_more_is_no_noise(program):
    program("import sys; sys.exit(print('Run this.', file=sys.stderr) or 3)")
    noise = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: noise.append(context))
    model = LocalModel(None)
    waiting = asyncio.create_task(model.driver())
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.wait(asyncio.all_tasks() - {asyncio.current_task()})
    await model.close()
    del model, waiting
    gc.collect()
    assert noise == []


@asynccontextmanager
async def used(program, *answers):
    """Serve these answers where the program says that the process is."""
    async with RawServer(*answers) as server:
        file = tell(program(FINDS), server.url)
        model = LocalModel(None)
        try:
            yield model, server, file
        finally:
            await model.close()


async def test_the_process_is_asked_with_its_key(program):
    async with used(program, OK) as (model, server, _):
        items, error = await everything(model)
        assert (error, type(items[-1])) == (None, End)
        assert server.requests[-1].headers["authorization"] == "Bearer k"


async def test_a_process_that_is_gone_is_found_anew_by_the_next_request(program):
    async with used(program, OK) as (model, server, file):
        tell(file, "http://127.0.0.1:1")
        await model.driver()
        tell(file, server.url)
        items, error = await everything(model)
        assert (error, type(items[-1])) == (None, End)
        assert starts(file) == 2


async def test_a_process_that_goes_at_once_is_looked_for_but_once_more(program):
    async with used(program, (Then.CUT,)) as (model, _, file):
        _, error = await everything(model)
        assert error is not None
        assert starts(file) == 2


async def test_a_file_of_the_workspace_is_not_run(tmp_path, monkeypatch):
    (tmp_path / "platformdirs.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ARRIERO_CACHE", str(tmp_path / "empty"))
    with pytest.raises(NoBackend, match="--fetch"):
        await LocalModel.start(None)
    assert not (tmp_path / "ran").exists()


STEPS = """
import json, sys
for done in (1, 2):
    print(json.dumps({"done": done, "total": 2}), flush=True)
"""


async def test_fetching_tells_how_far_it_is(program):
    program(STEPS)
    assert [step async for step in local.fetch()] == [(1, 2), (2, 2)]


async def test_fetching_says_why_it_failed(program):
    program(STEPS + "sys.exit('No network.')")
    with pytest.raises(NoBackend, match=r"^No network\.$"):
        _ = [step async for step in local.fetch()]


async def test_who_cancels_ends_the_download(program, tmp_path):
    waits = "import signal\nsignal.signal(signal.SIGTERM, lambda *_: sys.exit(told('ended')))\n"
    tells = "def told(text): open(sys.argv[0] + '.told', 'w').write(text)\n"
    file = program("import sys\n" + tells + waits + STEPS + "while True: signal.pause()")
    async with aclosing(local.fetch()) as steps:
        await anext(steps)
    assert said(file) == "ended"

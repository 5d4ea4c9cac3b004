"""The embedded model's process, with a small program in its place."""

import asyncio
import sys
from pathlib import Path

import pytest

from arriero.errors import NoBackend, Unreachable
from arriero.model import local
from arriero.model.local import LocalModel

READY = """
import sys
open(sys.argv[0] + ".starts", "a").write("x")
print('{"url": "http://127.0.0.1:1", "pid": 1}', flush=True)
sys.stdin.read()
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


def starts(file: Path) -> int:
    return len(Path(f"{file}.starts").read_text())


async def test_what_is_missing_is_said_by_the_program_itself(program):
    program("import sys; sys.exit(print('Run this.', file=sys.stderr) or 3)")
    with pytest.raises(NoBackend, match=r"^Run this\.$"):
        await LocalModel.start(None)


async def test_a_program_that_dies_is_told_with_its_last_line(program):
    program("import sys; sys.exit('first\\nlast')")
    with pytest.raises(Unreachable, match=r"could not start: last\."):
        await LocalModel.start(None)


async def test_one_who_gives_up_does_not_end_the_start_for_the_others(program):
    file = program(READY)
    model = LocalModel(None)
    impatient, patient = (asyncio.create_task(model.driver()) for _ in range(2))
    await asyncio.sleep(0)
    impatient.cancel()
    await patient
    await model.driver()
    assert starts(file) == 1
    await model.close()


async def test_a_process_that_ended_is_started_again(program):
    file = program(READY)
    model = await LocalModel.start(None)
    await model.close()
    await model.driver()
    assert starts(file) == 2
    await model.close()


async def test_a_file_of_the_workspace_is_not_run(tmp_path, monkeypatch):
    (tmp_path / "platformdirs.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ARRIERO_CACHE", str(tmp_path / "empty"))
    with pytest.raises(NoBackend, match="--fetch"):
        await LocalModel.start(None)
    assert not (tmp_path / "ran").exists()

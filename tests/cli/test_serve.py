"""`arriero serve`: addresses that it refuses. What it does is tested in tests/lsp and tests/e2e."""

from __future__ import annotations

import socket

import pytest


@pytest.mark.parametrize("address", ["7777", ":7777", "127.0.0.1:", "127.0.0.1:x", "a:99999"])
async def test_what_is_no_address(address, arriero):
    ended = await arriero("serve", "--tcp", address)
    assert ended.code == 2
    assert f"{address!r} has to be HOST:PORT, such as 127.0.0.1:7777" in ended.err


async def test_address_that_other_machines_can_reach(arriero):
    ended = await arriero("serve", "--tcp", "0.0.0.0:0")
    assert (ended.code, ended.out) == (1, "")
    assert ended.err == (
        "arriero: 0.0.0.0 can be reached from other machines, and whoever connects can read your "
        "files' text. Use 127.0.0.1, and a tunnel (ssh -L) if the editor is elsewhere.\n"
    )


async def test_port_that_is_taken(arriero):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = "{}:{}".format(*taken.getsockname())
        ended = await arriero("serve", "--tcp", address)
    assert (ended.code, ended.out) == (1, "")
    assert ended.err.startswith(f"arriero: {address} cannot be listened on: ")
    assert ended.err.count("\n") == 1

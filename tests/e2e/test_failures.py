"""What a person sees when something is wrong: one clear message, and a server that goes on."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from tenacity import wait_none

from desk import Desk
from e2e.house import NO_MODEL, Backend, backend, in_memory, over_stdio, settings
from e2e.truth import CURSOR, DOCUMENTATION, REST_OF_LINE, TRUTH, without, write
from editors.simulated import PATIENCE, simulated
from model.rawserver import RawServer, plain

PAGE = plain("404 Not Found", "<html><title>Welcome</title></html>", "content-type: text/html")


@pytest.fixture
async def truth(tmp_path):
    return write(tmp_path / "truth").parent


@pytest.fixture(autouse=True)
def no_pause(monkeypatch):
    """Try again at once: how long to wait is tested in tests/model/test_retry.py."""
    monkeypatch.setattr("arriero.model.retry.BACKOFF", wait_none())


async def check(desk: Desk, *, says: str) -> None:
    """Ask in every way while something is wrong, and see what is said.

    One message, whoever came first: the start, the typing or the person who asked. Who asks again
    is told again.
    """
    desk.open(without(REST_OF_LINE), "paths.py")
    await desk.suggestion_while_typing()
    await desk.suggestion_while_typing()
    await desk.suggestion()
    assert desk.messages == [says]
    assert await told(desk, desk.choose("explain")) == [says]
    assert await told(desk, desk.suggestion()) == [says]
    assert await told(desk, desk.suggestion_while_typing()) == []
    assert desk.text == without(REST_OF_LINE).replace(CURSOR, "")


async def told(desk: Desk, asking) -> list[str]:
    """Return what was shown while something was asked."""
    before = len(desk.messages)
    await asking
    return desk.messages[before:]


async def check_recovers(desk: Desk) -> None:
    """Ask once the cause is gone."""
    desk.open(without(REST_OF_LINE), "again/paths.py")
    before = len(desk.messages)
    assert await desk.suggestion() == REST_OF_LINE
    desk.open(without(DOCUMENTATION), "and_again/paths.py")
    await desk.choose("document")
    assert desk.text == TRUTH
    assert len(desk.messages) == before


async def change_settings(desk: Desk, told: dict[str, object]) -> None:
    """Change the editor's settings, and wait until they are in force."""
    desk.client.settings = told
    desk.client.notify("workspace/didChangeConfiguration", {"settings": None})
    async with asyncio.timeout(PATIENCE):
        await desk.client.until("arriero/status", lambda status: status["state"] == "starting")


# The model server fails ---------------------------------------------------------------------------


@asynccontextmanager
async def failing(root, truth, **orders):
    """A desk, and a model that fails as ordered."""
    async with backend(truth) as model, in_memory(root, settings(model.url)) as desk:
        await desk.client.until("arriero/status", lambda status: status["state"] == "ready")
        model.order(**orders)
        yield desk, model


GAVE_UP = (
    "{url} gave up while it generated (Request failed during generation: CUDA error: an illegal "
    "memory access was encountered). Try again; if it goes on, look into the model server's log."
)
FAULTS = {
    "overloaded": (
        {"overload": 99},
        "{url} is busy or still loading (Model is overloaded). Try again in a moment.",
    ),
    "it gives up at once": ({"fault_at": 0}, GAVE_UP),
    "it gives up in the middle": ({"fault_at": 3}, GAVE_UP),
    "the connection breaks": (
        {"drop_at": 3},
        "{url} closed the connection before its answer was complete. The model server may have "
        "stopped: look into its log, and try again.",
    ),
}


@pytest.mark.parametrize(("orders", "says"), FAULTS.values(), ids=FAULTS)
async def test_fault_of_the_model_server(orders, says, tmp_path, truth):
    async with failing(tmp_path, truth, **orders) as (desk, model):
        await check(desk, says=says.format(url=model.url))
        model.order()
        await check_recovers(desk)


async def test_short_overload_is_waited_out_by_who_asked(tmp_path, truth):
    async with failing(tmp_path, truth, overload=2) as (desk, model):
        desk.open(without(REST_OF_LINE), "paths.py")
        assert await desk.suggestion() == REST_OF_LINE
        assert desk.messages == []
        assert model.states == ["failed", "failed", "finished"]


async def test_refusal_is_no_suggestion_and_changes_nothing(tmp_path, truth):
    async with failing(tmp_path, truth, refuse=True) as (desk, model):
        desk.open(without(DOCUMENTATION), "paths.py")
        assert await desk.suggestion_while_typing() is None
        assert desk.messages == []
        assert await told(desk, desk.suggestion()) == [
            "The model declined to suggest anything here. Ask again, or a few lines further on."
        ]
        assert await told(desk, desk.choose("simplify")) == [
            "The model declined to answer, so nothing was changed. Asking about less code may help."
        ]
        assert desk.text == without(DOCUMENTATION).replace(CURSOR, "")
        model.order()
        await check_recovers(desk)


async def test_killed_model_server(tmp_path, truth):
    with simulated(truth, "--stall-at", "3") as server:
        async with over_stdio(tmp_path, settings(server.url)) as desk:
            desk.open(without(REST_OF_LINE), "paths.py")
            asking = asyncio.create_task(desk.suggestion())
            await asyncio.to_thread(server.wait_for, ["running"])
            server.kill()
            assert await asking is None
            [broken] = desk.messages
            assert broken == (
                f"{server.url} closed the connection before its answer was complete. The model "
                "server may have stopped: look into its log, and try again."
            )
            assert await desk.suggestion_while_typing() is None
            assert desk.messages == [broken]
            with simulated(truth, "--port", server.url.rpartition(":")[2]):
                await check_recovers(desk)


# Cancelling ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("ask", [Desk.suggestion, lambda desk: desk.choose("simplify")])
async def test_cancelled_request_is_seen_closed_by_the_model_server(ask, tmp_path, truth):
    with simulated(truth, "--stall-at", "3") as server:
        async with over_stdio(tmp_path, settings(server.url)) as desk:
            desk.open(without(REST_OF_LINE), "paths.py")
            asking = asyncio.create_task(ask(desk))
            await asyncio.to_thread(server.wait_for, ["running"])
            asking.cancel()
            await asyncio.to_thread(server.wait_for, ["aborted"])
            async with backend(truth) as another:
                await change_settings(desk, settings(another.url))
                await check_recovers(desk)
            assert desk.messages == []


# The address or the key is wrong, or there is nothing ---------------------------------------------


async def check_mended(
    root, wrong: dict[str, object], model: Backend, says: str, *, at_start: bool = True
) -> None:
    """Ask with wrong settings, then with right ones. `at_start`: it is said at once, once."""
    async with in_memory(root, wrong) as desk:
        if at_start:
            await desk.client.until("window/showMessage")
            assert desk.messages == [says]
        await check(desk, says=says)
        await change_settings(desk, settings(model.url, **key(root, "sesame")))
        await check_recovers(desk)


def key(folder: Path, text: str) -> dict[str, object]:
    """Write a key where a person would, and return the setting that leads to it."""
    file = folder / f"{text}.key"
    file.write_text(f"{text}\n")
    return {"api_key_file": str(file)}


@pytest.fixture
async def guarded(truth):
    async with backend(truth, key="sesame") as model:
        yield model


async def test_wrong_key(tmp_path, guarded):
    await check_mended(
        tmp_path,
        settings(guarded.url, **key(tmp_path, "open")),
        guarded,
        f"{guarded.url} refuses the key (401 Unauthorized). Set ARRIERO_API_KEY to the key that "
        "the model server was started with.",
        at_start=False,
    )


async def test_no_key(tmp_path, guarded):
    await check_mended(
        tmp_path,
        settings(guarded.url),
        guarded,
        f"{guarded.url} asks for a key (401 Unauthorized). Set ARRIERO_API_KEY to it.",
        at_start=False,
    )


async def test_address_of_a_web_page(tmp_path, guarded):
    async with RawServer(PAGE) as server:
        says = (
            f"{server.url} answers, but not as a model server does: /info gives 404 Not Found. Set "
            "ARRIERO_URL to the address of TGI, vLLM, SGLang or llama.cpp's server."
        )
        await check_mended(tmp_path, settings(server.url), guarded, says)


async def test_address_where_nothing_listens(tmp_path, guarded):
    async with RawServer(PAGE) as server:
        gone = server.url
    says = (
        f"Nothing answers at {gone}: connection refused. Start the model server, or set "
        "ARRIERO_URL to its address."
    )
    await check_mended(tmp_path, settings(gone), guarded, says)


async def test_no_address_and_no_local_model(tmp_path, guarded, monkeypatch):
    monkeypatch.setenv("ARRIERO_CACHE", str(tmp_path / "empty"))
    await check_mended(tmp_path, {}, guarded, NO_MODEL)


async def test_no_address_and_the_local_model_switched_off(tmp_path, guarded):
    says = (
        "No model server is set, so arriero has nobody to ask. Set ARRIERO_URL, or `url` in your "
        "settings, to its address."
    )
    await check_mended(tmp_path, settings(""), guarded, says)

"""arriero.fetch: the demo model comes, and the editor shows how far it is."""

import pytest

from arriero import app
from arriero.errors import NoBackend
from arriero.lsp import fetching
from arriero.lsp.fetching import told
from desk import FULL, Desk
from wire import wired

PROGRESS = {**FULL, "window": {**FULL["window"], "workDoneProgress": True}}


@pytest.fixture
def fetched(tmp_path, monkeypatch):
    """Return what runs the command while the model comes in steps.

    It gives the answer, what the progress said, and the messages.
    """

    async def run(*steps, error: Exception | None = None):
        async def fetch():
            for step in steps:
                yield step
            if error:
                raise error

        monkeypatch.setattr(app, "fetched", fetch)
        quiet = {"local": {"enabled": False}}
        async with wired(
            app.server(), root=tmp_path, settings=quiet, capabilities=PROGRESS
        ) as client:
            desk = Desk(None, client, tmp_path)
            answer = await client.execute("arriero.fetch", [])
            await client.until("$/progress", lambda params: params["value"]["kind"] == "end")
            values = [params["value"] for method, params in client.heard if method == "$/progress"]
            return answer, values, desk.messages

    return run


async def test_it_says_how_far_it_is_and_when_it_is_there(fetched):
    answer, values, messages = await fetched((0, 2_000_000), (2_000_000, 2_000_000))
    assert (answer, messages) == ({"fetched": True}, [fetching.DONE])
    assert values[0]["title"] == fetching.TITLE
    assert values[0]["cancellable"]
    assert any("2 of 2 MB" in value.get("message", "") for value in values)


async def test_it_says_why_it_cannot_be(fetched):
    answer, _, messages = await fetched((1, 2), error=NoBackend("No network."))
    assert answer == {"fetched": False, "reason": "No network."}
    assert messages == ["No network."]


@pytest.mark.parametrize(
    ("numbers", "words"),
    [
        ((0, 93_000_000, 0, 0.0), "0 of 93 MB"),
        ((31_000_000, 93_000_000, 31_000_000, 10.0), "31 of 93 MB, 3.1 MB/s, 20 s left"),
        # What was there before tells nothing of the speed.
        ((62_000_000, 93_000_000, 31_000_000, 10.0), "62 of 93 MB, 3.1 MB/s, 10 s left"),
    ],
)
def test_how_far_it_is(numbers, words):
    assert told(*numbers) == words

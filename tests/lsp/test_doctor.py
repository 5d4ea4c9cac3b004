"""arriero.doctor: the doctor inside the editor, by the settings that are in force there."""

from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

from arriero import app
from desk import FULL, Desk
from e2e.house import backend, settings
from e2e.truth import write
from wire import wired


async def examined(tmp_path, capabilities):
    """Call the command; give its text, and what the editor was shown."""
    async with backend(write(tmp_path / "truth").parent) as model:
        told = settings(model.url)
        server = app.server()
        async with wired(server, root=tmp_path, settings=told, capabilities=capabilities) as client:
            desk = Desk(None, client, tmp_path)
            answer = await client.execute("arriero.doctor", [])
            return answer["text"], [read(uri) for uri in client.shown], desk.messages


def read(uri: str) -> str:
    return Path(url2pathname(urlsplit(uri).path)).read_text("utf-8")


async def test_it_is_shown_as_a_document(tmp_path):
    shows = {**FULL, "window": {**FULL["window"], "showDocument": {"support": True}}}
    text, shown, messages = await examined(tmp_path, shows)
    assert text.startswith("# What arriero's doctor finds\n\n- ✓ **settings** (read the settings)")
    assert "\n- ✓ **kind** (ask /info and /v1/models): It is simulated 3.3.7.\n" in text
    assert (shown, messages) == ([text], [])


async def test_and_else_as_a_message(tmp_path):
    plain = {**FULL, "window": {**FULL["window"], "showDocument": {"support": False}}}
    text, shown, messages = await examined(tmp_path, plain)
    assert (shown, messages) == ([], [text])

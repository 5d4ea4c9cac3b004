"""What people are shown of what leaves: the very prompt, and what is held back."""

from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

from arriero.errors import NoBackend
from desk import FULL, Desk
from lsp.test_secrets import FILE, KEY

SHOWS = {**FULL, "window": {**FULL["window"], "showDocument": {"support": True}}}
PLAIN = {**FULL, "window": {**FULL["window"], "showDocument": {"support": False}}}


def read(uri: str) -> str:
    return Path(url2pathname(urlsplit(uri).path)).read_text("utf-8")


async def report(desk) -> dict:
    asked = {"uri": desk.uri, "position": desk.cursor._asdict()}
    return await desk.client.request("arriero/privacy", asked)


async def test_the_parts_are_those_of_the_request_that_follows(desk):
    desk.open(f"{FILE}def head(name):\n    return ‸\n\n\nx = 1\n")
    told = await report(desk)
    assert desk.model.prompts == []
    desk.model.replies = ["name\n```"]
    await desk.suggestion()
    [prompt] = desk.model.prompts
    assert all(part["text"] in prompt for part in told["parts"])
    assert {part["part"] for part in told["parts"]} >= {"Instructions", "Code after the cursor"}
    assert 0 < max(part["tokens"] for part in told["parts"]) < told["tokens"]
    assert (told["to"], told["model"]) == (desk.model.about.url, desk.model.about.id)


async def test_what_is_redacted_is_told_by_kind_and_line_and_not_shown(desk):
    desk.open(f"{FILE}use('{KEY}')\nx = ‸\n")
    told = await report(desk)
    [secret] = told["redacted"]
    assert (secret["kind"], secret["lines"]) == ("Secret value", [1, 4])
    assert secret["placeholder"] in str(told["parts"])
    assert KEY not in str(told)


async def test_why_a_file_is_kept_back_is_told_with_the_rule(desk):
    (desk.root / ".arrieroignore").write_text("*.sql\n")
    desk.open("select 1‸\n", name="a.sql", language="sql")
    told = await report(desk)
    kept = f'a.sql is sent to no model: "*.sql" in {desk.root / ".arrieroignore"} keeps it back.'
    assert (told["kept_back"], told["parts"], told["redacted"]) == (kept, [], [])


async def test_at_a_secret_it_says_that_nothing_is_sent(desk):
    desk.open(f'token = "{KEY}‸"\n')
    assert "stands at what looks like a secret" in (await report(desk))["kept_back"]


async def test_files_kept_back_that_are_open_or_beside_it_are_told(desk):
    (desk.root / ".env").write_text("A=1\n")
    (desk.root / "b.py").write_text("b = 1\n")
    desk.client.open((desk.root.parent / "id_rsa").as_uri(), "x", "plaintext")
    desk.open("x = ‸\n")
    assert {each["file"] for each in (await report(desk))["beside"]} == {".env", "id_rsa"}


async def test_the_command_shows_a_document(tmp_path):
    async with Desk.at(tmp_path, capabilities=SHOWS) as desk:
        desk.open(f"{FILE}x = ‸\n")
        asked = {"uri": desk.uri, "position": desk.cursor._asdict()}
        await desk.client.execute("arriero.privacy", [asked])
        text = read(*desk.client.shown)
        assert text.startswith("# What arriero would send for a suggestion in example.py, line 4\n")
        assert ": Secret value, line 1\n" in text
        assert KEY not in text


async def test_the_command_without_a_place_takes_the_last_one_that_was_asked_about(tmp_path):
    async with Desk.at(tmp_path, capabilities=PLAIN) as desk:
        desk.open("x = ‸\n")
        await desk.client.execute("arriero.privacy", [])
        assert desk.messages.pop().startswith("arriero does not know where you are")
        desk.client.messages.clear()
        desk.model.replies = ["1\n```", "2\n```"]
        await desk.suggestion()
        desk.open("y = \nz = ‸\n", name="other.py")
        await desk.suggestion()
        await desk.client.execute("arriero.privacy", [])
        assert desk.messages[0].startswith(
            "# What arriero would send for a suggestion in other.py, line 2"
        )


async def test_without_a_model_it_says_what_to_do(tmp_path):
    async with Desk.at(tmp_path, model=NoBackend("Set ARRIERO_URL.")) as desk:
        desk.open("x = ‸\n")
        assert await desk.client.execute(
            "arriero.privacy", [{"uri": desk.uri, "position": {"line": 0, "character": 1}}]
        ) == {"reason": "Set ARRIERO_URL."}

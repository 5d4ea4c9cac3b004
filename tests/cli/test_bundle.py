"""`arriero doctor --bundle`: what helps others to help, and nothing of a person's own."""

import pytest

from log_lines import CODE, DEBUG, LINES

KEY = "gateway-key-of-mine"
ADDRESS = "http://127.0.0.1:9/models-of-ours"


@pytest.fixture
async def bundled(arriero, tmp_path, monkeypatch):
    """Run the doctor, who finds nobody; return what was written."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ARRIERO_URL", ADDRESS)
    monkeypatch.setenv("ARRIERO_API_KEY", KEY)
    monkeypatch.setenv("ARRIERO_MAX_NEW_TOKENS", "77")
    (tmp_path / "arriero.toml").write_text(
        f'max_new_token = 1\n[actions.own.mine]\ntitle = "Ours"\ninstruction = "{CODE}"\n'
    )

    async def run(log: str = "", *arguments: str) -> str:
        if log:
            (tmp_path / "editor.log").write_text(log)
            arguments = ("--log", "editor.log", *arguments)
        ended = await arriero("doctor", "--bundle", "bundle.md", *arguments)
        assert ended.code == 1  # there is something to mend
        assert "bundle.md is written. Read it before you pass it on." in ended.err
        return (tmp_path / "bundle.md").read_text("utf-8")

    return run


async def test_it_has_versions_settings_with_their_sources_and_findings(bundled):
    text = await bundled()
    assert "\n- Python: 3." in text
    assert "\n- pygls: 2." in text
    assert "\n- `max_new_tokens`: 77, by the environment\n" in text
    assert "\n- `url`: set, by the environment\n" in text
    assert "\n- `actions.own`: ['mine'], by" in text
    assert "did you mean max_new_tokens?" in text
    assert "\n- ✗ **" in text
    assert "end of the log" not in text


async def test_no_key_address_or_text_of_a_persons_own_is_in_it(bundled):
    text = await bundled(f"{LINES}2026-11-22 10:00:09,000 ERROR arriero.model: {KEY} {ADDRESS}\n")
    for word in (KEY, ADDRESS, "127.0.0.1:9", CODE):
        assert word not in text
    assert "ERROR arriero.model: *** ***" in text


async def test_of_a_log_only_what_has_no_code_is_in_it(bundled):
    text = await bundled(LINES)
    assert "\n    2026-11-22 10:00:01,000 ERROR arriero.lsp: It failed: ValueError\n" in text
    assert '\n      File "/app/arriero/lsp/server.py", line 7, in act\n' in text
    text = await bundled(DEBUG)
    assert CODE not in text
    assert "left out: code stands in it" in text


async def test_who_asks_for_code_gets_it(bundled):
    text = await bundled(DEBUG, "--with-code")
    assert CODE in text
    assert "with code of yours in it, as you asked" in text


async def test_a_log_that_is_not_there_is_told(arriero, model, tmp_path):
    gone = tmp_path / "gone.log"
    ended = await arriero("doctor", "--bundle", str(tmp_path / "b.md"), "--log", str(gone))
    assert (ended.code, ended.err) == (1, f"arriero: {gone}: No such file or directory.\n")


async def test_a_log_without_a_bundle_is_a_wrong_command_line(arriero):
    ended = await arriero("doctor", "--log", "x")
    assert ended.code == 2
    assert "--log and --with-code are for --bundle" in ended.err

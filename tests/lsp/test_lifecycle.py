"""Settings, where they come from; what a person is told at the start."""

import asyncio

import pytest

from arriero.assist.seam import Piece
from desk import Desk, ScriptedModel


async def test_a_workspace_file_may_not_redirect_text(tmp_path):
    (tmp_path / "arriero.toml").write_text('url = "http://evil.example"\nmax_new_tokens = 32\n')
    async with Desk.at(tmp_path) as desk:
        message = await desk.client.until("window/showMessage")
        assert message["message"].startswith("url in ")
        assert "refused" in message["message"]


async def test_the_rest_of_a_workspace_file_counts(tmp_path):
    (tmp_path / "arriero.toml").write_text('url = "http://evil.example"\nactions.enabled = []\n')
    async with Desk.at(tmp_path) as desk:
        desk.open("⟦x = 1⟧\n")
        assert await desk.offers() == []


async def test_a_wrong_setting_is_named_and_told_once(tmp_path):
    async with Desk.at(tmp_path, settings={"max_new_token": 5}) as desk:
        desk.open("x = ‸\n")
        desk.model.replies = [" 1\n"]
        assert await desk.suggestion() == "1"
        await desk.client.until("arriero/status", lambda status: status["state"] == "ready")
        assert len([m for m in desk.messages if "did you mean max_new_tokens" in m]) == 2


async def test_the_demo_model_says_that_it_is_one(tmp_path):
    model = ScriptedModel("SmolLM2-135M-Instruct", "local")
    async with Desk.at(tmp_path, model=model) as desk:
        message = await desk.client.until("window/showMessage")
        assert "demo model" in message["message"]
        assert "ARRIERO_URL" in message["message"]


@pytest.mark.parametrize("change", [{"arriero": {"actions": {"enabled": ["explain"]}}}, None])
async def test_changed_settings_count_from_now_on(tmp_path, change):
    async with Desk.at(tmp_path, settings={}) as desk:
        desk.open("⟦x = 1⟧\n")
        desk.client.settings = {"actions": {"enabled": ["explain"]}}
        await desk.client.until("arriero/status", lambda status: status["state"] == "ready")
        desk.client.notify("workspace/didChangeConfiguration", {"settings": change})
        await desk.client.until("arriero/status", lambda status: status["state"] == "starting")
        assert [item["title"] for item in await desk.offers()] == ["Explain"]


async def test_the_model_that_changed_settings_name_is_met_at_once(tmp_path):
    async with Desk.at(tmp_path, settings={}) as desk:
        await desk.client.until("arriero/status", lambda status: status["state"] == "ready")
        desk.client.settings = {"url": "http://127.0.0.1:1"}
        desk.client.heard.clear()
        desk.client.notify("workspace/didChangeConfiguration", {"settings": None})
        await desk.client.until("arriero/status", lambda status: status["state"] == "ready")


async def test_that_the_demo_model_is_one_is_said_once(tmp_path):
    model = ScriptedModel("SmolLM2-135M-Instruct", "local")
    async with Desk.at(tmp_path, model=model, settings={}) as desk:
        await desk.client.until("window/showMessage")
        desk.client.settings = {"completion": {"pace": 1}}
        desk.client.heard.clear()
        desk.client.notify("workspace/didChangeConfiguration", {"settings": None})
        await desk.client.until("arriero/status", lambda status: status["state"] == "ready")
        await desk.client.request("arriero/status", {})
        assert len(desk.messages) == 1


async def test_the_status_names_the_model(desk):
    desk.open("x = ‸\n")
    desk.model.replies = [" 1\n"]
    await desk.suggestion()
    status = await desk.client.request("arriero/status", {})
    assert status["state"] == "ready"
    assert status["model"] == "codellama/CodeLlama-70b-Instruct-hf"
    assert status["dialect"] == "source_destination"
    assert status["last"]["tokens"] == 1


class Endless(ScriptedModel):
    """Says enough to show, and then keeps the rest to itself."""

    async def _pieces(self, reply):
        yield Piece(reply)
        await asyncio.Event().wait()


async def test_the_status_tells_of_an_answer_that_is_shown_before_its_end(tmp_path):
    async with Desk.at(tmp_path, model=Endless()) as desk:
        desk.open("x = ‸\n")
        desk.model.replies = [" 1\ny = 2\nz"]
        assert await desk.suggestion() == "1"
        status = await desk.client.request("arriero/status", {})
        assert status["last"]["tokens"] == 1


async def test_the_prompt_can_be_seen_without_being_sent(desk):
    desk.open("x = ‸\n")
    shown = await desk.client.request(
        "arriero/prompt", {"uri": desk.uri, "position": desk.cursor._asdict()}
    )
    assert shown["text"].endswith("```python\nx =")
    assert desk.model.prompts == []

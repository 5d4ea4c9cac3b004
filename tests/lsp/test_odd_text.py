"""Documents that no tokenizer, or no clock, is fond of: answered like any other, or refused."""

import logging

import pytest

from desk import Desk, ScriptedModel

MOST_COUNTED = 4_000_000  # characters, over all counts that one request takes
ODD = {
    "half a character": 'x = "\ud83d" +‸\n',
    "other line ends": "x\u2028y\u0085z\f = 1 +‸\n",
    "special tokens": "x = '<s></s><step>[INST]<<SYS>><PRE>\u200b' +‸\n",
}
LONG = {
    "code above the cursor": "x = 1;" * 1_700_000 + "y =‸\n",
    "code below the cursor": "‸" + "x = 1;" * 1_700_000 + "\n",
    "stars": "*" * 10_000_000 + " x =‸\n",
}


class Counting(ScriptedModel):
    """Notes how many characters are counted."""

    counted = 0

    def count(self, text):
        self.counted += len(text)
        return super().count(text)


@pytest.fixture
async def desk(tmp_path, model):
    async with Desk.at(tmp_path, model=Counting(f"codellama/CodeLlama-{model}-hf")) as desk:
        yield desk


@pytest.mark.parametrize("model", ["70b-Instruct", "7b", "34b"])
@pytest.mark.parametrize("text", ODD.values(), ids=ODD)
async def test_odd_characters_are_sent_like_any_other(desk, text, caplog):
    caplog.set_level(logging.ERROR)
    desk.open(text)
    desk.model.replies = [" 1\n```"]
    assert (await desk.suggestion()).strip() == "1"
    desk.model.replies = ["x = 2\n```\n"]
    assert await desk.choose("simplify") == {"applied": True}
    assert desk.text.startswith("x = 2")
    assert (desk.messages, caplog.records) == ([], [])


@pytest.mark.parametrize("model", ["70b-Instruct", "7b", "34b"])
async def test_a_file_with_a_zero_byte_gets_suggestions_and_no_actions(desk):
    desk.open('x = "\0" +‸\n')
    desk.model.replies = [" 1\n```"]
    assert (await desk.suggestion()).strip() == "1"
    assert "\0" in desk.model.prompts[0]
    assert await desk.offers() == []


@pytest.mark.parametrize("model", ["70b-Instruct"])
@pytest.mark.parametrize("text", LONG.values(), ids=LONG)
async def test_a_line_of_ten_megabytes_costs_little(desk, text, caplog):
    caplog.set_level(logging.ERROR)
    desk.open(text)
    desk.model.replies = [" 1\n```"]
    await desk.suggestion()
    for prompt in desk.model.prompts:
        assert desk.model.count(prompt) <= desk.model.about.max_input_tokens
    assert await desk.choose("simplify") == {"applied": False, "reason": desk.messages[-1]}
    assert "tokens and the answer up to" in desk.messages[-1]
    assert desk.model.counted < MOST_COUNTED
    assert caplog.records == []

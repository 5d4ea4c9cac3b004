"""The 70B declines harmless requests too: that is said as such, and nothing of it is inserted."""

import pytest

# As people report them: ollama#2274, autogen#1476, vllm#2686.
REFUSALS = [
    "I cannot fulfill your request as it goes against ethical and moral principles.",
    "I apologize, but as a responsible AI language model, I cannot provide this.",
    "I'm sorry, but I can't assist with that.",
    "i’m sorry, i can’t do that.",
    "I am sorry, but I am not able to do this.",
    "I can't satisfy your request, I'm just an AI.",
    "As a responsible and ethical AI language model, I must point out that this is wrong.",
]
PLACES = ["x =‸\n", "x = tot‸\n", "def f():\n    ‸\n", "def f():\n‸\n", "‸"]
refusals = pytest.mark.parametrize("refusal", REFUSALS)
places = pytest.mark.parametrize("place", PLACES)
spaces = pytest.mark.parametrize("space", ["", " ", "\n"], ids=["", "blank", "line"])


@refusals
@places
@spaces
async def test_whoever_asks_for_a_suggestion_is_told(desk, refusal, place, space):
    desk.open(place)
    desk.model.replies = [f"{space}{refusal}\n```"]
    assert await desk.suggestion() is None
    [told] = desk.messages
    assert told.startswith("The model declined to suggest anything here.")


@refusals
@places
async def test_nobody_is_told_while_they_type(desk, refusal, place):
    desk.open(place)
    desk.model.replies = [f" {refusal}\n```"]
    assert await desk.suggestion_while_typing() is None
    assert desk.messages == []


async def test_whoever_asks_again_may_have_better_luck(desk):
    desk.open("x =‸\n")
    desk.model.replies = [REFUSALS[0], " 1\n"]
    assert (await desk.suggestion(), await desk.suggestion()) == (None, " 1")
    assert [bool(prompt.sampling) for prompt in desk.model.asked] == [False, True]


@refusals
@pytest.mark.parametrize("action", ["simplify", "document", "explain"])
async def test_whoever_chooses_an_action_is_told(desk, refusal, action):
    desk.open("⟦def f(a):\n    return not not a\n⟧")
    desk.model.replies = [f" {refusal}"]
    ended = await desk.choose(action)
    [told] = desk.messages
    assert told.startswith("The model declined to answer, so nothing was changed.")
    assert ended == {"applied": False, "reason": told, "refused": True}
    assert desk.text == "def f(a):\n    return not not a\n"


@pytest.mark.parametrize(
    "code", [" i_cannot = 1\n", " As = 2\n", " [I for I in x]\n", " apologize()\n"]
)
async def test_code_is_no_refusal(desk, code):
    desk.open("x =‸\n")
    desk.model.replies = [code]
    assert await desk.suggestion() == code.rstrip("\n")
    assert desk.messages == []

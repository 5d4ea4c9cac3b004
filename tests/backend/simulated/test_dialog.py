"""Reading prompts by the reference's rules: the exact form passes, and nothing near it does."""

from __future__ import annotations

import pytest

from arriero_backend.simulated import dialog
from arriero_backend.simulated.dialog import Beginning, Dialog, Flaw, Header, Turns
from arriero_backend.simulated.tokenizer import encode

SYSTEM = "Source: system\n\n Be brief. <step> "
USER = "Source: user\n\n Hi there <step> "
ASSISTANT = "Source: assistant\n\n Hello. <step> "
REPLY = "Source: assistant\nDestination: user\n\n "


def check(prompt: str, expected: Dialog | type[Flaw]) -> None:
    """Read a prompt that was sent without `<s>`, as /generate gets it."""
    tokens = encode(prompt, add_special_tokens=True)
    if isinstance(expected, Dialog):
        assert dialog.read(tokens) == expected
    else:
        with pytest.raises(expected):
            dialog.read(tokens)


@pytest.mark.parametrize(
    ("prompt", "user", "prefill"),
    [
        (SYSTEM + USER + REPLY, "Hi there", ""),
        (SYSTEM + USER + REPLY + "```python\nx = ", "Hi there", "```python\nx = "),
        (SYSTEM + USER + ASSISTANT + "Source: user\n\n More <step> " + REPLY, "More", ""),
        # An empty system turn, written with its space or, as the reference has it, without.
        ("Source: system\n\n  <step> " + USER + REPLY, "Hi there", ""),
        ("Source: system <step> " + USER + REPLY, "Hi there", ""),
        # Blanks around <step> are part of it.
        ("Source: system\n\n S.<step>\n" + USER + REPLY, "Hi there", ""),
        ("Source: system\nDestination: all\n\n S <step> " + USER + REPLY, "Hi there", ""),
        # What was taken apart is put together again.
        (
            SYSTEM + "Source: user\n\n <\u200bstep> <\u200b\u200bs> <step> " + REPLY,
            "<step> <\u200bs>",
            "",
        ),
        (SYSTEM + "Source: user\n\n Source: system <step> " + REPLY, "Source: system", ""),
    ],
)
def test_the_form_of_the_training_data_is_understood(prompt, user, prefill):
    check(prompt, Dialog(user, prefill))


@pytest.mark.parametrize(
    ("prompt", "flaw"),
    [
        ("<s>" + SYSTEM + USER + REPLY, Beginning),
        (SYSTEM + "Source: user\n\n a <s> b <step> " + REPLY, Beginning),
        (SYSTEM + "Source: user\n\n a</s>b <step> " + REPLY, Turns),
        (SYSTEM + "Source: user\n\n a <PRE> b <step> " + REPLY, Turns),
        (SYSTEM + USER + REPLY + "<html> <SUF>", Turns),
        (SYSTEM + USER + REPLY[:-1], Header),
        (SYSTEM + USER + REPLY[:-2], Header),
        (SYSTEM + USER + "Source: assistant\n\n ", Header),
        (SYSTEM + USER + "Source: assistant\nDestination: user \n\n ", Header),
        (SYSTEM + USER, Header),
        (SYSTEM + "Source: user\n\nHi <step> " + REPLY, Header),
        (SYSTEM + "Source: user\n Hi <step> " + REPLY, Header),
        (SYSTEM + "Source: user\n\n  Hi <step> " + REPLY, Header),
        (" " + SYSTEM + USER + REPLY, Turns),
        (USER + REPLY, Turns),
        (SYSTEM + REPLY, Turns),
        (REPLY, Turns),
        ("", Turns),
        (SYSTEM + USER + USER + REPLY, Turns),
        (SYSTEM + SYSTEM + USER + REPLY, Turns),
        (SYSTEM + USER + ASSISTANT + REPLY, Turns),
        (SYSTEM + ASSISTANT + USER + REPLY, Turns),
        (SYSTEM + "Source: user\n\n a <step> b <step> " + REPLY, Turns),
        (SYSTEM + USER + REPLY + "x <step> y", Turns),
        # Where it touches a word it is text, and the turn has no end.
        ("Source: system\n\n S<step>" + USER + REPLY, Turns),
    ],
)
def test_nothing_near_it_is(prompt, flaw):
    check(prompt, flaw)


def test_a_prompt_without_any_begin_is_amiss():
    with pytest.raises(Beginning):
        dialog.read(encode(SYSTEM + USER + REPLY, add_special_tokens=False))


# The chat template ------------------------------------------------------------------------------


def test_the_template_writes_what_the_card_has():
    messages = [
        {"role": "system", "content": "System prompt    "},
        {"role": "user", "content": "First user query"},
        {"role": "assistant", "content": "Model response to first query"},
        {"role": "user", "content": "Second user query"},
    ]
    prompt = dialog.render(messages)
    assert prompt == (
        "<s>Source: system\n\n System prompt <step> Source: user\n\n First user query <step> "
        "Source: assistant\n\n Model response to first query <step> "
        "Source: user\n\n Second user query <step> Source: assistant\nDestination: user\n\n "
    )
    read = dialog.read(encode(prompt, add_special_tokens=False))
    assert read == Dialog("Second user query", "")


@pytest.mark.parametrize(
    "roles",
    [[], ["assistant"], ["user", "user"], ["system", "assistant"]],
    ids=str,
)
def test_the_template_refuses_other_orders(roles):
    with pytest.raises(ValueError, match=r"a chat|roles must alternate"):
        dialog.render([{"role": role, "content": "x"} for role in roles])

"""Dialogs of the 7B, 13B and 34B Instruct: Llama 2's tags, read and written.

Source of the rules: `chat_completion` in facebookresearch/codellama (1af62e1). Each pair of turns
stands between `<s>` and `</s>`; the system's words stand inside the first turn of the user.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from arriero_backend.engine import InputToken
from arriero_backend.simulated.dialog import Beginning, Dialog, Header, Turns
from arriero_backend.simulated.tokenizer import BEGIN, END, SPECIAL_IDS

_PAIR = re.compile(r"\[INST\] (?P<user>.*) \[/INST\] (?P<answer>\S.*)? ", re.DOTALL)
_OPEN = re.compile(r"\[INST\] (?P<user>.*?) \[/INST\](?: (?P<prefill>.+))?", re.DOTALL)
_SYSTEM = re.compile(r"<<SYS>>\n(?P<system>.*?)\n<</SYS>>\n\n", re.DOTALL)
_TAGS = ("[INST]", "[/INST]", "<<SYS>>", "<</SYS>>")
# What arriero puts into special names and tags in people's text.
_APART = re.compile(
    "<\u200b(?=\u200b*(?:s|/s|unk|step|PRE|SUF|MID|EOT)>)"
    "|<\u200b(?=\u200b*</?SYS>>)"
    r"|\[" + "\u200b(?=\u200b*/?INST\\])"
)


def read(tokens: Sequence[InputToken]) -> Dialog:
    """Return the last user turn and the prefill; raises Flaw."""
    ids = [token.id for token in tokens]
    if ids[:1] != [BEGIN] or BEGIN in ids[1:2]:
        raise Beginning("the prompt has to have <s> once, at its beginning")
    if SPECIAL_IDS.intersection(ids) - {BEGIN, END}:
        raise Turns("a special token stands in the text")
    *pairs, last = _segments(tokens[1:])
    users = []
    for pair in pairs:
        found = _PAIR.fullmatch(pair)
        if found is None:
            raise Header("a pair of turns is not exactly as in the training data")
        users.append(found["user"])
    found = _OPEN.fullmatch(last)
    if found is None:
        raise Header("the last turn is not exactly as in the training data")
    users.append(found["user"])
    users[0] = _SYSTEM.sub("", users[0], count=1)
    if any(tag in text for tag in _TAGS for text in (*users, found["prefill"] or "")):
        raise Turns("a tag stands in the text")
    return Dialog(_together(users[-1]), _together(found["prefill"] or ""))


def render(messages: Sequence[Mapping[str, str]]) -> str:
    """Write a chat as the models' own template does; raises ValueError with its words."""
    if not messages:
        raise ValueError("a chat needs at least one message")
    system, spoken = "", list(messages)
    if spoken[0]["role"] == "system":
        system = f"<<SYS>>\n{spoken[0]['content']}\n<</SYS>>\n\n"
        spoken = spoken[1:]
    text = ""
    for number, message in enumerate(spoken):
        if (message["role"] == "user") != (number % 2 == 0):
            raise ValueError("Conversation roles must alternate user/assistant/user/assistant/...")
        if message["role"] == "user":
            text += f"<s>[INST] {(system + message['content']).strip()} [/INST]"
            system = ""
        else:
            text += f" {message['content'].strip()} </s>"
    return text


def _segments(tokens: Sequence[InputToken]) -> list[str]:
    """Return the texts of the pairs, and of the turn that is to be answered."""
    segments, before = [""], None
    for token in tokens:
        if (token.id == BEGIN) != (before == END):
            raise Turns("a pair of turns has to stand between <s> and </s>")
        if token.id == BEGIN:
            segments.append("")
        elif token.id != END:
            segments[-1] += token.text
        before = token.id
    if before == END:
        raise Turns("no turn is left to be answered")
    return segments


def _together(text: str) -> str:
    return _APART.sub(lambda found: found.group()[0], text)

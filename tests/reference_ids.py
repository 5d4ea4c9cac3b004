"""The token ids of prompts by Meta's rule, which encodes them part by part, in a small vocabulary.

Written from facebookresearch/codellama (1af62e1), llama/generation.py. It shares no line with the
code under test. Contents are taken apart first, as Meta refuses those that hold a sign.
"""

from __future__ import annotations

import small_tokenizer
from core.references import TAGS, TOKENS, apart

BEGIN, END, STEP = 1, 2, 32015
PRE, SUF, MID = 32007, 32008, 32009
CHAT = small_tokenizer.by_parts(begins_with_space=False)
SPACED = small_tokenizer.by_parts(begins_with_space=True)


def of_chat(dialog: list[dict], prefill: str = "") -> list[int]:
    """`dialog_prompt_tokens`, of contents taken apart; an empty one has no body."""
    if dialog[0]["role"] != "system":
        dialog = [{"role": "system", "content": ""}, *dialog]
    ids = [BEGIN]
    for message in dialog:
        header = f" Source: {message['role'].strip()}"
        if message.get("destination") is not None:
            header += f"\nDestination: {message['destination'].strip()}"
        ids += part(header)
        content = apart(message["content"].strip())
        ids += [*(part(f"\n\n {content}") if content else []), STEP]
    return ids + part(" Source: assistant\nDestination: user") + part(f"\n\n {apart(prefill)}")


def of_chat_llama2(dialog: list[dict]) -> list[int]:
    """`chat_completion`."""
    signs = (*TOKENS, *TAGS)
    dialog = [{**each, "content": apart(each["content"], signs)} for each in dialog]
    if dialog[0]["role"] == "system":
        system, first, *rest = dialog
        content = f"<<SYS>>\n{system['content']}\n<</SYS>>\n\n{first['content']}"
        dialog = [{"role": "user", "content": content}, *rest]
    *pairs, last = [dialog[place : place + 2] for place in range(0, len(dialog), 2)]
    ids = []
    for asked, answer in pairs:
        told = f"[INST] {asked['content'].strip()} [/INST] {answer['content'].strip()} "
        ids += [BEGIN, *spaced(told), END]
    return [*ids, BEGIN, *spaced(f"[INST] {last[0]['content'].strip()} [/INST]")]


def of_gap(prefix: str, suffix: str, *, suffix_first: bool) -> list[int]:
    """`infilling_prompt_tokens`; of an empty prefix the text form keeps one space."""
    before, after = spaced(apart(prefix)) or part(" "), part(apart(suffix))
    if suffix_first:
        return [BEGIN, PRE, SUF, *after, MID, *before]
    return [BEGIN, PRE, *before, SUF, *after, MID]


def part(text: str) -> list[int]:
    """Encode as the 70B's tokenizer does: what stands there and nothing more."""
    return CHAT.encode(text, add_special_tokens=False).ids


def spaced(text: str) -> list[int]:
    """Encode as the others' tokenizer does, with a space first."""
    return SPACED.encode(text, add_special_tokens=False).ids


def of_case(case: dict) -> list[int]:
    """Return the ids of one of the cases in core/prompts.json."""
    if case["group"] == "infill":
        return of_gap(case["prefix"], case["suffix"], suffix_first=case["suffix_first"])
    if case["group"] == "inst":
        return of_chat_llama2(case["messages"])
    return of_chat(case["messages"], case.get("prefill", ""))

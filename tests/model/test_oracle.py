"""Prompts held against the models' own chat templates, as transformers applies them.

A template and Meta's code do not agree on everything: TOLD_APART says where, and the dialects then
follow the code, with which the models were trained.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from jinja2 import TemplateError

import small_tokenizer
from arriero.core.dialects import Turn, llama2_inst, source_destination
from arriero.model import templates
from core.references import TAGS, TOKENS, apart

CASES = json.loads((Path(__file__).parent.parent / "core" / "prompts.json").read_text("utf-8"))

# tokenizer_config.json of CodeLlama-70b-Instruct-hf, as TGI's own tests have it too
# (db931fcf, router/src/infer/chat_template.rs).
CHAT_70B = (
    "{% if messages[0]['role'] == 'system' %}{% set user_index = 1 %}"
    "{% else %}{% set user_index = 0 %}{% endif %}"
    "{% for message in messages %}"
    "{% if (message['role'] == 'user') != ((loop.index0 + user_index) % 2 == 0) %}"
    "{{ raise_exception('Conversation roles must alternate user/assistant') }}{% endif %}"
    "{% if loop.index0 == 0 %}{{ '<s>' }}{% endif %}"
    "{% set content = 'Source: ' + message['role'] + '\n\n ' + message['content'] | trim %}"
    "{{ content + ' <step> ' }}{% endfor %}"
    "{{ 'Source: assistant\nDestination: user\n\n ' }}"
)
# The template that Llama 2 and the 7B to 34B Instruct share.
CHAT_LLAMA2 = (
    "{% if messages[0]['role'] == 'system' %}{% set loop_messages = messages[1:] %}"
    "{% set system_message = messages[0]['content'] %}"
    "{% else %}{% set loop_messages = messages %}{% set system_message = false %}{% endif %}"
    "{% for message in loop_messages %}"
    "{% if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}"
    "{{ raise_exception('Conversation roles must alternate user/assistant') }}{% endif %}"
    "{% if loop.index0 == 0 and system_message != false %}"
    "{% set content = '<<SYS>>\n' + system_message + '\n<</SYS>>\n\n' + message['content'] %}"
    "{% else %}{% set content = message['content'] %}{% endif %}"
    "{% if message['role'] == 'user' %}{{ bos_token + '[INST] ' + content.strip() + ' [/INST]' }}"
    "{% elif message['role'] == 'assistant' %}"
    "{{ ' ' + content.strip() + ' ' + eos_token }}{% endif %}{% endfor %}"
)

TOLD_APART = {
    "no_system": "the template writes no empty turn of the system's",
    "destination_key_on_assistant": "the template knows no destinations",
}
CHATS = [case for case in CASES if case["group"] not in ("infill", "prefill", "reject")]
AGREED = [case for case in CHATS if case["name"] not in TOLD_APART]
REFUSED = [case for case in CASES if case["group"] == "reject"]


@pytest.fixture(scope="module")
def oracles(tmp_path_factory):
    """Return a tokenizer with each template, loaded as transformers does."""

    def oracle(name: str, template: str):
        return templates.tokenizer(small_tokenizer.save(tmp_path_factory.mktemp(name), template))

    return {"chat": oracle("70b", CHAT_70B), "inst": oracle("7b", CHAT_LLAMA2)}


def written(case: dict) -> str:
    write = llama2_inst if case["group"] == "inst" else source_destination
    return "<s>" + write([Turn(m["role"], m["content"]) for m in case["messages"]])


def escaped(case: dict) -> list[dict]:
    signs = (*TOKENS, *TAGS) if case["group"] == "inst" else TOKENS
    return [{**m, "content": apart(m["content"].strip(), signs)} for m in case["messages"]]


def applied(oracles, case: dict, **how):
    oracle = oracles["inst" if case["group"] == "inst" else "chat"]
    return oracle.apply_chat_template(escaped(case), return_dict=False, **how)


def name(case: dict) -> str:
    return case["name"]


@pytest.mark.parametrize("case", AGREED, ids=name)
def test_text_and_ids_are_the_templates(case, oracles):
    text = written(case)
    assert applied(oracles, case, tokenize=False) == text
    ids = small_tokenizer.whole().encode(text, add_special_tokens=False).ids
    assert applied(oracles, case, tokenize=True) == ids


@pytest.mark.parametrize("case", [c for c in CHATS if c["name"] in TOLD_APART], ids=name)
def test_where_they_differ_the_dialect_is_the_references(case, oracles):
    turns = [Turn(m["role"], m["content"], m.get("destination")) for m in case["messages"]]
    text = "<s>" + source_destination(turns)
    assert text == case["prompt_text"]
    assert applied(oracles, case, tokenize=False) != text


@pytest.mark.parametrize("case", REFUSED, ids=name)
def test_a_template_refuses_only_turns_that_do_not_alternate(case, oracles):
    if case["name"] in ("rej_two_users", "rej_starts_assistant"):
        with pytest.raises(TemplateError, match="alternate"):
            applied(oracles, case, tokenize=False)
    else:
        assert applied(oracles, case, tokenize=False)

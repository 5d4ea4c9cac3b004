"""`arriero prompt`: the text that goes to the model, to the byte, or a sentence on why not."""

from __future__ import annotations

import json

import pytest

from arriero.model.reference import DIALOG

CARD = (
    "Source: system\n\n System prompt <step> Source: user\n\n First user query <step> "
    "Source: assistant\n\n Model response to first query <step> Source: user\n\n "
    "Second user query <step> Source: assistant\nDestination: user\n\n "
)
ASK = '[{"role": "user", "content": "Add."}]'


async def test_cards_dialog_to_the_byte(prompt):
    ended = await prompt(json.dumps(DIALOG))
    assert (ended.code, ended.out, ended.err) == (0, CARD, "")


async def test_prefill_follows_at_once(prompt):
    ended = await prompt(json.dumps(DIALOG), "--prefill", "```python\nx =")
    assert ended.out == CARD + "```python\nx ="


async def test_destination_is_written_where_a_message_names_one(prompt):
    said = '[{"role": "user", "content": "Hi.", "destination": "assistant"}]'
    ended = await prompt(said)
    assert "Source: user\nDestination: assistant\n\n Hi. <step>" in ended.out


async def test_text_of_every_script_comes_out_in_utf_8(prompt):
    ended = await prompt('[{"role": "user", "content": "größer 😀"}]')
    assert "größer 😀" in ended.out


async def test_model_that_only_continues_text(prompt):
    ended = await prompt(ASK, "--model", "codellama/CodeLlama-7b-hf", "--prefill", "def")
    assert (ended.code, ended.out) == (0, "Add.\n\ndef")


async def test_a_model_that_is_not_known_is_written_to_as_such(prompt):
    ended = await prompt(ASK, "--model", "CodeLama-70b-Instrct")
    assert ended.code == 0
    assert ended.err.startswith("arriero: CodeLama-70b-Instrct is none of the Code Llamas: ")


async def test_configured_model_server_does_not_matter(prompt, monkeypatch):
    monkeypatch.setenv("ARRIERO_URL", "http://127.0.0.1:1")
    monkeypatch.setenv("ARRIERO_DIALECT", "plain")
    assert (await prompt(json.dumps(DIALOG))).out == CARD


async def test_json(prompt):
    ended = await prompt(json.dumps(DIALOG), "--json")
    assert json.loads(ended.out) == {
        "text": CARD,
        "stop": ["<step>", "</s>"],
        "dialect": "source_destination",
    }


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("", "What came on stdin is no JSON (Expecting "),
        ("[{]", "What came on stdin is no JSON (Expecting "),
        (b"\xff\xfe[", "What came on stdin is no JSON that can be read: it has to be UTF-8"),
        ("[" * 100_000, "What came on stdin is no JSON that can be read: it has to be UTF-8"),
        (f"[{'1' * 6000}]", "What came on stdin is no JSON that can be read: it has to be UTF-8"),
        ("null", "What came on stdin has to be a JSON list of messages."),
        ('[{"role": "user", "content": null}]', "Turn 1 has to be an object such as "),
        ('[{"role": "User", "content": "a"}]', "Turn 1 is from 'User', where 'user' has to "),
        ('{"role": "user"}', "What came on stdin has to be a JSON list of messages."),
        ("[]", "The dialog is empty: it needs at least one turn from the user."),
        ('["Add."]', 'Turn 1 has to be an object such as {"role": "user", "content": "..."}'),
        ('[{"role": "user"}]', "Turn 1 has to be an object such as "),
        ('[{"role": "user", "content": 7}]', "Turn 1 has to be an object such as "),
        ('[{"role": "assistant", "content": "a"}]', "Turn 1 is from 'assistant', where 'user' "),
        ('[{"role": "system", "content": "a"}]', "Turn 1 is the last and from 'system': "),
        (r'[{"role": "user", "content": "ab\ud83d"}]', "Turn 1 has half a character at place 3"),
        ('[{"role": "tool", "content": "a"}]', "Turn 1 is from 'tool', where 'user' has to "),
        (ASK[:-1] + "," + ASK[1:], "Turn 2 is from 'user', where 'assistant' has to speak: "),
    ],
)
async def test_what_is_no_dialog(given, said, prompt):
    ended = await prompt(given)
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.startswith(f"arriero: {said}")
    assert ended.err.count("\n") == 1


# Other formats ------------------------------------------------------------------------------------


async def test_the_format_of_the_smaller_instruct_models(prompt):
    for size in ("7b", "13b", "34b"):
        ended = await prompt(ASK, "--model", f"codellama/CodeLlama-{size}-Instruct-hf")
        assert (ended.code, ended.out) == (0, "[INST] Add. [/INST]")


async def test_a_gap(gap):
    assert (await gap("a = ", "\r\n")).out == "<PRE> a =  <SUF>\r\n <MID>"
    assert (await gap("a = ", "\n", "--suffix-first")).out == "<PRE> <SUF>\n <MID> a = "


async def test_a_gap_for_a_model_that_fills_none(gap):
    ended = await gap("a", "b", model="codellama/CodeLlama-70b-Instruct-hf")
    assert (ended.code, ended.out) == (2, "")
    assert "was not trained to fill gaps" in ended.err


async def test_a_gap_in_a_file_that_is_not_there(prompt):
    ended = await prompt("", "--model", "codellama/CodeLlama-7b-hf", "--prefix", "nowhere")
    assert ended.code == 2
    assert ended.err.startswith("arriero: nowhere cannot be read: No such file or directory.")


async def test_ids_need_a_tokenizer(prompt):
    ended = await prompt(ASK, "--ids")
    assert (ended.code, ended.out) == (2, "")
    assert "--ids needs --tokenizer" in ended.err


async def test_a_line_of_ten_megabytes(prompt):
    text = "<\u200bstep" * 1_000_000
    ended = await prompt(json.dumps([{"role": "user", "content": text + "\0"}]))
    assert (ended.code, ended.err) == (0, "")
    assert f"Source: user\n\n {text}\0 <step> " in ended.out

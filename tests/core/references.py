"""The prompt formats once more, written from Meta's generation.py (1af62e1) as lists of tokens.

Tokens are texts here. It shares no line with the code under test; both must say the same.
"""

TOKENS = ("<s>", "</s>", "<unk>", "<step>", "<PRE>", "<SUF>", "<MID>", "<EOT>")
TAGS = ("[INST]", "[/INST]", "<<SYS>>", "<</SYS>>")


def apart(text: str, signs: tuple[str, ...] = TOKENS) -> str:
    """Take signs apart, those that are apart already by one more zero-width space."""
    written = ""
    for place, character in enumerate(text):
        written += character
        if character not in "<[":
            continue
        rest = text[place + 1 :].lstrip("\u200b")
        if any(character == sign[0] and rest.startswith(sign[1:]) for sign in signs):
            written += "\u200b"
    return written


def chat_70b(dialog: list[dict]) -> str:
    """`dialog_prompt_tokens`, joined as a tokenizer would be given it, without `<s>`."""
    if dialog[0]["role"] != "system":
        dialog = [{"role": "system", "content": ""}, *dialog]
    assert [m["role"] for m in dialog[1::2]] == ["user"] * len(dialog[1::2])
    assert [m["role"] for m in dialog[2::2]] == ["assistant"] * len(dialog[2::2])
    assert dialog[-1]["role"] == "user"
    tokens = []
    for message in dialog:
        tokens += [" Source: ", message["role"].strip()]
        if message.get("destination") is not None:
            tokens += ["\nDestination: ", message["destination"].strip()]
        tokens += ["\n\n ", apart(message["content"].strip()), " <step>"]
    tokens += [" Source: assistant\nDestination: user", "\n\n "]
    return "".join(tokens)[1:]  # the tokenizer of the 70B puts the first space back


def chat_llama2(dialog: list[dict]) -> str:
    """`chat_completion`, with each pair's signs written out, without the first `<s>`."""
    signs = (*TOKENS, *TAGS)
    dialog = [{**message, "content": apart(message["content"], signs)} for message in dialog]
    if dialog[0]["role"] == "system":
        system, first, *rest = dialog
        content = "<<SYS>>\n" + system["content"] + "\n<</SYS>>\n\n" + first["content"]
        dialog = [{"role": first["role"], "content": content}, *rest]
    assert all(m["role"] == "user" for m in dialog[::2])
    assert all(m["role"] == "assistant" for m in dialog[1::2])
    pairs = [
        f"<s>[INST] {prompt['content'].strip()} [/INST] {answer['content'].strip()} </s>"
        for prompt, answer in zip(dialog[::2], dialog[1::2], strict=False)
    ]
    assert dialog[-1]["role"] == "user"
    last = f"<s>[INST] {dialog[-1]['content'].strip()} [/INST]"
    return ("".join(pairs) + last).removeprefix("<s>")

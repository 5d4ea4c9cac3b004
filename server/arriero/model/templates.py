"""What transformers and tokenizers do for people at the command line; nothing here is served by.

Both load slowly, and never on the event loop: import this module late.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from arriero.errors import SettingsError
from arriero.model import hub  # noqa: F401  it quiets what is loaded next
from arriero.model.tokens import load


def token_ids(path: Path, text: str) -> list[int]:
    """Return the ids of a prompt as a server tokenizes it, `<s>` first. Raises SettingsError.

    `<s>` is written out and not asked of the tokenizer, whose file need not say that it adds one.
    """
    ids: list[int] = load(path).encode(f"<s>{text}", add_special_tokens=False).ids
    return ids


def tokenizer(path: Path) -> Any:
    """Load the tokenizer in a directory with its chat template. Raises whatever it likes.

    Nothing is fetched and no code of the directory is run.
    """
    from transformers import AutoTokenizer

    directory = path if path.is_dir() else path.parent
    return AutoTokenizer.from_pretrained(directory, local_files_only=True, trust_remote_code=False)


def render(path: Path, messages: Sequence[Mapping[str, str]]) -> str:
    """Write a chat by the template of the tokenizer in a directory, as TGI's chat route does.

    A last message of the assistant's is left open, for the model to go on with. Raises
    SettingsError.
    """
    begun = messages[-1]["role"] == "assistant"
    try:
        text: str = tokenizer(path).apply_chat_template(
            [dict(message) for message in messages],
            tokenize=False,
            add_generation_prompt=not begun,
            continue_final_message=begun,
        )
    except Exception as error:  # a template is somebody's program: it fails in any way it likes
        raise SettingsError(
            f"The tokenizer in {str(path)!r} cannot render this chat "
            f"({str(error).strip().partition(chr(10))[0]})."
        ) from None
    return text

"""Chat templates of tokenizers on this computer, as transformers reads them, and token ids.

For people at the command line, and for models whose server has no chat template. transformers takes
seconds to load: import it late, and never on the event loop.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from arriero.core.dialects import Turn
from arriero.errors import SettingsError
from arriero.model import hub  # noqa: F401  it quiets what is loaded next
from arriero.model.tokens import load

Writer = Callable[[Sequence[Turn]], str]


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
    directory = path if path.is_dir() else path.parent
    if not directory.is_dir():  # what is no folder would be taken for a name on the hub
        raise FileNotFoundError("there is no such folder")
    from transformers import AutoTokenizer

    return AutoTokenizer.from_pretrained(directory, local_files_only=True, trust_remote_code=False)


def writer(path: Path) -> Writer:
    """Return what writes turns by the template in a directory, as TGI's chat route does.

    A last turn of the assistant's is left open, for the model to go on with. The sign that the
    server will add at the beginning is left out. Both steps raise SettingsError.
    """
    with _explained(path):
        reader = tokenizer(path)
        adds_sign = reader.bos_token and reader("x").input_ids[:1] == [reader.bos_token_id]

    def write(turns: Sequence[Turn]) -> str:
        begun = turns[-1].role == "assistant"
        with _explained(path):
            text: str = reader.apply_chat_template(
                [{"role": turn.role, "content": turn.content} for turn in turns],
                tokenize=False,
                add_generation_prompt=not begun,
                continue_final_message=begun,
            )
        return text.removeprefix(reader.bos_token) if adds_sign else text

    return write


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    """Turn what goes wrong into words: a template is somebody's program and fails as it likes."""
    try:
        yield
    except Exception as error:
        raise SettingsError(
            f"The tokenizer in {str(path)!r} cannot render this chat "
            f"({str(error).strip().partition(chr(10))[0]})."
        ) from None

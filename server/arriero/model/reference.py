"""The model card's own check of a tokenizer: one dialog, and the ids that it has to become.

`arriero doctor` compares them with what a tokenizer on disk makes of the dialog, and with what the
model server makes of it. Where they differ, prompts do not say to the model what they should.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from arriero.errors import SettingsError

# Dialog and ids: the model card of codellama/CodeLlama-70b-Instruct-hf, "Chat use", made with
# `dialog_prompt_tokens` of facebookresearch/codellama (1af62e1). The blanks after "System prompt"
# belong to the check: they have to vanish.
DIALOG: tuple[dict[str, str], ...] = (
    {"role": "system", "content": "System prompt    "},
    {"role": "user", "content": "First user query"},
    {"role": "assistant", "content": "Model response to first query"},
    {"role": "user", "content": "Second user query"},
)

IDS = (
    *(1, 7562, 29901, 1788, 13, 13, 2184, 9508, 32015),
    *(7562, 29901, 1404, 13, 13, 3824, 1404, 2346, 32015),
    *(7562, 29901, 20255, 13, 13, 8125, 2933, 304, 937, 2346, 32015),
    *(7562, 29901, 1404, 13, 13, 6440, 1404, 2346, 32015),
    *(7562, 29901, 20255, 13, 14994, 3381, 29901, 1404, 13, 13, 29871),
)


# The id of the token that ends a turn.
STEP = 32015


def turns() -> list[tuple[int, ...]]:
    """Return the ids of each turn for itself, without those of the frame."""
    found: list[tuple[int, ...]] = [()]
    for id in IDS[1:]:
        if id == STEP:
            found.append(())
        else:
            found[-1] += (id,)
    return found


@dataclass(frozen=True, slots=True)
class Rendered:
    """A dialog as a chat template writes it, and the ids of that text, `<s>` included."""

    text: str
    ids: tuple[int, ...]


def render(path: Path) -> Rendered:
    """Render the card's dialog with the chat template of the tokenizer in a directory.

    Loads transformers, which takes seconds; nothing is fetched and no code of the directory is run.
    Raises SettingsError.
    """
    from arriero.model import templates

    try:
        tokenizer = templates.tokenizer(path)
        dialog = list(DIALOG)
        text: Any = tokenizer.apply_chat_template(dialog, tokenize=False)
        # Since transformers 5 the ids come wrapped in a mapping unless asked for bare.
        ids: Any = tokenizer.apply_chat_template(dialog, tokenize=True, return_dict=False)
    except Exception as error:  # a template is somebody's program: it fails in any way it likes
        raise SettingsError(
            f"The tokenizer in {str(path)!r} cannot render a chat ({_line(error)}). Set "
            "ARRIERO_TOKENIZER to a directory with the model's tokenizer.json and "
            "tokenizer_config.json."
        ) from None
    return Rendered(text, tuple(ids))


def _line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0]

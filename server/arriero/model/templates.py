"""What transformers and tokenizers do for people at the command line; nothing here is served by.

Both load slowly, and never on the event loop: import this module late.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from arriero.core.dialects import Turn, source_destination
from arriero.core.models import recognised
from arriero.errors import SettingsError
from arriero.model import (
    hub,  # noqa: F401  it quiets what is loaded next
    reference,
)
from arriero.model.tokens import load


def token_ids(path: Path, text: str) -> list[int]:
    """Return the ids of a prompt as a server tokenizes it, `<s>` first. Raises SettingsError.

    `<s>` is written out and not asked of the tokenizer, whose file need not say that it adds one.
    """
    ids: list[int] = load(path).encode(f"<s>{text}", add_special_tokens=False).ids
    return ids


def fetch(model: str, to: Path) -> bool:
    """Save the tokenizer.json of a model on the hub, or in a folder.

    Returns whether it was checked against the card's ids, as that of CodeLlama-70b-Instruct is.
    Raises SettingsError.
    """
    folder = Path(model)
    found = folder / "tokenizer.json" if folder.is_dir() else _from_hub(model)
    load(found)
    known = recognised(model)
    checked = known is not None and known.formats.conversation == "source_destination"
    if checked:
        dialog = [Turn(each["role"], each["content"]) for each in reference.DIALOG]
        if tuple(token_ids(found, source_destination(dialog))) != reference.IDS:
            raise SettingsError(
                f"The tokenizer of {model} makes other ids of the model card's dialog than the "
                "card has, so it is not the model's own; nothing was saved."
            )
    try:
        to.write_bytes(found.read_bytes())
    except OSError as error:
        raise SettingsError(f"{to} cannot be written: {error.strerror}.") from None
    return checked


def _from_hub(model: str) -> Path:
    """Fetch with the person's own hub token, which gated models ask for; nothing else uses it."""
    from huggingface_hub import hf_hub_download
    from huggingface_hub.errors import GatedRepoError, HfHubHTTPError, HFValidationError

    try:
        return Path(hf_hub_download(model, "tokenizer.json"))
    except GatedRepoError:
        raise SettingsError(
            f"{model} is gated: accept its licence on its page, then set HF_TOKEN to your token."
        ) from None
    except HFValidationError:
        raise SettingsError(
            f"{model!r} is no folder here and no model's name on the hub."
        ) from None
    except (HfHubHTTPError, OSError) as error:
        raise SettingsError(
            f"The tokenizer.json of {model} could not be fetched "
            f"({str(error).strip().partition(chr(10))[0]})."
        ) from None


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

"""`arriero tokenizer fetch`: a model's tokenizer files, from the hub or from a folder.

huggingface_hub loads slowly: import this module late, and never on the event loop.
"""

from __future__ import annotations

import logging
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx2

from arriero.core.dialects import TURN_END, Turn, source_destination
from arriero.core.models import recognised
from arriero.errors import SettingsError
from arriero.model import (
    hub,  # noqa: F401  it quiets what is loaded next
    reference,
)
from arriero.model.templates import token_ids
from arriero.model.tokens import load

# Beside it stands what a chat template is read from, where the model has one.
TOKENIZER = "tokenizer.json"
WITH_TEMPLATE = ("tokenizer_config.json", "chat_template.jinja")


def fetch(model: str, to: Path, revision: str | None = None) -> bool:
    """Save the tokenizer.json of a model on the hub, or in a folder, and its chat template.

    Returns whether it was checked against the card's ids, as that of a Code Llama is. Raises
    SettingsError.
    """
    folder = Path(model)
    found = _in_folder(folder) if folder.is_dir() else _on_hub(model, revision)
    load(found[0])
    checked = _checked(model, found[0])
    try:
        for source in found:
            target = to if source.name == TOKENIZER else to.with_name(source.name)
            shutil.copyfile(source, target)
    except OSError as error:
        raise SettingsError(f"{error.filename} cannot be written: {error.strerror}.") from None
    return checked


def _checked(model: str, file: Path) -> bool:
    """Check that a Code Llama's tokenizer makes the card's ids of the card's dialog.

    All twelve have the same pieces; but the one that ends a turn is the 70B Instruct's alone, so of
    the others' each turn is looked at for itself.
    """
    known = recognised(model)
    if known is None:
        return False
    text = source_destination([Turn(each["role"], each["content"]) for each in reference.DIALOG])
    if known.formats.conversation == "source_destination":
        same = tuple(token_ids(file, text)) == reference.IDS
    else:
        found = [tuple(token_ids(file, turn))[1:] for turn in text.split(TURN_END)]
        same = found == reference.turns()
    if not same:
        raise SettingsError(
            f"The tokenizer of {model} makes other ids of the model card's dialog than the card "
            "has, so it is not the model's own; nothing was saved."
        )
    return True


def _in_folder(folder: Path) -> list[Path]:
    return [folder / TOKENIZER, *(f for name in WITH_TEMPLATE if (f := folder / name).is_file())]


def _on_hub(model: str, revision: str | None) -> list[Path]:
    """Fetch with the person's own hub token, which gated models ask for; nothing else uses it."""
    from huggingface_hub.errors import EntryNotFoundError

    logging.getLogger("huggingface_hub").setLevel(logging.ERROR)  # what it says is said better here
    with _explained(model, revision):
        found = [_downloaded(model, TOKENIZER, revision)]
        for name in WITH_TEMPLATE:
            with suppress(EntryNotFoundError):
                found.append(_downloaded(model, name, revision))
    return found


def _downloaded(model: str, name: str, revision: str | None) -> Path:
    """Return a file of the hub's, from its cache on this computer where it is up to date.

    The hub is asked about the file first, because a download that fails is tried for 23 seconds
    and then only says that the file is not in the cache.
    """
    from huggingface_hub import get_hf_file_metadata, get_token, hf_hub_download, hf_hub_url
    from huggingface_hub.errors import OfflineModeIsEnabled

    address = hf_hub_url(model, name, revision=revision)
    offline = False
    try:
        get_hf_file_metadata(address, token=get_token())
    except (httpx2.TransportError, OfflineModeIsEnabled):
        offline = True
    return Path(hf_hub_download(model, name, revision=revision, local_files_only=offline))


@contextmanager
def _explained(model: str, revision: str | None) -> Iterator[None]:
    """Turn what the hub says into a SettingsError."""
    from huggingface_hub import errors
    from huggingface_hub.constants import ENDPOINT as HUB

    try:
        yield
    except errors.GatedRepoError as error:
        known = error.response.status_code == 403
        lacks = "the account of your token has no access to it" if known else "it wants a token"
        raise SettingsError(
            f"{model} is gated, and {lacks}. Accept its licence at {HUB}/{model}, and set HF_TOKEN "
            "to a token of that account, or run `hf auth login`."
        ) from None
    except errors.RepositoryNotFoundError:
        raise SettingsError(
            f"The hub has no model {model!r} for you. Correct the name; if it is private, set "
            "HF_TOKEN to your token."
        ) from None
    except errors.RevisionNotFoundError:
        raise SettingsError(f"{model} has no revision {revision!r} on the hub.") from None
    except errors.RemoteEntryNotFoundError:
        raise SettingsError(
            f"{model} has no {TOKENIZER} on the hub, so its tokens cannot be counted by it. Leave "
            "ARRIERO_TOKENIZER out: lengths are then estimated."
        ) from None
    except errors.LocalEntryNotFoundError:
        raise SettingsError(
            f"{HUB} cannot be reached, and the {TOKENIZER} of {model} is not on this computer. "
            "Check the network, or give a folder that has it."
        ) from None
    except errors.HFValidationError:
        raise SettingsError(
            f"{model!r} is no folder here and no model's name on the hub."
        ) from None
    except (httpx2.HTTPError, OSError) as error:
        reason = str(error).strip().partition("\n")[0]
        raise SettingsError(
            f"The {TOKENIZER} of {model} could not be fetched ({reason}). Try again."
        ) from None

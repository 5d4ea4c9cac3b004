"""What becomes of the model card's dialog: its token ids, and who writes it by which template."""

from __future__ import annotations

from pathlib import Path

from arriero.core.dialects import BY_NAME, Turn, source_destination
from arriero.core.models import ModelInfo, formats_of
from arriero.errors import NoTemplate, WrongAddress
from arriero.model import reference
from arriero.model.driver import Driver
from arriero.model.finding import Finding
from arriero.settings import Settings

TO_TOKENIZE = "send the model card's dialog to /tokenize"
TO_CHAT = "send the model card's dialog to /chat_tokenize"

# Their tokenizers are not the 70B's, whatever model they name.
OTHER_TOKENIZERS = ("local", "simulated")

NOT_COMPARED = "Not compared: the card's reference ids are those of CodeLlama-70b-Instruct."


async def tokens(driver: Driver) -> Finding:
    """Compare what the server makes of the card's dialog with the card's 49 ids.

    Where it has no /tokenize, its chat template may still tell.
    """
    info = await driver.info()
    if info.backend in OTHER_TOKENIZERS or not _is_the_cards(info):
        return Finding("tokens", "open", TO_TOKENIZE, NOT_COMPARED)
    turns = [Turn(each["role"], each["content"]) for each in reference.DIALOG]
    try:
        ids = await driver.tokenize(source_destination(turns))
    except WrongAddress:
        ids = None
    if ids is not None:
        return _compared("tokens", TO_TOKENIZE, ids)
    if written := await driver.chat_tokenize(reference.DIALOG):
        return _compared("tokens", TO_CHAT, written.ids)
    return Finding("tokens", "open", TO_TOKENIZE, f"{info.backend} does not tell its token ids.")


async def template(driver: Driver, settings: Settings) -> Finding | None:
    """See who writes chats as prompts; None for a model whose format arriero writes itself."""
    info = await driver.info()
    if not BY_NAME[settings.dialect or formats_of(info).conversation].by_template:
        return None
    try:
        written = await driver.chat_tokenize(reference.DIALOG)
    except NoTemplate:
        if settings.tokenizer is None:
            raise
        came = f"The server has none; arriero writes chats by the one of {settings.tokenizer}."
        return Finding("template", "good", TO_CHAT, came)
    if written is None:
        came = f"{info.backend} does not tell how it writes chats; the generation tries it."
        return Finding("template", "open", TO_CHAT, came)
    came = f"The server writes chats itself: that one takes {len(written.ids)} tokens."
    return Finding("template", "good", TO_CHAT, came)


async def tokenizer(driver: Driver, path: Path) -> Finding:
    """Compare what the tokenizer of the settings makes of the card's dialog."""
    tried = f"read the tokenizer in {path}"
    if not _is_the_cards(await driver.info()):
        return Finding("tokenizer", "open", tried, NOT_COMPARED)
    return _compared("tokenizer", tried, reference.render(path).ids)


def _is_the_cards(info: ModelInfo) -> bool:
    return formats_of(info).conversation == "source_destination"


def _compared(question: str, tried: str, ids: tuple[int, ...]) -> Finding:
    if ids == reference.IDS:
        came = f"The card's {len(ids)} reference ids came."
        return Finding(question, "good", tried, came)
    came = "Other ids came than the model was trained on, so answers will be poor."
    do = "Serve the model with the tokenizer files of its own repository."
    return Finding(question, "bad", tried, came, do)

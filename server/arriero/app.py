"""The one place where the parts are joined.

Server <- Assistant <- connect(settings) -> a driver, or the local model's process and a driver
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from arriero import log, syntax
from arriero.assist.assistant import Assistant
from arriero.core import dialects
from arriero.core.dialects import Dialect, Turn
from arriero.errors import ArrieroError, NoBackend
from arriero.lsp import (
    code_action,
    commands,
    completion,
    inline_completion,
    lifecycle,
    pause,
    prompt,
    status,
)
from arriero.lsp.server import Server
from arriero.model.endpoint import Deadlines, Endpoint
from arriero.settings import Settings
from arriero.settings_sources import load_all
from arriero.workspace.ignore import reason_not_to_send

if TYPE_CHECKING:
    from arriero.model.endpoints import Replicas
    from arriero.model.local import LocalModel
    from arriero.model.probe import Finding
    from arriero.model.remote import Remote

METHODS = (lifecycle, inline_completion, completion, code_action, commands, pause, prompt, status)

NOTHING_THERE = (
    "No model server is set, so arriero has nobody to ask. Set ARRIERO_URL, or `url` in your "
    "settings, to its address."
)


def server() -> Server:
    """Return a server for one client; the log goes to standard error from then on."""
    log.set_up(Settings())
    made = Server(Assistant(connect, reason_not_to_send, syntax))
    for method in METHODS:
        method.register(made)
    return made


async def connect(settings: Settings) -> Remote | Replicas | LocalModel:
    """Return the model that the settings name. Raises NoBackend, WrongKey.

    The drivers are imported here and not above: their libraries are heavier than all the rest, and
    the client waits for the initialize reply.
    """
    if settings.url:
        return await _connect(settings)
    if settings.local.enabled:
        from arriero.model.local import LocalModel

        return await LocalModel.start(settings.local.gguf)
    raise NoBackend(NOTHING_THERE)


async def _connect(settings: Settings) -> Remote | Replicas:
    from arriero.model import keys
    from arriero.model.endpoints import Replicas
    from arriero.model.remote import Remote

    key = await asyncio.to_thread(keys.read, settings)
    log.hide(key)
    servers = [
        Remote(
            endpoint(settings, url, key),
            kind="" if settings.backend == "auto" else settings.backend,
            model=settings.model,
            tokenizer=settings.tokenizer,
        )
        for url in dict.fromkeys([settings.url, *settings.replicas])
    ]
    return Replicas(servers) if settings.replicas else servers[0]


async def examine(folder: Path) -> AsyncIterator[Finding]:
    """Yield what `arriero doctor` finds, for an editor whose workspace is this folder."""
    from arriero.model import doctor
    from arriero.model.probe import Finding

    loaded = load_all([folder], names=lifecycle.NAMES)
    for problem in loaded.problems:
        yield Finding("settings", False, problem)
    if not loaded.problems:
        local = "the local model, since no url is set"
        where = loaded.settings.url or (local if loaded.settings.local.enabled else "not set")
        yield Finding("settings", True, f"They are in order. The model server is {where}.")
    try:
        model = await connect(loaded.settings)
    except ArrieroError as error:
        yield Finding("model server", False, str(error))
        return
    try:
        try:
            driver = await model.driver()
        except ArrieroError as error:
            yield Finding("model server", False, str(error))
            return
        async for finding in doctor.examine(driver, loaded.settings.tokenizer):
            yield finding
    finally:
        await model.close()


def token_ids(tokenizer: Path, text: str) -> list[int]:
    """Return the token ids of a prompt, `<s>` included. Raises SettingsError."""
    from arriero.model import templates

    return templates.token_ids(tokenizer, text)


def fetch_tokenizer(model: str, to: Path, revision: str | None) -> bool:
    """Save a model's tokenizer.json; return whether the card's ids were checked.

    Raises SettingsError.
    """
    from arriero.model import fetching

    return fetching.fetch(model, to, revision)


def by_template(tokenizer: Path, dialect: Dialect, turns: Sequence[Turn], prefill: str) -> str:
    """Write a dialog by the chat template in a tokenizer's folder. Raises SettingsError."""
    from arriero.model import templates

    return templates.writer(tokenizer)(dialects.prompt(dialect, turns, prefill, (), 0).turns)


def endpoint(settings: Settings, url: str, key: str) -> Endpoint:
    """Return the part of the settings that the driver of the server at `url` needs."""
    return Endpoint(
        url=url,
        key=key,
        headers={name: value.reveal() for name, value in settings.headers.items()},
        deadlines=Deadlines(**asdict(settings.deadlines)),
        ca_file=settings.ca_file,
        ca_dir=settings.ca_dir,
        verify=settings.verify,
        client_certificate=settings.client_certificate,
        client_key=settings.client_key,
        proxy=settings.proxy.reveal(),
        concurrency=settings.concurrency,
    )

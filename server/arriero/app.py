"""The one place where the parts are joined.

Server <- Assistant <- connect(settings) -> a driver, or the local model's process and a driver
"""

from __future__ import annotations

import asyncio
import os
import secrets
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING

from arriero import detection, log, syntax
from arriero.assist.assistant import Assistant
from arriero.core import dialects
from arriero.core.dialects import Dialect, Turn
from arriero.core.redaction import Redactor
from arriero.errors import ArrieroError, NoBackend
from arriero.lsp import (
    code_action,
    commands,
    completion,
    doctor,
    explanations,
    fetching,
    inline_completion,
    lifecycle,
    pause,
    privacy,
    prompt,
    status,
    watching,
)
from arriero.lsp.server import Server
from arriero.model.endpoint import Deadlines, Endpoint
from arriero.settings import ModelServer, Settings
from arriero.settings_files import index_folder
from arriero.settings_sources import Loaded, load_all
from arriero.workspace.files import listed
from arriero.workspace.ignore import reason_not_to_send
from arriero.workspace.index import Index

if TYPE_CHECKING:
    from arriero.model.endpoints import Replicas
    from arriero.model.finding import Finding
    from arriero.model.local import LocalModel
    from arriero.model.remote import Remote

METHODS = (
    lifecycle,
    inline_completion,
    completion,
    code_action,
    commands,
    explanations,
    pause,
    privacy,
    prompt,
    status,
    watching,
)

NOTHING_THERE = (
    "No model server is set, so arriero has nobody to ask. Set ARRIERO_URL, or `url` in your "
    "settings, to its address."
)


def server() -> Server:
    """Return a server for one client; the log goes to standard error from then on."""
    log.set_up(Settings())
    index = Index(index_folder(os.environ))
    made = Server(Assistant(connect, reason_not_to_send, redactor(), syntax, index), listed)
    for method in METHODS:
        method.register(made)
    doctor.register(made, described)
    fetching.register(made, fetched)
    return made


def redactor() -> Redactor:
    """Return what takes secrets out of text, with a key of this process."""
    return Redactor(detection.secrets_in, secrets.token_bytes(32))


async def connect(settings: Settings) -> Remote | Replicas | LocalModel:
    """Return the model that the settings name. Raises NoBackend, WrongKey.

    The drivers are imported here and not above: their libraries are heavier than all the rest, and
    the client waits for the initialize reply.
    """
    from arriero.model.endpoints import Replicas

    await asyncio.to_thread(detection.load)
    if not settings.url:
        return await _local(settings)
    servers = await _servers(settings)
    return Replicas(servers) if len(servers) > 1 else servers[0]


async def _models(settings: Settings) -> Sequence[Remote | LocalModel]:
    return await _servers(settings) if settings.url else [await _local(settings)]


async def _local(settings: Settings) -> LocalModel:
    from arriero.model.local import LocalModel

    if settings.local.enabled:
        return await LocalModel.start(settings.local.gguf)
    raise NoBackend(NOTHING_THERE)


async def fetched() -> AsyncGenerator[tuple[int, int]]:
    """Fetch the demo model; yield how many bytes are there, of how many. Raises NoBackend."""
    from arriero.model import local

    async with aclosing(local.fetch()) as steps:
        async for step in steps:
            yield step


async def _servers(settings: Settings) -> list[Remote]:
    """Return the model servers of the settings, none of which was asked anything yet."""
    from arriero.model import keys
    from arriero.model.remote import Remote

    key = await asyncio.to_thread(keys.read, settings)
    log.hide(key)
    return [
        Remote(
            endpoint(settings, url, key),
            kind="" if settings.backend == "auto" else settings.backend,
            model=settings.model,
            tokenizer=settings.tokenizer,
        )
        for url in dict.fromkeys([settings.url, *settings.replicas])
    ]


async def described(loaded: Loaded) -> AsyncIterator[str]:
    """Yield what the doctor finds, in lines of Markdown."""
    async for found in examine(loaded):
        yield as_markdown(found)


def as_markdown(found: Finding) -> str:
    """Return what the doctor found of one question, as an item of a list."""
    said = f"{found.came} {found.do}".strip()
    return f"- {found.mark} **{found.question}** ({found.tried}): {said}"


async def examine(loaded: Loaded) -> AsyncIterator[Finding]:
    """Yield what `arriero doctor` finds, of the settings and of every model server in them."""
    from arriero.model import doctor as examination
    from arriero.model.finding import Finding, failed

    tried = "read the settings"
    for problem in loaded.problems:
        yield Finding("settings", "bad", tried, problem, "Correct it where it stands.")
    if not loaded.problems:
        told = ", ".join(f"{path} by {where}" for path, where in loaded.origins.items())
        came = f"They are in order: {told}." if told else "They are in order: nothing is set."
        yield Finding("settings", "good", tried, came)
    typing = loaded.settings.while_typing()
    for settings in filter(None, (loaded.settings, typing)):
        try:
            models = await _models(settings)
        except ArrieroError as error:
            yield failed("model server", "find a model server", error)
            continue
        for model in models:
            try:
                async for finding in examination.examine(model, settings):
                    yield finding
            finally:
                await model.close()


def loaded(folder: Path, url: str = "") -> Loaded:
    """Return the settings for a workspace, with another model server in the place of theirs."""
    found = load_all([folder], names=lifecycle.NAMES)
    if not url:
        return found
    alone = replace(found.settings, url=url, replicas=(), typing=ModelServer())
    return Loaded(alone, found.problems, {**found.origins, "url": "the command line"})


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

"""arriero/prompt: what would be sent for a suggestion at a position, without sending it.

{"uri": ..., "position": {...}, "model": "codellama/CodeLlama-70b-Instruct-hf"}
-> {"text": ..., "stop": [...], "max_new_tokens": 64, "dialect": "source_destination"}
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from lsprotocol import types

from arriero.lsp import excerpts
from arriero.lsp.server import Server

PROMPT = "arriero/prompt"


@dataclass(frozen=True, slots=True)
class PromptParams:
    """The parameters; `model` is the one that is asked about, by default the one in use."""

    uri: str
    position: types.Position
    model: str = ""


def register(server: Server) -> None:
    server.feature(PROMPT)(show)


async def show(ls: Server, params: Any) -> dict[str, object]:
    """Answer with the request's text, token for token as the model would get it."""
    asked = ls.structured(params, PromptParams)
    ls.check_may_send(asked.uri)
    root = ls.root_of(asked.uri)
    excerpt = excerpts.at(ls.documents[asked.uri], asked.position, root)
    worded = await ls.assistant.worded(excerpt, asked.model)
    prompt = worded.asked.prompt
    return {
        "text": prompt.text,
        "stop": list(prompt.stop),
        "max_new_tokens": prompt.max_new_tokens,
        "dialect": worded.dialect.name,
    }

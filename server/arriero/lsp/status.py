"""arriero/status: how things are, as a request and, where the client asked for it, told unasked.

    {"state": "ready", "trouble": "", "backend": "tgi", "url": "...", "model": "...",
     "dialect": "source_destination", "max_total_tokens": 4096,
     "typing": {"backend": "vllm", "url": "...", "model": "...", "dialect": "infill",
                "max_total_tokens": 16384},
     "paused": ["markdown"], "last": {"tokens": 12, "ttft_s": 0.21, "seconds": 0.9}}

`typing` is there where another model serves suggestions while people type, once that was asked.
Whoever asks is also told what became of `suggestions` since the start: how many were `shown`,
`accepted` whole, `partly` accepted, and `rejected`; and of the `workspace` how many `folders` are
known, and whether files are still being read; and by `load` whether the server that suggests while
they type is so busy that prompts are `short`, and how many times it was not asked (`withheld`).
With the `uri` of a document, the answer says by `kept_back` why that is sent to no model, if it is
not. A client asks for the notification of the same name by the capability
`experimental.arriero.status: true`.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from arriero.assist.assistant import Met, Status
from arriero.lsp.server import Server

STATUS = "arriero/status"


@dataclass(frozen=True, slots=True)
class StatusParams:
    """The parameters of the request; none are needed."""

    uri: str = ""


def register(server: Server) -> None:
    server.feature(STATUS)(tell)

    def changed(status: Status) -> None:
        if server.client.extension.get("status"):
            server.protocol.notify(STATUS, written(status))

    server.assistant.on_status = changed


def tell(ls: Server, params: Any) -> dict[str, object]:
    """Answer with the status as it is."""
    told = written(ls.assistant.status)
    told["suggestions"] = asdict(ls.assistant.completer.tally)
    load = ls.assistant.load
    told["load"] = {"short": load.room < 1, "withheld": load.withheld}
    index = ls.assistant.context.gathering.index
    told["workspace"] = {
        "folders": len(index.folders),
        "known": index.news > 0,  # the settings have been told, and with them what to read
        "reading": index.reading,
    }
    asked = ls.structured(params or {}, StatusParams)
    if asked.uri and (reason := ls.reason_not_to_send(asked.uri)):
        told["kept_back"] = reason
    return told


def written(status: Status) -> dict[str, object]:
    """Return a status as plain values; nothing of the person's text is in it."""
    told: dict[str, object] = {"state": status.state, "trouble": status.trouble}
    told["paused"] = list(status.paused)  # "*" for all languages
    if status.model:
        told |= _model(status.model)
    if status.typing:
        told["typing"] = _model(status.typing)
    if status.last:
        last = asdict(status.last)
        told["last"] = {name: last[name] for name in ("tokens", "ttft_s", "seconds")}
    return told


def _model(met: Met) -> dict[str, object]:
    return {
        "backend": met.info.backend,
        "url": met.info.url,
        "model": met.info.id,
        "dialect": met.dialect,
        "max_total_tokens": met.info.max_total_tokens,
    }

"""`initialize`: what the client says of itself and what it is told, in plain JSON."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from arriero import __version__
from arriero.lsp.capabilities import Client, offered
from arriero.lsp.parent import visible


@dataclass(frozen=True, slots=True)
class Greeting:
    """The parameters of `initialize`, as far as they matter here."""

    client: Client
    editor: int | None = None  # its process, where it can be seen
    folders: tuple[str, ...] = ()  # uris of the workspace's folders
    options: object = None  # initializationOptions

    @classmethod
    def of(cls, params: object) -> Greeting:
        """Read what the client sent. Raises ValueError, with the name of the field that is wrong.

        What does not matter here may be anything: newer clients send what older servers never saw.
        """
        fields = _needed(params, dict, "params")
        process = _optional(fields, "processId", int)
        return cls(
            client=Client.of(_needed(fields.get("capabilities"), dict, "params.capabilities")),
            editor=visible(process),
            folders=_folders(fields),
            options=fields.get("initializationOptions"),
        )

    def reply(self) -> dict[str, Any]:
        """Return the result of `initialize`."""
        return {
            "capabilities": offered(self.client),
            "serverInfo": {"name": "arriero", "version": __version__},
        }


def _folders(fields: dict[str, Any]) -> tuple[str, ...]:
    """Return the uris of the workspace's folders; older clients know a single one."""
    folders = _optional(fields, "workspaceFolders", list)
    if folders is not None:
        place = "params.workspaceFolders"
        return tuple(
            _needed(_needed(each, dict, place).get("uri"), str, f"{place}.uri") for each in folders
        )
    root, path = _optional(fields, "rootUri", str), _optional(fields, "rootPath", str)
    if not root and path and PurePath(path).is_absolute():
        root = PurePath(path).as_uri()
    return (root,) if root else ()


def _optional(fields: dict[str, Any], name: str, kind: type) -> Any:
    value = fields.get(name)
    return None if value is None else _needed(value, kind, f"params.{name}")


def _needed(value: object, kind: type, place: str) -> Any:
    if not isinstance(value, kind) or isinstance(value, bool):
        raise ValueError(f"{_NAMES[kind]} is needed, not {value!r:.40} @ {place}")
    return value


_NAMES: dict[type, str] = {
    dict: "an object",
    list: "a list",
    str: "a text",
    int: "a whole number",
}

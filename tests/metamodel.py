"""Messages held to the Language Server Protocol's own description, its metaModel.json (3.18).

protocol/README.md says where the file comes from.
"""

from __future__ import annotations

import gzip
import json
from functools import cache
from pathlib import Path
from typing import Any

FILE = Path(__file__).parent / "protocol" / "metaModel.json.gz"
BASE = {
    "integer": lambda value: _whole(value) and -(2**31) <= value < 2**31,
    "uinteger": lambda value: _whole(value) and 0 <= value < 2**31,
    "decimal": lambda value: _whole(value) or isinstance(value, float),
    "string": lambda value: isinstance(value, str),
    "boolean": lambda value: isinstance(value, bool),
    "null": lambda value: value is None,
    "DocumentUri": lambda value: isinstance(value, str),
    "URI": lambda value: isinstance(value, str),
    "RegExp": lambda value: isinstance(value, str),
}
ANYTHING = {"LSPAny", "LSPObject", "LSPArray"}


def _whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


class Model:
    """What the protocol says a message looks like. `problems` yields nothing for a valid value."""

    def __init__(self, described: dict) -> None:
        self._structures = {each["name"]: each for each in described["structures"]}
        self._enums = {each["name"]: each for each in described["enumerations"]}
        self._aliases = {each["name"]: each["type"] for each in described["typeAliases"]}
        self.requests = {each["method"]: each for each in described["requests"]}
        self.notifications = {each["method"]: each for each in described["notifications"]}

    def fits(self, value: Any, kind: dict) -> bool:
        """Tell whether a value is of a type."""
        match kind["kind"]:
            case "base":
                return BASE[kind["name"]](value)
            case "reference":
                return self._is_named(value, kind["name"])
            case "array":
                return isinstance(value, list) and all(
                    self.fits(each, kind["element"]) for each in value
                )
            case "map":
                return isinstance(value, dict) and all(
                    self.fits(each, kind["value"]) for each in value.values()
                )
            case "or":
                return any(self.fits(value, each) for each in kind["items"])
            case "and":
                return all(self.fits(value, each) for each in kind["items"])
            case "tuple":
                return (
                    isinstance(value, list)
                    and len(value) == len(kind["items"])
                    and all(map(self.fits, value, kind["items"]))
                )
            case "literal":
                return self._has(value, kind["value"]["properties"])
            case "stringLiteral" | "integerLiteral" | "booleanLiteral":
                return value == kind["value"]
        raise AssertionError(f"the model has a new kind of type, {kind['kind']}")

    def _is_named(self, value: Any, name: str) -> bool:
        if name in ANYTHING:
            return True
        if enum := self._enums.get(name):
            listed = any(value == each["value"] for each in enum["values"])
            return listed or (enum.get("supportsCustomValues", False) and isinstance(value, str))
        if alias := self._aliases.get(name):
            return self.fits(value, alias)
        return self._has(value, self._properties(name))

    @cache  # noqa: B019  one model lives as long as the tests do
    def _properties(self, name: str) -> tuple[dict, ...]:
        structure = self._structures[name]
        inherited = [*structure.get("extends", ()), *structure.get("mixins", ())]
        own = {each["name"]: each for each in structure["properties"]}
        for each in inherited:
            own = {given["name"]: given for given in self._properties(each["name"])} | own
        return tuple(own.values())

    def _has(self, value: Any, properties: Any) -> bool:
        # Stricter than the protocol: a field that it does not know is one that we misspelt.
        known = {each["name"]: each for each in properties}
        return (
            isinstance(value, dict)
            and value.keys() <= known.keys()
            and all(
                self.fits(value[name], each["type"]) if name in value else each.get("optional")
                for name, each in known.items()
            )
        )


@cache
def model() -> Model:
    return Model(json.loads(gzip.decompress(FILE.read_bytes())))


class Witness:
    """Hears both sides: an answer's type is that of the request. `check` tells what was wrong."""

    def __init__(self) -> None:
        self._asked: dict[object, str] = {}
        self._wrong: list[str] = []

    def to_server(self, message: object) -> None:
        if isinstance(message, dict) and isinstance(message.get("method"), str):
            msg_id = message.get("id")
            if isinstance(msg_id, (int, str)):
                self._asked[msg_id] = message["method"]

    def from_server(self, message: dict) -> None:
        """Hear a message of the server."""
        if not self._valid(message):
            self._wrong.append(json.dumps(message)[:1000])

    def check(self) -> None:
        assert not self._wrong, "not valid by the metaModel:\n" + "\n".join(self._wrong)

    def _valid(self, message: dict) -> bool:
        if message.get("jsonrpc") != "2.0":
            return False
        if "method" in message:
            return self._said(message)
        if message.keys() == {"jsonrpc", "id", "error"}:
            error = message["error"]
            return BASE["integer"](error["code"]) and BASE["string"](error["message"])
        if message.keys() != {"jsonrpc", "id", "result"}:
            return False
        asked = model().requests.get(self._asked.get(message["id"], ""))
        return not asked or model().fits(message["result"], asked["result"])

    def _said(self, message: dict) -> bool:
        if message["method"].startswith(("arriero/", "test/")):
            return True
        kinds = model().requests if "id" in message else model().notifications
        if (kind := kinds.get(message["method"])) is None:
            return False
        if "params" not in kind:
            return message.get("params") is None
        return model().fits(message.get("params"), kind["params"])

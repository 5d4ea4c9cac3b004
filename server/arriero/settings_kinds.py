"""Kinds of settings: what a value may be, wherever somebody wrote it.

    TOML, or JSON from an editor ─────────────> value ── read ──> what Settings holds
    an environment variable ── text ── parse ──> value ──┘

`read` raises ValueError with the words that end the sentence "url has to be ...".
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from string import ascii_letters, digits
from typing import Any, Literal
from urllib.parse import urlsplit

# RFC 9110, 5.6.2: the characters of a header's name.
HEADER_NAME = frozenset(ascii_letters + digits + "!#$%&'*+-.^_`|~")


class Secret:
    """A text that shows itself only to `reveal`; false when it is empty.

    No dataclass: `dataclasses.asdict` would walk into it and carry the text out.
    """

    __slots__ = ("_text",)

    def __init__(self, text: str = "") -> None:
        self._text = text

    def reveal(self) -> str:
        """Return the text itself, for the one header that it belongs in."""
        return self._text

    def __repr__(self) -> str:
        return "Secret('***')" if self._text else "Secret('')"

    def __str__(self) -> str:
        return "***" if self._text else ""

    def __bool__(self) -> bool:
        return bool(self._text)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self._text == other._text

    def __hash__(self) -> int:
        return hash(self._text)


# Where the answer to an action of somebody's own goes, as people write it and as actions have it.
ANSWERS: dict[str, Literal["rewrite", "below", "show"]] = {
    "replace": "rewrite",
    "below": "below",
    "show": "show",
}
ACTION_KINDS = ("refactor", "refactor.rewrite", "quickfix")
OWN_ACTION_FIELDS = frozenset({"title", "instruction", "answer", "kind", "languages"})


@dataclass(frozen=True, slots=True)
class OwnAction:
    """A code action that somebody defined; `kind` is an LSP CodeActionKind."""

    title: str
    instruction: str
    kind: str
    languages: tuple[str, ...]
    answer: Literal["rewrite", "below", "show"]


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of value. `schema` is JSON schema; a `private` value never stands in a message."""

    read: Callable[[object], Any]
    schema: Mapping[str, object]
    parse: Callable[[str], object] = field(default=str)
    private: bool = False


def closest(name: str, known: Collection[str]) -> str | None:
    """Return the known name that somebody probably meant."""
    spelled = {each.lower(): each for each in known}
    close = get_close_matches(name.lower(), spelled, n=1, cutoff=0.7)
    return spelled[close[0]] if close else None


def one_of(given: str, names: Collection[str]) -> str:
    """Say which names there are, and which of them was probably meant."""
    meant = closest(given, names)
    return f"one of {', '.join(names)}" + (f' (did you mean "{meant}"?)' if meant else "")


def whole(least: int, most: int) -> Kind:
    """Accept whole numbers from `least` to `most`."""

    def read(value: object) -> int:
        if isinstance(value, int) and not isinstance(value, bool) and least <= value <= most:
            return value
        raise ValueError(f"a whole number from {least} to {most}")

    return Kind(read, {"type": "integer", "minimum": least, "maximum": most}, _json)


def number(least: float, most: float, unit: str = "") -> Kind:
    """Accept numbers from `least` to `most`; `unit` is what they count, such as "of seconds"."""
    named = f"a number {unit}".rstrip()

    def read(value: object) -> float:
        if (
            isinstance(value, int | float)
            and not isinstance(value, bool)
            and least <= value <= most
        ):
            return float(value)
        raise ValueError(f"{named} from {least:g} to {most:g}")

    return Kind(read, {"type": "number", "minimum": least, "maximum": most}, _json)


def seconds(least: float, most: float) -> Kind:
    """Accept times in seconds from `least` to `most`."""
    return number(least, most, "of seconds")


def choice(*names: str) -> Kind:
    """Accept exactly one of the names."""

    def read(value: object) -> str:
        text = _text(value).lower()
        if text not in names:
            raise ValueError(one_of(text, names))
        return text

    return Kind(read, {"type": "string", "enum": list(names)})


def _json(text: str) -> object:
    """Read JSON; what is none stays a text, and `read` then says what it has to be."""
    try:
        return json.loads(text)
    except ValueError:
        return text


def _yes_no(text: str) -> object:
    words = {"1": True, "true": True, "yes": True, "on": True}
    words |= {"0": False, "false": False, "no": False, "off": False}
    return words.get(text.strip().lower(), text)


def _listed(text: str) -> object:
    """Read JSON, or names with commas between them."""
    if text.lstrip().startswith(("[", "{")):
        return _json(text)
    return [name.strip() for name in text.split(",") if name.strip()]


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError("a text")
    return value.strip()


def _truth(value: object) -> bool:
    if not isinstance(value, bool):
        raise ValueError("true or false")
    return value


def _path(value: object) -> Path | None:
    try:
        return Path(_text(value)).expanduser() if value != "" else None
    except (ValueError, RuntimeError) as error:  # RuntimeError: a `~` without a home
        raise ValueError("the path of a file") from error


def _address(value: object) -> str:
    text = _text(value).rstrip("/")
    if text and not (_is_plain(text) and (_is_web(text) or _is_socket(text))):
        raise ValueError(
            "an address such as http://127.0.0.1:8080, without user name, key, query or blanks"
        )
    return text


def _addresses(value: object) -> tuple[str, ...]:
    return tuple(filter(None, map(_address, _names(value))))


def _proxy(value: object) -> Secret:
    """Read the address of a proxy, which may have a user's name and password in it."""
    text = _text(value)
    address = text.replace(text.partition("://")[2].rpartition("@")[0] + "@", "", 1)
    if text and not (text.isprintable() and " " not in text and _is_web(address)):
        raise ValueError("the address of a proxy, such as http://proxy:3128")
    return Secret(text)


def _is_plain(text: str) -> bool:
    # urlsplit drops tabs and line ends without a word, so the text itself is looked at.
    return text.isprintable() and set("?#@\\ ").isdisjoint(text)


def _is_web(text: str) -> bool:
    try:
        parts = urlsplit(text)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:  # a port that is no number, brackets that do not close
        return False


def _is_socket(text: str) -> bool:
    return text.startswith("unix:///") and len(text) > len("unix:///")


def _command(value: object) -> tuple[str, ...]:
    try:
        words = _names(value)
    except ValueError:
        words = ("",)
    if words and not all(words):
        raise ValueError("a list of texts: a program and its arguments")
    return words


def _words(text: str) -> object:
    """Read JSON, or words as a shell parts them."""
    try:
        return _json(text) if text.lstrip().startswith("[") else shlex.split(text)
    except ValueError:  # quotes that do not close
        return text


def _secret(value: object) -> Secret:
    if not isinstance(value, str) or not _fits_header(value.strip()):
        raise ValueError("one line of printable ASCII characters")
    return Secret(value.strip())


def _headers(value: object) -> dict[str, Secret]:
    meant = "a table of header names, each with one line of printable ASCII characters"
    table = {} if value == [] else value  # an empty Lua table arrives as an empty list
    if not isinstance(table, Mapping):
        raise ValueError(meant)
    for name, content in table.items():
        named = isinstance(name, str) and name and HEADER_NAME.issuperset(name)
        if not named or not isinstance(content, str) or not _fits_header(content):
            raise ValueError(meant)
    return {name: Secret(content.strip()) for name, content in table.items()}


def _fits_header(text: str) -> bool:
    return text.isascii() and text.isprintable()


def _names(value: object) -> tuple[str, ...]:
    if not isinstance(value, (list, tuple)) or not all(isinstance(name, str) for name in value):
        raise ValueError("a list of texts")
    return tuple(value)


def _switches(value: object) -> dict[str, bool]:
    """Read {"python": true, "*": false}, or the list of what is on, which turns the rest off."""
    if isinstance(value, Mapping):
        if all(isinstance(on, bool) for on in value.values()):
            return dict(value)
    elif isinstance(value, list) and all(isinstance(name, str) for name in value):
        return {"*": False} | dict.fromkeys(value, True) if value else {}
    raise ValueError("a list of languages, or a table of languages with true or false")


def _own_actions(value: object) -> dict[str, OwnAction]:
    table = {} if value == [] else value  # an empty Lua table arrives as an empty list
    if not isinstance(table, Mapping):
        raise ValueError("a table of actions, by their ids")
    return {str(id): _own_action(str(id), told) for id, told in table.items()}


def _own_action(id: str, told: object) -> OwnAction:
    if not isinstance(told, Mapping) or not {"title", "instruction"} <= told.keys():
        raise ValueError(f"a table of actions, and “{id}” needs a title and an instruction")
    for name in ("title", "instruction"):
        if not isinstance(told[name], str) or not told[name].strip():
            raise ValueError(f"a table of actions, and the {name} of “{id}” a text")
    answer, kind = told.get("answer", "replace"), told.get("kind", "refactor")
    if answer not in ANSWERS:
        raise ValueError(f"a table of actions, and the answer of “{id}” {one_of(answer, ANSWERS)}")
    if kind not in ACTION_KINDS:
        raise ValueError(f"a table of actions, and the kind of “{id}” {one_of(kind, ACTION_KINDS)}")
    if unknown := sorted(told.keys() - OWN_ACTION_FIELDS):
        raise ValueError(f"a table of actions, and “{id}” has {unknown[0]!r}, which is no field")
    return OwnAction(
        told["title"].strip(),
        told["instruction"].strip(),
        kind,
        _names(told.get("languages", ())),
        ANSWERS[answer],
    )


TEXT = Kind(_text, {"type": "string"})
ADDRESS = Kind(_address, {"type": "string"}, private=True)
ADDRESSES = Kind(_addresses, {"type": "array", "items": {"type": "string"}}, _listed, private=True)
PROXY = Kind(_proxy, {"type": "string"}, private=True)
COMMAND = Kind(_command, {"type": "array", "items": {"type": "string"}}, _words, private=True)
SECRET = Kind(_secret, {"type": "string"}, private=True)
FILE = Kind(_path, {"type": "string"})
YES_NO = Kind(_truth, {"type": "boolean"}, _yes_no)
NAMES = Kind(_names, {"type": "array", "items": {"type": "string"}}, _listed)
HEADERS = Kind(
    _headers,
    {"type": "object", "additionalProperties": {"type": "string"}},
    _json,
    private=True,
)
OWN_ACTIONS = Kind(
    _own_actions, {"type": "object", "additionalProperties": {"type": "object"}}, _json
)


def narrower(own: Any, other: Any) -> Any:
    """Return the narrower of two values: no rather than yes, the smaller number, for each switch.

    `other` cannot make anything wider than `own`.
    """
    if not isinstance(own, Mapping):
        return min(own, other)

    def on(switches: Mapping[str, bool], name: str) -> bool:
        return switches.get(name, switches.get("*", True))

    return {name: on(own, name) and on(other, name) for name in ("*", *own, *other)}


SWITCHES = Kind(
    _switches,
    {"type": ["object", "array"], "additionalProperties": {"type": "boolean"}},
    _listed,
)

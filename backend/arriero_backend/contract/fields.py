"""Reading the fields of a JSON object by type, as strictly as TGI's (serde) does.

    fields = Fields.of(value, "GenerateRequest")
    inputs = fields.required("inputs", string)
    temperature = fields.optional("temperature", f32)     None if absent or null
    details = fields.get("details", boolean, False)       null is refused

Unknown fields are ignored. A wrong type is a plain-text 422 that names the field.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NoReturn, TypeVar

from arriero_backend.contract.refusals import Malformed

T = TypeVar("T")
Read = Callable[[object], T]


class Unexpected(Exception):
    """A value of another type than the one expected; the text is serde's."""


@dataclass(frozen=True, slots=True)
class Fields:
    """A JSON object. `place` is how the object is reached from the body ("parameters.")."""

    values: Mapping[str, object]
    place: str = ""

    @classmethod
    def of(cls, value: object, name: str, place: str = "") -> Fields:
        """Take a JSON object; `name` is what the type is called in messages."""
        if not isinstance(value, dict):
            _refuse(place, f"invalid type: {shown(value)}, expected struct {name}")
        return cls(value, f"{place}." if place else "")

    def required(self, name: str, read: Read[T]) -> T:
        """Read a field that has to be there."""
        if name not in self.values:
            _refuse(self.place.rstrip("."), f"missing field `{name}`")
        return self._read(name, read)

    def get(self, name: str, read: Read[T], default: T) -> T:
        """Read a field that may be absent, but not null."""
        return self._read(name, read) if name in self.values else default

    def optional(self, name: str, read: Read[T]) -> T | None:
        """Read a field that may be absent or null."""
        return None if self.values.get(name) is None else self._read(name, read)

    def _read(self, name: str, read: Read[T]) -> T:
        try:
            return read(self.values[name])
        except Unexpected as error:
            _refuse(self.place + name, str(error))


def string(value: object) -> str:
    """Read a string."""
    return value if isinstance(value, str) else _unexpected(value, "a string")


def boolean(value: object) -> bool:
    """Read a boolean."""
    return value if isinstance(value, bool) else _unexpected(value, "a boolean")


def f32(value: object) -> float:
    """Read a number, rounded to what 32 bits hold: 1e-50 is 0."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return _unexpected(value, "f32")
    try:
        return ctypes.c_float(value).value
    except OverflowError:
        raise Unexpected("number out of range, expected f32") from None


def integer(name: str, lowest: int, highest: int) -> Read[int]:
    """Return a reader for whole numbers; 5.0 is none."""

    def read(value: object) -> int:
        if isinstance(value, bool) or not isinstance(value, int):
            return _unexpected(value, name)
        if not lowest <= value <= highest:
            raise Unexpected(f"invalid value: integer `{value}`, expected {name}")
        return value

    return read


u32 = integer("u32", 0, 2**32 - 1)
i32 = integer("i32", -(2**31), 2**31 - 1)
u64 = integer("u64", 0, 2**64 - 1)
usize = integer("usize", 0, 2**64 - 1)


def sequence(read: Read[T]) -> Read[list[T]]:
    """Return a reader for lists."""

    def read_all(value: object) -> list[T]:
        if not isinstance(value, list):
            return _unexpected(value, "a sequence")
        return [read(item) for item in value]

    return read_all


def shown(value: object) -> str:
    """Name a JSON value as serde does."""
    match value:
        case None:
            return "null"
        case bool():
            return f"boolean `{str(value).lower()}`"
        case int():
            return f"integer `{value}`"
        case float():
            return f"floating point `{value}`"
        case str():
            return f'string "{value}"'
        case list():
            return "sequence"
        case _:
            return "map"


def _unexpected(value: object, expected: str) -> NoReturn:
    raise Unexpected(f"invalid type: {shown(value)}, expected {expected}")


def _refuse(place: str, message: str) -> NoReturn:
    where = f"{place}: " if place else ""
    raise Malformed(
        422, f"Failed to deserialize the JSON body into the target type: {where}{message}"
    )

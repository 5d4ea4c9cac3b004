"""The log of a server whose standard output is the wire: it goes to standard error, or to a file.

Nobody's code is written above the level DEBUG. What we log ourselves keeps to that by what it
says; what others raise may quote the text it choked on, so above DEBUG an exception is told by its
type and its place, and only our own (errors.py) in its own words, unless it quotes others. The key
and the values of the headers are written at no level.
"""

from __future__ import annotations

import copy
import logging
import re
import sys
import traceback
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import TracebackType
from typing import TypeAlias

from arriero.errors import ArrieroError
from arriero.settings import Settings

OURS = ("arriero", "arriero_backend")

# pygls logs whole messages, and errors as it finds them: with the text of the document in them.
TALKATIVE = "pygls"

# How a line begins that `Discreet` writes, and the place of an exception.
_RECORD = re.compile(
    r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} (?P<level>[A-Z]+) (?:arriero|asyncio)[\w.]*: "
)
_PLACE = re.compile(r' +File "[^"]*", line \d+, in \S+$')
LEFT_OUT = "The log was written at the level debug, so it is left out: code stands in it."

Raised: TypeAlias = (
    tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]
)


def set_up(settings: Settings, *, file: Path | None = None) -> None:
    """Write the log as the settings say; called again, it replaces what it set up before.

    Raises OSError when the file cannot be written.
    """
    level = settings.log_level.upper()
    target = (
        logging.FileHandler(file, encoding="utf-8") if file else logging.StreamHandler(sys.stderr)
    )
    discreet = Discreet((secret.reveal() for secret in settings.secrets()), level == "DEBUG")
    target.setFormatter(discreet)

    root = logging.getLogger()
    for handler in list(root.handlers):
        if isinstance(handler.formatter, Discreet):
            discreet.hide(handler.formatter.secrets)
            root.removeHandler(handler)
            handler.close()
    root.addHandler(target)
    root.setLevel(logging.WARNING)  # for the libraries
    for name in OURS:
        logging.getLogger(name).setLevel(level)
    logging.getLogger(TALKATIVE).setLevel(logging.DEBUG if level == "DEBUG" else logging.CRITICAL)


def hide(secret: str) -> None:
    """Keep a secret out of the log that came to light after `set_up`, such as a command's key."""
    for handler in logging.getLogger().handlers:
        if isinstance(handler.formatter, Discreet):
            handler.formatter.hide([secret])


class Discreet(logging.Formatter):
    """Writes no secret; writes the words of others' exceptions only where it is `verbatim`."""

    def __init__(self, secrets: Iterable[str], verbatim: bool) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")
        self.secrets: list[str] = []
        self._verbatim = verbatim
        self.hide(secrets)

    def hide(self, secrets: Iterable[str]) -> None:
        """Write these no more."""
        found = {*self.secrets, *filter(None, secrets)}
        # The longest first: a secret may be the beginning of another.
        self.secrets = sorted(found, key=len, reverse=True)

    def format(self, record: logging.LogRecord) -> str:
        record = copy.copy(record)  # other handlers see it too, and logging keeps texts in it
        record.exc_text = None
        if not self._verbatim:
            record.msg = _told(record.msg)
            if isinstance(record.args, tuple):
                record.args = tuple(map(_told, record.args))
            if record.name.partition(".")[0] not in OURS:
                # asyncio shows a failed task from the second line on, with its exception.
                record.msg, record.args = record.getMessage().partition("\n")[0], None
        text = super().format(record)
        for secret in self.secrets:
            text = text.replace(secret, "***")
        return text

    def formatException(self, ei: Raised) -> str:
        if self._verbatim or ei[1] is None:
            return super().formatException(ei)
        return "\n".join(_place(error) for error in _causes(ei[1]))


def without_code(lines: Iterable[str]) -> Iterator[str]:
    """Yield what of a log's lines has nobody's code in it, whatever wrote something before them.

    At the level DEBUG code can stand in every line, so nothing is left of such a log.
    """
    records = [(line, _RECORD.search(line)) for line in lines]
    if any(record and record["level"] == "DEBUG" for _, record in records):
        yield LEFT_OUT
        return
    for line, record in records:
        # Of what led to an exception, the places alone; others may write lines in between.
        if record or _PLACE.match(line):
            yield line[record.start() :] if record else line


def _told(value: object) -> object:
    """Name an exception that may quote code by its type; return anything else as it is."""
    ours = isinstance(value, ArrieroError) and not value.quotes
    return type(value).__name__ if isinstance(value, BaseException) and not ours else value


def _place(error: BaseException) -> str:
    return "".join([*traceback.format_tb(error.__traceback__), str(_told(error))])


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Yield what led to an exception, the first cause first, as Python's own tracebacks do."""
    if cause := error.__cause__ or error.__context__:
        yield from _causes(cause)
    yield error

"""The log of a server whose standard output is the wire: it goes to standard error, or to a file.

Nobody's code is written above the level DEBUG. What we log ourselves keeps to that by what it
says; what others raise may quote the text it choked on, so above DEBUG an exception is told by its
type and its place, and only our own (errors.py) in its own words. The key and the values of the
headers are written at no level.
"""

from __future__ import annotations

import copy
import logging
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


def _told(value: object) -> object:
    """Name an exception of others by its type; return anything else as it is."""
    foreign = isinstance(value, BaseException) and not isinstance(value, ArrieroError)
    return type(value).__name__ if foreign else value


def _place(error: BaseException) -> str:
    return "".join([*traceback.format_tb(error.__traceback__), str(_told(error))])


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Yield what led to an exception, the first cause first, as Python's own tracebacks do."""
    if cause := error.__cause__ or error.__context__:
        yield from _causes(cause)
    yield error

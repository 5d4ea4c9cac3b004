"""Everything that can go wrong, as one tree.

    ArrieroError
    ├── SettingsError            a setting is wrong; its default is used
    ├── NoBackend                no model server is configured and no local model is there
    ├── BackendError             the model server
    │   ├── Unreachable          nothing answers at the address
    │   ├── WrongAddress         something answers, but it is no model server
    │   ├── WrongKey             the key is missing or refused
    │   ├── Overloaded           busy; later it may work
    │   ├── NoTemplate           nobody has the chat template of the model
    │   ├── TooLong              prompt and answer do not fit the model's context
    │   ├── Invalid              the server refuses the request for another reason
    │   ├── GenerationFailed     the server gave up while it generated
    │   ├── Interrupted          the connection broke in the middle of an answer
    │   └── TooSlow              a deadline passed
    ├── AnswerError              the model answered, but not with what was asked for
    ├── DialogError              turns that the prompt format does not allow
    ├── NotOpen                  the client speaks of a document that it never opened
    ├── NotPossible              an action that cannot be done here; the model is not asked
    ├── DocumentChanged          the text moved on while the model answered
    ├── WireError                client and server do not understand each other
    │   ├── FramingError         what comes is not the Language Server Protocol
    │   ├── ResponseError        the server answered with an error
    │   └── Disconnected         the server is gone, or never started
    └── NotSent                  the file is kept from every model (secret or ignored)

The message of each is meant for people: what happened, what it means, what to do. They see it when
they asked. `to_mend` says whether they see it also where nobody asked, as while they type: they
have to mend it before anything can work. `assist/news.py` tells such a cause once.
"""

from __future__ import annotations

from typing import ClassVar


class ArrieroError(Exception):
    """The root. `str(error)` is one or two plain sentences.

    Where it `quotes`, somebody's code can be among them: a model's words, or those of a server that
    repeats what it was sent. The person sees it; the log does not.
    """

    to_mend: ClassVar[bool] = False
    quotes: ClassVar[bool] = False


class SettingsError(ArrieroError):
    """A setting is wrong; the message names it, says why, and what is used instead."""


class NoBackend(ArrieroError):
    """There is no model to ask; the message has the command that mends it."""

    to_mend = True


class BackendError(ArrieroError):
    """The model server failed. `retry_after` is its own advice in seconds, if it gave one."""

    retryable: ClassVar[bool] = False

    def __init__(self, message: str, *, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class Unreachable(BackendError):
    """Nothing answers at the address: refused, no such host, or no TLS."""

    to_mend = True
    retryable = True


class WrongAddress(BackendError):
    """Something answers at the address, but not a model server: 404, a web page."""

    to_mend = True


class WrongKey(BackendError):
    """The key is missing or refused: 401, 403."""

    to_mend = True


class Overloaded(BackendError):
    """The server is busy or still loading: 429, 502, 503, 504, or the event of the same name."""

    retryable = True
    quotes = True


class NoTemplate(BackendError):
    """The model wants its own chat template, and the server has none, nor a route for chats."""

    to_mend = True
    quotes = True


class TooLong(BackendError):
    """Prompt and answer together do not fit the model's context."""

    quotes = True


class Invalid(BackendError):
    """The server refuses the request's form: 400, 413, 415, 422."""

    quotes = True


class GenerationFailed(BackendError):
    """The server gave up while it generated: 424, 500, or the event of the same name."""

    retryable = True
    quotes = True


class Interrupted(BackendError):
    """The connection broke in the middle of an answer."""

    retryable = True


class TooSlow(BackendError):
    """A deadline passed; the message says which, and the setting that moves it."""


class AnswerError(ArrieroError):
    """The model answered, but with nothing that can be used: empty, prose, refused, cut short."""

    quotes = True


class DialogError(ArrieroError):
    """A dialog that the prompt format does not allow; the message names the turn, from 1."""


class NotOpen(ArrieroError):
    """The client speaks of a document that it never opened, or has closed."""


class NotPossible(ArrieroError):
    """An action that cannot be done here, or not now; the model was not asked."""


class DocumentChanged(ArrieroError):
    """The text moved on while the model answered, and the answer no longer fits."""


class WireError(ArrieroError):
    """Client and server do not understand each other."""


class FramingError(WireError):
    """What comes is not the Language Server Protocol, and where a message starts is lost."""


class ResponseError(WireError):
    """The server answered a request with an error; `code` is JSON-RPC's or LSP's."""

    def __init__(self, message: str, code: int) -> None:
        super().__init__(message)
        self.code = code


class Disconnected(WireError):
    """The server is gone, or never started."""


class NotSent(ArrieroError):
    """The file is kept from every model; the message says which rule keeps it."""

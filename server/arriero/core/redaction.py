"""Secrets in what a model is shown: taken out on the way to it, put back on the way from it.

    texts -> Redactor.redact -> texts with placeholders, and what stands for what -> the prompt
    answer -> Secrets.restore -> the person's own text

A placeholder is a word, so code with one in a secret's place still parses. The same secret has the
same one for as long as the process lives, so the prompt's beginning stays the same for the server's
cache. It is a keyed hash, and the key is nowhere else: who sees it cannot try passwords until one
fits.
"""

from __future__ import annotations

import hashlib
import re
from base64 import b32encode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from arriero.core.text import Excerpt
from arriero.errors import AnswerError, NotSent

MARK = "REDACTED_"
_DIGITS = 8  # of 32 kinds: 40 bits, far more than it takes to tell the secrets of one prompt apart
_PLACEHOLDER = re.compile(rf"{MARK}[a-z2-7]{{{_DIGITS}}}_")
# What was a placeholder before a model wrote it in its own way.
_REMNANT = re.compile(r"redacted_\w*", re.IGNORECASE)
# What a stream has of a placeholder so far, or of what may still become one.
_BEGUN = re.compile(
    rf"(?:{'|'.join(MARK[:size] for size in range(len(MARK) - 1, 0, -1))}"
    rf"|{MARK}[a-z2-7]{{0,{_DIGITS}}})\Z"
)
_WORD = re.compile(r"\w*")

AT_A_SECRET = (
    "The cursor stands at what looks like a secret ({kind}), so nothing was sent. Suggestions go "
    "on behind it."
)
GARBLED = (
    "The model's answer spoils a placeholder that stands for a secret of yours, so nothing was "
    "changed. Try again, or select less code."
)


@dataclass(frozen=True, slots=True)
class Found:
    """What looks like a secret, by its characters in a text; `kind` is for people."""

    start: int
    stop: int
    kind: str

    def moved(self, by: int) -> Found:
        """Return the same in a text that has `by` more characters before it."""
        return replace(self, start=self.start + by, stop=self.stop + by)


@dataclass(frozen=True, slots=True)
class Secrets:
    """What each placeholder of a prompt stands for, and what kind of secret that is.

    `own` is the person's text in which it does.
    """

    values: Mapping[str, str] = field(default_factory=dict)
    kinds: Mapping[str, str] = field(default_factory=dict)
    own: str = ""

    def hide(self, text: str) -> str:
        """Put the placeholders in, wherever a secret stands."""
        # The longest first: a secret may be part of another.
        for name, secret in sorted(self.values.items(), key=lambda item: -len(item[1])):
            text = text.replace(secret, name)
        return text

    def restore(self, answer: str) -> str:
        """Put the secrets back. What was never taken out stays as it is."""
        if not self.values:
            return answer
        return _PLACEHOLDER.sub(lambda found: self.values.get(found[0], found[0]), answer)

    def settled(self, answer: str) -> int:
        """Return how many characters of a stream so far can be restored now."""
        begun = _BEGUN.search(answer) if self.values else None
        return begun.start() if begun else len(answer)

    def remnant(self, restored: str) -> int | None:
        """Return where a restored answer has something of a placeholder that a model spoiled."""
        found = _REMNANT.finditer(restored) if self.values else ()
        return next((each.start() for each in found if each[0] not in self.own), None)

    def checked(self, answer: str) -> str:
        """Put the secrets back. Raises AnswerError where one cannot be told for sure."""
        restored = self.restore(answer)
        if self.remnant(restored) is not None:
            raise AnswerError(GARBLED)
        return restored


NO_SECRETS = Secrets()


@dataclass(frozen=True, slots=True)
class Redactor:
    """Takes secrets out. `find` says where they are in a text; none goes over a line's end.

    `key` is up to 64 bytes.
    """

    find: Callable[[str], Sequence[Found]]
    key: bytes

    def redact(self, *texts: str) -> tuple[tuple[str, ...], Secrets]:
        """Return the texts without the secrets that are found in any of them."""
        secrets = self._named([each for text in texts for each in self._in(text)], texts)
        return tuple(map(secrets.hide, texts)), secrets

    def excerpt(self, excerpt: Excerpt, *others: str) -> tuple[Excerpt, tuple[str, ...], Secrets]:
        """Return an excerpt, and other texts that go along, without the secrets of any of them.

        Raises NotSent where a cursor, or a selection's edge, stands at a secret: it may be just
        being typed, and half of it is none that can be told.
        """
        parts = (excerpt.before, excerpt.selected, excerpt.after)
        whole = "".join(parts)
        edges = {len(parts[0]), len(parts[0]) + len(parts[1])}
        found = self.find(whole)
        for each in found:
            end = each.stop - 1 if excerpt.selected else _end_of_word(whole, each.stop)
            if any(each.start < edge <= end for edge in edges):
                raise NotSent(AT_A_SECRET.format(kind=each.kind))
        named = [(whole[each.start : each.stop], each.kind) for each in found]
        named += [each for other in others for each in self._in(other)]
        for secret, kind in named:
            if any(_is_cut(secret, whole, edge) for edge in edges):
                raise NotSent(AT_A_SECRET.format(kind=kind))
        secrets = self._named(named, (whole, *others))
        before, selected, after = map(secrets.hide, parts)
        shown = replace(excerpt, before=before, selected=selected, after=after)
        return shown, tuple(map(secrets.hide, others)), secrets

    def _in(self, text: str) -> list[tuple[str, str]]:
        return [(text[each.start : each.stop], each.kind) for each in self.find(text)]

    def _named(self, secrets: Sequence[tuple[str, str]], texts: Sequence[str]) -> Secrets:
        """Return the placeholders of secrets, given with their kinds, that are found in texts."""
        if not secrets:
            return NO_SECRETS
        names = {secret: self.placeholder(secret) for secret, _ in secrets}
        return Secrets(
            values={name: secret for secret, name in names.items()},
            kinds={names[secret]: kind for secret, kind in secrets},
            own="\n".join(texts),
        )

    def placeholder(self, secret: str) -> str:
        """Return the word that stands for a secret."""
        text = secret.encode("utf-8", "surrogatepass")
        digest = hashlib.blake2b(text, key=self.key, digest_size=5).digest()
        return f"{MARK}{b32encode(digest).decode('ascii').lower()}_"


def _is_cut(secret: str, text: str, edge: int) -> bool:
    """Tell whether a secret goes over an edge: it is none by its place, but by another one."""
    return text.find(secret, max(edge - len(secret) + 1, 0), edge + len(secret) - 1) >= 0


def _end_of_word(text: str, place: int) -> int:
    word = _WORD.match(text, place)
    return word.end() if word else place

"""Whether a value looks made up by chance, or like a name, a word, or a gap to be filled."""

from __future__ import annotations

import math
import re
from collections import Counter

# Characters: what is longer is data and no password.
MOST = 1024

# What people write where a secret would go, in examples and in templates.
_EXAMPLE = r"example|your|dummy|placeholder|redacted|xxxx|0123456|12345678|\.\.\.|\*\*\*"
_GAP = re.compile(
    rf"{_EXAMPLE}|change.?me|sample|insert|replace|todo|fake|mock|passw|secret|abcdefg|qwerty"
    r"|^<.*>$|[$%#]\{|\{\{|\$\(|%\(|^[${<]|^%\w$",
    re.IGNORECASE,
)
_EXAMPLES = re.compile(_EXAMPLE, re.IGNORECASE)

# Words and numbers with signs between them: names, paths, versions.
_PIECE = r"(?:(?:[a-z]{2,20}|[A-Z]{2,20}|[A-Z][a-z]{1,20})\d{0,3}|[A-Za-z]?\d{1,4})"
_WORDS = re.compile(rf"\W?(?:{_PIECE}[\W_]+)*{_PIECE}[\W_]*\Z")
_WORD = re.compile(r"[A-Z]?[a-z]{3,}|[A-Z]{4,}")
_RUNS = re.compile(r"[a-z]+|[A-Z]+|\d+|[^A-Za-z\d]")

# Bits per character. Sixteen digits of chance have 3.2 on the average, sixteen letters more.
_LEAST_BITS = 2.9

# By the number of characters: those in words of a name, and runs of one kind of character.
_MOST_WORDS = 0.6
_LEAST_RUNS = 0.25
_NO_NAME = 0.4


def is_token(value: str) -> bool:
    """Tell whether what has a token's form is one, and not an example of its form."""
    drawn = _mixed(value) or not (value.islower() or value.isupper())
    return drawn and not _EXAMPLES.search(value) and bits(value) > _LEAST_BITS


def is_random(value: str) -> bool:
    """Tell whether a value is a key that some machine drew."""
    if not 16 <= len(value) <= MOST or _is_gap(value) or not _mixed(value):
        return False
    if _WORDS.match(value) or _is_of_words(value) or bits(value) < _LEAST_BITS:
        return False
    return _runs(value) >= _LEAST_RUNS


def is_password(value: str) -> bool:
    """Tell whether a value is a password as people make them: letters with digits among them."""
    if not 7 <= len(value) <= MOST or _is_gap(value) or not _mixed(value):
        return False
    return not re.search(r"[\s/\\(){}\[\]<>_.:,]", value)


def is_no_name(value: str) -> bool:
    """Tell whether a value without quotes is none of the names that stand in a program."""
    return not value.isidentifier() or not (_is_of_words(value) or _runs(value) < _NO_NAME)


def bits(value: str) -> float:
    """Return the entropy of a value by its own characters, in bits per character."""
    size = len(value)
    counts = Counter(value).values()
    return -sum(count / size * math.log2(count / size) for count in counts)


def _is_gap(value: str) -> bool:
    return bool(_GAP.search(value)) or len(set(value)) < 4


def _is_of_words(value: str) -> bool:
    """Tell whether most of a value is words with large letters: a name in a program."""
    if value.islower() or value.isupper():
        return False
    return sum(map(len, _WORD.findall(value))) > _MOST_WORDS * len(value)


def _runs(value: str) -> float:
    return len(_RUNS.findall(value)) / len(value)


def _mixed(value: str) -> bool:
    return any(each.isdigit() for each in value) and any(each.isalpha() for each in value)

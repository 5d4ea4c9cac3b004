"""How each language writes documentation, for the action that writes it.

The answer is a continuation: the opening quotes are put into the model's mouth, and it goes on
until it closes them. So prose, apologies and rewritten code cannot come out of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from arriero.core.regions import defines, signature_end
from arriero.core.text import indent_of
from arriero.errors import AnswerError, NotPossible


@dataclass(frozen=True, slots=True)
class Style:
    """What opens a comment, what starts its further lines, what closes it, and where it stands."""

    opening: str
    line: str
    closing: str
    inside: bool = False


DOCSTRING = Style('"""', "", '"""', inside=True)
BLOCK = Style("/**\n * ", " * ", " */")
STYLES = {
    "python": DOCSTRING,
    "go": Style("// ", "// ", ""),
    "rust": Style("/// ", "/// ", ""),
    "swift": Style("/// ", "/// ", ""),
    "lua": Style("--- ", "--- ", ""),
    "haskell": Style("-- | ", "-- ", ""),
}
STYLES |= dict.fromkeys(
    ("ruby", "shellscript", "perl", "elixir", "r", "julia"), Style("# ", "# ", "")
)
STYLES |= dict.fromkeys(("c", "cpp", "csharp", "dart", "groovy", "java", "kotlin", "php"), BLOCK)
STYLES |= dict.fromkeys(("objective-c", "objective-cpp", "scala", "solidity"), BLOCK)
STYLES |= dict.fromkeys(("javascript", "javascriptreact", "typescript", "typescriptreact"), BLOCK)


@dataclass(frozen=True, slots=True)
class Opening:
    """Where a comment begins: the region's lines before and behind it, its indent, its style."""

    head: tuple[str, ...]
    rest: tuple[str, ...]
    indent: str
    style: Style

    @property
    def text(self) -> str:
        """The region up to and with the opening, as the model is made to have said it."""
        opened = "\n".join(self.indent + line for line in self.style.opening.split("\n"))
        return "".join(line + "\n" for line in self.head) + opened


def opening(region: str, language: str, before: str = "") -> Opening:
    """Find the place for a region's documentation; `before` is the file's text up to the region.

    Raises NotPossible where there is no such place, or documentation already.
    """
    style = STYLES.get(language)
    if style is None:
        raise NotPossible(f"arriero does not know how documentation is written in {language}.")
    lines = region.split("\n")
    first = next((n for n, line in enumerate(lines) if defines(line)), None)
    if first is None:
        raise NotPossible(
            "On these lines no function, class or type begins that can be documented."
        )
    if not style.inside:
        if _ends_in_comment([*before.removesuffix("\n").split("\n"), *lines[:first]], style):
            raise _documented()
        return Opening((), tuple(lines), indent_of(lines[0]), style)
    length = signature_end(lines[first:])
    if length is None:
        raise NotPossible(
            "The definition's body stands on the line of its head, so a docstring has no place. "
            "Put the body on lines of its own."
        )
    head = first + length
    body = next((line for line in lines[head:] if line.strip()), "")
    if body.lstrip().lstrip("rRuUbB").startswith(('"""', "'''", '"')):
        raise _documented()
    indent = indent_of(body) or indent_of(lines[first]) + "    "
    return Opening(tuple(lines[:head]), tuple(lines[head:]), indent, style)


def closed(answer: str, style: Style) -> bool:
    """Tell whether the comment is complete."""
    if style.closing:
        return style.closing.strip() in answer
    return _line_comment(answer, style) != answer


def written(answer: str, place: Opening, around: str) -> str:
    """Return the region with its documentation; raises AnswerError if there is none to trust.

    `around` is the text of the file around the region.
    """
    style = place.style
    if not closed(answer, style):
        raise AnswerError("The model did not finish the documentation, so nothing was changed.")
    if style.closing:
        body = answer.partition(style.closing.strip())[0].rstrip().removesuffix("\n" + place.indent)
    else:
        body = _line_comment(answer, style).rstrip()
    reason = _objection(body, place, around)
    if reason:
        raise AnswerError(f"The model's documentation {reason}, so nothing was changed.")
    comment = _marked(body, style) if style.line else _docstring(body, style, place.indent)
    indented = (place.indent + line if line else line for line in comment)
    return "\n".join((*place.head, *indented, *place.rest))


def _docstring(body: str, style: Style, indent: str) -> list[str]:
    first, *further = (line.removeprefix(indent).rstrip() for line in body.split("\n"))
    if not further:
        return [style.opening + first.strip() + style.closing]
    return [style.opening + first.strip(), *further, style.closing]


def _marked(body: str, style: Style) -> list[str]:
    """Return the comment's lines, each with its mark, whether the model wrote the mark or not."""
    mark = style.line.strip()
    texts = [line.strip().removeprefix(mark).strip() for line in body.rstrip().split("\n")]
    lines = [(style.line + text).rstrip() for text in texts]
    start = style.opening.rpartition("\n")[0]
    return [*filter(None, (start,)), *lines, *filter(None, (style.closing,))]


def _line_comment(answer: str, style: Style) -> str:
    """Return the lines of an answer that still are comment; the first one began in the prompt."""
    lines = answer.split("\n")
    for number, line in enumerate(lines[1:], start=1):
        if not line.strip().startswith(style.line.strip()):
            return "\n".join(lines[:number])
    return answer


def _objection(body: str, place: Opening, around: str) -> str | None:
    words = body.split()
    if len(words) < 3:
        return "says nothing"
    if "```" in body or "<|" in body:
        return "holds something else than text"
    lines = [line.strip() for line in body.split("\n") if line.strip()]
    if len(lines) != len(set(lines)):
        return "repeats itself"
    if any(len(line.split()) > 3 and line in around for line in lines):
        return "repeats another definition's"
    code = {line.strip() for line in (*place.head, *place.rest) if len(line.strip()) > 8}
    if code & set(lines):
        return "repeats the code"
    return None


def _ends_in_comment(above: Sequence[str], style: Style) -> bool:
    """Tell whether the line right above a definition is a comment; decorators do not count."""
    marks = [mark for mark in (style.line.strip(), style.closing.strip()) if mark]
    lines = [line.strip() for line in above]
    while lines and lines[-1].startswith(("@", "#[")):
        lines.pop()
    return bool(lines) and any(lines[-1].startswith(m) or lines[-1].endswith("*/") for m in marks)


def _documented() -> NotPossible:
    return NotPossible("This code is documented already; nothing was asked of the model.")

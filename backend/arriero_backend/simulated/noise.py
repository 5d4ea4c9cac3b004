"""The forms in which chat models wrap the code that they were asked for.

Each form is a function of the answer so far; its parameters are drawn. To add one, add a row to
FORMS.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from random import Random

LEADS = (
    "Sure! Here is the corrected code:",
    "Here's the new version of the function:",
    "The problem is that a value is missing. I changed it as follows:",
    "I have rewritten the code for you.\n\nIt now does what it should:",
)
TAILS = (
    "I hope this helps! Let me know if you have any questions.",
    "This version does the same as before, but it is right.",
    "Note that I kept the rest of the code as it was.\n\nThe tests should pass now.",
)


@dataclass(frozen=True)
class Answer:
    """What the model says, in its parts. `code` are whole lines; `opening` is its own fence.

    `old` is the code that it was shown, `before` and `after` what it was shown around that.
    """

    code: str
    before: str
    after: str
    old: str
    fence: str = "```"
    lead: str = ""
    opening: str = ""
    tail: str = ""
    closed: bool = True

    def text(self) -> str:
        """Return the text as it goes on behind the prefilled fence."""
        closing = f"\n{self.fence}" if self.closed else ""
        return f"{self.lead}{self.opening}{self.code}{closing}{self.tail}"


def prose(answer: Answer, random: Random) -> Answer:
    """Put sentences before and after, and open a fence of its own."""
    fence = random.choice(("```\n", "```python\n", "```js\n"))
    opening = answer.opening or fence
    lead = random.choice(LEADS) + random.choice(("\n", "\n\n")) + answer.lead
    return replace(answer, lead=lead, opening=opening, tail="\n\n" + random.choice(TAILS))


def no_fence(answer: Answer, random: Random) -> Answer:
    return replace(answer, opening="", closed=False)


def other_language(answer: Answer, random: Random) -> Answer:
    """Open a second fence, of whatever language."""
    return replace(answer, opening=f"```{random.choice(('text', 'java', 'py', 'c++'))}\n")


def repeated_prefix(answer: Answer, random: Random) -> Answer:
    lines = [line for line in answer.before.rstrip("\n").split("\n") if answer.before.strip()]
    some = lines[-random.randint(1, max(len(lines), 1)) :]
    return replace(answer, code="\n".join([*some, answer.code]))


def repeated_suffix(answer: Answer, random: Random) -> Answer:
    lines = [line for line in answer.after.strip("\n").split("\n") if answer.after.strip()]
    return replace(answer, code="\n".join([answer.code, *lines[: random.randint(1, 4)]]))


def whole_function(answer: Answer, random: Random) -> Answer:
    """Repeat all that was shown around the code."""
    parts = (answer.before.rstrip("\n"), answer.code, answer.after.rstrip("\n"))
    return replace(answer, code="\n".join(part for part in parts if part.strip()))


def wrong_indent(answer: Answer, random: Random) -> Answer:
    """Move all lines or the first one alone, or write levels of another width."""
    lines = answer.code.split("\n")
    # Nobody could tell what stood on a line of blanks alone.
    blank = any(line.isspace() for line in lines)
    way = random.choice(("moved", "first", "steps", *(() if blank else ("margin",))))
    if way == "moved":
        by = " " * random.randint(1, 9)
        lines = [by + line if line else line for line in lines]
    elif way == "first":
        # No level is at an odd column: at another level the line would be right too.
        lines[0] = " " * random.choice((0, 1, 3, 5, 7, 9)) + lines[0].lstrip()
    elif way == "margin":
        margin = min((len(x) - len(x.lstrip()) for x in lines if x.strip()), default=0)
        lines = [line[margin:] for line in lines]
    else:
        step = random.choice((1, 3, 8))
        lines = [_restepped(line, _step(lines), step) for line in lines]
    return replace(answer, code="\n".join(lines))


def _step(lines: list[str]) -> int:
    """Return the columns of a level: the smallest indent there is, beyond the first line's.

    What is further in than any level is so by alignment, or by several levels.
    """
    indents = {len(line) - len(line.lstrip()) for line in lines if line.strip()}
    least = min(indents, default=0)
    further = min((indent - least for indent in indents if indent > least), default=4)
    return further if further in (2, 3, 4, 8) else 4


def _restepped(line: str, old: int, new: int) -> str:
    levels, rest = divmod(len(line) - len(line.lstrip(" ")), old)
    return " " * (levels * new + rest) + line.lstrip(" ")


def tabs(answer: Answer, random: Random) -> Answer:
    lines = answer.code.split("\n")
    width = random.choice((_step(lines), 4))
    return replace(answer, code="\n".join(_tabbed(line, width) for line in lines))


def _tabbed(line: str, width: int) -> str:
    indent = len(line) - len(line.lstrip(" "))
    return "\t" * (indent // width) + " " * (indent % width) + line.lstrip(" ")


def crlf(answer: Answer, random: Random) -> Answer:
    return replace(answer, code=answer.code.replace("\n", "\r\n"))


def leak(answer: Answer, random: Random) -> Answer:
    """Put the turn's syntax before the code, behind it, or behind the fence."""
    where = random.choice(("before", "code", "fence"))
    mark = random.choice((" <step>", "</s>", " <step> Source: assistant\nEOT: true "))
    if where == "before":
        return replace(answer, lead="Source: assistant\nDestination: user\n\n " + answer.lead)
    if where == "code":
        return replace(answer, code=answer.code + mark)
    return replace(answer, tail=mark + answer.tail)


def diff(answer: Answer, random: Random) -> Answer:
    lines = difflib.unified_diff(
        answer.old.split("\n"),
        answer.code.split("\n"),
        "a/file",
        "b/file",
        n=random.choice((1, 3, 99)),
        lineterm="",
    )
    kept = list(lines)
    return replace(answer, code="\n".join(kept if random.random() < 0.5 else kept[2:]))


def numbered(answer: Answer, random: Random) -> Answer:
    form = random.choice(("{}: {}", "{:>3} | {}", "{}. {}", "{}\t{}", "{:>4} {}"))
    first = random.choice((1, 1, 17))
    lines = answer.code.split("\n")
    return replace(answer, code="\n".join(form.format(first + n, t) for n, t in enumerate(lines)))


def wrapped(answer: Answer, forms: Sequence[str], random: Random) -> str:
    """Return the answer in one form after the other, as it goes on behind the prefilled fence."""
    for form in forms:
        answer = FORMS[form](answer, random)
    return answer.text()


FORMS: dict[str, Callable[[Answer, Random], Answer]] = {
    "prose": prose,
    "no-fence": no_fence,
    "other-language": other_language,
    "repeated-prefix": repeated_prefix,
    "repeated-suffix": repeated_suffix,
    "whole-function": whole_function,
    "wrong-indent": wrong_indent,
    "tabs": tabs,
    "crlf": crlf,
    "leak": leak,
    "diff": diff,
    "numbered": numbered,
}

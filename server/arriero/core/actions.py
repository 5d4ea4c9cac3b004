"""The code actions. To add one, add a row to ACTIONS: it is then offered, run and listed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from arriero.core import documentation, reply, rewriting
from arriero.core.budget import LONGEST_TOKEN, Counter, Part, check, fit, room
from arriero.core.dialects import Dialect, Prompt, Turn, prompt
from arriero.core.layout import escaped, within
from arriero.core.models import ModelInfo
from arriero.core.rewriting import Rewriting
from arriero.core.text import Excerpt, fence_for
from arriero.errors import AnswerError

EXPERT = " You are an expert in {language}."
SPARE = 16  # tokens, for parts that make more of them together than alone
PROSE_TOKENS = 400
EXTRA_TOKENS = 64  # beside one and a half times the region: what is said around the code
NEW_TOKENS = 200  # and for code where there was none: as many as a suggestion has
DOCUMENTATION_TOKENS = 200


@dataclass(frozen=True, slots=True)
class Action:
    """One row. `kind` is an LSP CodeActionKind; `instruction` is what the model is told.

    `answer` says what comes of it: code that `rewrite`s the region, its `documentation`, or prose
    to `show`. `needs` is what it is offered for: a "diagnostic", several "diagnostics", any "code",
    or code with a "gap": a stub or a TODO. `languages` are LSP identifiers; all, where there are
    none.
    """

    id: str
    title: str
    kind: str
    instruction: str
    answer: Literal["rewrite", "documentation", "show"]
    needs: Literal["code", "gap", "diagnostic", "diagnostics"] = "code"
    languages: tuple[str, ...] = ()


ACTIONS = (
    Action(
        "fix",
        "Fix: {message}",
        "quickfix",
        "Repair this problem, and change nothing else:\n{problems}",
        "rewrite",
        needs="diagnostic",
    ),
    Action(
        "fix_all",
        "Fix all problems here",
        "quickfix",
        "Repair these problems, and change nothing else:\n{problems}",
        "rewrite",
        needs="diagnostics",
    ),
    Action(
        "explain_problem",
        "Explain the problem: {message}",
        # No quickfix: an editor that applies the only fix there is would have to ask.
        "refactor",
        "Explain in a few plain sentences what this problem means, why it is one here, and what "
        "can be done about it:\n{problems}",
        "show",
        needs="diagnostic",
    ),
    Action(
        "implement",
        "Implement",
        "refactor.rewrite",
        "Write what is missing in this code, as its names, its types and its comments say. Leave "
        "nothing to do.",
        "rewrite",
        needs="gap",
    ),
    Action(
        "document",
        "Write documentation",
        "refactor.rewrite",
        "Write this code once more with its documentation: what it does, what goes in and out.",
        "documentation",
        languages=tuple(documentation.STYLES),
    ),
    Action(
        "simplify",
        "Simplify",
        "refactor.rewrite",
        "Simplify this code. It has to do exactly the same as before.",
        "rewrite",
    ),
    Action(
        "optimise",
        "Optimise",
        "refactor.rewrite",
        "Make this code faster or use less memory. It has to give exactly the same results.",
        "rewrite",
    ),
    Action(
        "types",
        "Add types",
        "refactor.rewrite",
        "Add the types that are missing in this code, and change nothing else.",
        "rewrite",
        languages=("python", "typescript", "typescriptreact", "php", "ruby", "lua"),
    ),
    Action(
        "names",
        "Improve names",
        "refactor.rewrite",
        "Give the local variables of this code better names, and change nothing else. What other "
        "code can see keeps its name.",
        "rewrite",
    ),
    Action(
        "explain",
        "Explain",
        "refactor",
        "Explain in a few plain sentences what this code does and why it may be written so.",
        "show",
    ),
)
BY_ID = {action.id: action for action in ACTIONS}
SEARCHED = 65_536  # characters: a region that is longer fits no model
_GAP = re.compile(
    r"\b(?:TODO|FIXME|NotImplemented(?:Error|Exception)?|unimplemented!|todo!|not implemented)"
    r"|^[ \t]*(?:pass|\.\.\.)[ \t]*$|\{\s*\}[ \t]*(?:;[ \t]*)?$",
    re.IGNORECASE | re.MULTILINE,
)


def has_gap(code: str) -> bool:
    """Tell whether something is left to write in the code: a TODO, or a body that does nothing."""
    return bool(_GAP.search(code, 0, SEARCHED))


@dataclass(frozen=True, slots=True)
class Problem:
    """A diagnostic of some other server, at a document line (from 0)."""

    line: int
    message: str
    source: str = ""
    code: str = ""


@dataclass(frozen=True, slots=True)
class Ask:
    """A question to the model, with what is needed to read its answer."""

    action: Action
    prompt: Prompt
    fence: str
    place: documentation.Opening | None = None


def ask(
    action: Action,
    excerpt: Excerpt,
    problems: Sequence[Problem],
    dialect: Dialect,
    count: Counter,
    info: ModelInfo,
    system: str = "",
    complaint: str = "",
) -> Ask:
    """Word the request about the selected lines. Raises TooLong, or AnswerError if pointless.

    `system` is what the model is told it is; it is constant for a language, for the prefix cache.
    `complaint` says what was wrong with its last answer.
    """
    _check_size(action, excerpt, info)
    fence = fence_for(excerpt.before, excerpt.selected, excerpt.after)
    place = None
    if action.answer == "documentation":
        place = documentation.opening(excerpt.selected, excerpt.language, excerpt.before)
    prefill = _prefill(action, excerpt, fence, place)
    tokens = _answer_tokens(action, excerpt, count)
    limit = room(info, tokens)
    stop = tuple(s for s in dialect.stop if s not in excerpt.selected)
    # No stop at a fence: an answer may say something first, and open a fence of its own.
    if place and place.style.closing:
        stop = (*stop, place.style.closing.strip())
    if place and not dialect.converses:
        text = _continued(excerpt, place.text.rstrip(" "), dialect, count, limit)
        asked = Prompt(text, stop, dialect.end_ids, tokens)
    else:
        turns = _fitted(
            action,
            excerpt,
            problems,
            dialect,
            count,
            limit,
            prefill,
            fence,
            system,
            tokens,
            complaint,
        )
        asked = prompt(dialect, turns, prefill, stop, tokens)
    if action.answer == "rewrite":
        asked = replace(asked, max_new_tokens=tokens + _left_over(asked, count, info))
    return Ask(action, asked, fence if prefill else "", place)


def complete(answer: str, asked: Ask, excerpt: Excerpt) -> bool:
    """Tell whether the answer so far is all that is wanted."""
    text, ended = reply.said(reply.without_header(answer), _ends(asked), asked.prompt.signs)
    if asked.place:
        return ended or documentation.closed(text, asked.place.style)
    return ended or (bool(asked.fence) and rewriting.complete(text, excerpt))


def read(answer: str, asked: Ask, excerpt: Excerpt, *, whole: bool) -> Rewriting:
    """Return the new text of the region, or the prose to show. Raises AnswerError."""
    text, ended = reply.said(reply.without_header(answer), _ends(asked), asked.prompt.signs)
    if reply.refuses(text):
        raise AnswerError(
            "The model declined to answer, so nothing was changed. Asking about less code may help."
        )
    if asked.place:
        return Rewriting(documentation.written(text, asked.place, excerpt.before + excerpt.after))
    if asked.action.answer == "show":
        if not text.strip():
            raise AnswerError("The model said nothing. Try again, or select less code.")
        return Rewriting(text.strip())
    return rewriting.read(text, excerpt, whole=whole or ended)


def _ends(asked: Ask) -> tuple[str, ...]:
    """Return the stops that are no part of the answer; what closes a comment is one."""
    return tuple(s for s in asked.prompt.stop if not asked.place or s.startswith("<"))


def _prefill(
    action: Action, excerpt: Excerpt, fence: str, place: documentation.Opening | None
) -> str:
    opened = f"{fence}{excerpt.language}\n"
    if place:
        return opened + place.text.rstrip(" ")
    return opened if action.answer == "rewrite" else ""


def _answer_tokens(action: Action, excerpt: Excerpt, count: Counter) -> int:
    if action.answer == "rewrite":
        new = NEW_TOKENS if action.needs == "gap" else 0
        return count(excerpt.selected) * 3 // 2 + EXTRA_TOKENS + new
    return PROSE_TOKENS if action.answer == "show" else DOCUMENTATION_TOKENS


def _left_over(asked: Prompt, count: Counter, info: ModelInfo) -> int:
    """Return how many tokens more an answer may have that repeats code from around the region.

    They are not kept from what the model is shown. The stream is closed when the code is complete.
    """
    shown = count(asked.text)
    left = info.max_total_tokens - shown - asked.max_new_tokens
    return max(min(shown, left * 3 // 4), 0)  # the rest for counts that are too low


def _check_size(action: Action, excerpt: Excerpt, info: ModelInfo) -> None:
    """Raise TooLong for a region that no counting can make fit; of megabytes it takes seconds."""
    if len(excerpt.selected) > LONGEST_TOKEN * info.max_total_tokens:
        tokens = _answer_tokens(action, excerpt, _roughly)
        check(_roughly(excerpt.selected), room(info, tokens), tokens)


def _roughly(code: str) -> int:
    return len(code) // 3  # as many characters as a token of code has


def _continued(excerpt: Excerpt, opened: str, dialect: Dialect, count: Counter, limit: int) -> str:
    """Lay out a text that simply breaks off where the documentation begins."""

    def fitted(room: int) -> str:
        parts = (Part(excerpt.before, rank=1, keep="last"), Part(opened, rank=0))
        return dialect.render((), "".join(fit(parts, escaped(dialect, count), room)))

    return within(limit, fitted, count)


def _fitted(
    action: Action,
    excerpt: Excerpt,
    problems: Sequence[Problem],
    dialect: Dialect,
    count: Counter,
    limit: int,
    prefill: str,
    fence: str,
    system: str,
    answer_tokens: int,
    complaint: str,
) -> tuple[Turn, ...]:
    """Lay out the request: the file around the code, the code, the instruction."""
    listed = "\n".join(
        f"- line {problem.line + 1}: {problem.message}"
        + (f" ({' '.join(filter(None, (problem.source, problem.code)))})" if problem.source else "")
        for problem in problems
    )
    told = action.instruction.format(problems=listed)
    form = "\n\nAnswer with the new code in one block." if action.answer != "show" else ""

    def lay(above: str, below: str) -> tuple[Turn, ...]:
        user = "\n\n".join(
            part
            for part in (
                f"This is about {excerpt.path} ({excerpt.language}).",
                f"Code before it:\n{fence}\n{above}\n{fence}" if above.strip() else "",
                f"Code after it:\n{fence}\n{below}\n{fence}" if below.strip() else "",
                f"The code:\n{fence}{excerpt.language}\n{excerpt.selected}\n{fence}",
                told + form,
                complaint,
            )
            if part
        )
        expert = system + EXPERT.format(language=excerpt.language) if system else ""
        return Turn("system", expert), Turn("user", user)

    frame = count(dialect.render(lay("", ""), prefill)) + SPARE
    check(frame, limit, answer_tokens)

    def fitted(room: int) -> tuple[Turn, ...]:
        parts = (
            Part(excerpt.before, rank=1, keep="last"),
            Part(excerpt.after, rank=0, keep="first", share=0.3),
        )
        above, below = fit(parts, escaped(dialect, count), room - frame)
        return lay(above.rstrip("\n"), below.rstrip("\n"))

    return within(limit, fitted, lambda turns: count(dialect.render(turns, prefill)))

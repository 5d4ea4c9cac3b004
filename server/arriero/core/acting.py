"""What the model is asked when somebody chose an action, and what its answer makes of the code.

Choice -> ask -> Ask -> the model -> read -> Rewriting
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from arriero.core import documentation, reply, rewriting
from arriero.core.actions import Action
from arriero.core.budget import LONGEST_TOKEN, Counter, Part, check, fit, room
from arriero.core.context import Block
from arriero.core.dialects import Dialect, Prompt, Turn, prompt
from arriero.core.layout import escaped, fitting, in_fences, within
from arriero.core.models import ModelInfo
from arriero.core.redaction import Redactor, Secrets
from arriero.core.rewriting import Rewriting
from arriero.core.text import Excerpt, fence_for
from arriero.errors import AnswerError

EXPERT = " You are an expert in {language}."
SPARE = 16  # tokens, for parts that make more of them together than alone
PROSE_TOKENS = 400
EXTRA_TOKENS = 64  # beside one and a half times the region: what is said around the code
NEW_TOKENS = 200  # and for code where there was none: as many as a suggestion has
DOCUMENTATION_TOKENS = 200
CODE = ("rewrite", "below", "tests")  # answers that are blocks of code


@dataclass(frozen=True, slots=True)
class Problem:
    """A diagnostic of some other server, at a document line (from 0)."""

    line: int
    message: str
    source: str = ""
    code: str = ""


@dataclass(frozen=True, slots=True)
class Beside:
    """Another file that the model is shown, from its beginning on."""

    path: str
    text: str


@dataclass(frozen=True, slots=True)
class Choice:
    """What somebody chose: an action on the excerpt's selected lines, and all that it is about.

    `instruction` is their own, where the action needs one. `target` is where the answer goes, if it
    goes into another file than the excerpt's. `others` are what is shown of more files.
    """

    action: Action
    excerpt: Excerpt
    problems: Sequence[Problem] = ()
    instruction: str = ""
    target: Excerpt | None = None
    others: Sequence[Block] = ()

    @property
    def beside(self) -> Beside | None:
        """The file that the answer goes into, if there is text in it."""
        target = self.target
        return Beside(target.path, target.before) if target and target.before.strip() else None


@dataclass(frozen=True, slots=True)
class Ask:
    """A question to the model, with what is needed to read its answer."""

    action: Action
    prompt: Prompt
    fence: str
    place: documentation.Opening | None = None


def without_secrets(choice: Choice, redactor: Redactor) -> tuple[Choice, Secrets]:
    """Return what the model may be shown of a choice, and what was taken out of it."""
    messages = [problem.message for problem in choice.problems]
    target = choice.target
    beside = target.before if target else ""
    excerpt, texts, secrets = redactor.excerpt(
        choice.excerpt,
        choice.instruction,
        beside,
        *messages,
        *(each.text for each in choice.others),
    )
    instruction, beside, *texts_left = texts
    messages, shown_texts = texts_left[: len(messages)], texts_left[len(messages) :]
    problems = [
        replace(problem, message=message)
        for problem, message in zip(choice.problems, messages, strict=True)
    ]
    shown = replace(
        choice,
        excerpt=excerpt,
        problems=problems,
        instruction=instruction,
        target=target and replace(target, before=beside),
        others=[
            replace(each, text=text) for each, text in zip(choice.others, shown_texts, strict=True)
        ],
    )
    return shown, secrets


def ask(
    choice: Choice,
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
    action, excerpt = choice.action, choice.excerpt
    _check_size(action, excerpt, info)
    shown = (each.text for each in choice.others)
    fence = fence_for(excerpt.before, excerpt.selected, excerpt.after, *shown)
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
        turns = _fitted(choice, dialect, count, limit, prefill, fence, system, tokens, complaint)
        asked = prompt(dialect, turns, prefill, stop, tokens)
    if action.answer in CODE:
        asked = replace(asked, max_new_tokens=tokens + _left_over(asked, count, info))
    return Ask(action, asked, fence if prefill else "", place)


def complete(answer: str, asked: Ask, choice: Choice) -> bool:
    """Tell whether the answer so far is all that is wanted."""
    text, ended = reply.said(reply.without_header(answer), _ends(asked), asked.prompt.signs)
    if asked.place:
        return ended or documentation.closed(text, asked.place.style)
    return ended or (bool(asked.fence) and rewriting.complete(text, choice.excerpt))


def read(answer: str, asked: Ask, choice: Choice, *, whole: bool) -> Rewriting:
    """Return the new text of the region, or the prose to show. Raises AnswerError."""
    excerpt = choice.target or choice.excerpt
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
    below = asked.action.answer in ("below", "tests")
    return rewriting.read(text, excerpt, whole=whole or ended, below=below)


def _told(choice: Choice) -> str:
    """Return what the model is asked to do, and the form of its answer."""
    listed = "\n".join(
        f"- line {problem.line + 1}: {problem.message}"
        + (f" ({' '.join(filter(None, (problem.source, problem.code)))})" if problem.source else "")
        for problem in choice.problems
    )
    # Not `format`: an instruction of the settings may have braces of its own.
    told = choice.action.instruction.replace("{problems}", listed)
    told = told.replace("{instruction}", choice.instruction)
    if choice.target:
        told += f"\n\nThey go into {choice.target.path}."
    if choice.action.answer == "show":
        return told
    return f"{told}\n\nAnswer with the new code in one block."


def _ends(asked: Ask) -> tuple[str, ...]:
    """Return the stops that are no part of the answer; what closes a comment is one."""
    return tuple(s for s in asked.prompt.stop if not asked.place or s.startswith("<"))


def _prefill(
    action: Action, excerpt: Excerpt, fence: str, place: documentation.Opening | None
) -> str:
    opened = f"{fence}{excerpt.language}\n"
    if place:
        return opened + place.text.rstrip(" ")
    return opened if action.answer in CODE else ""


def _answer_tokens(action: Action, excerpt: Excerpt, count: Counter) -> int:
    if action.answer == "rewrite":
        new = NEW_TOKENS if action.needs in ("gap", "instruction") else 0
        return count(excerpt.selected) * 3 // 2 + EXTRA_TOKENS + new
    if action.answer in CODE:
        return count(excerpt.selected) + EXTRA_TOKENS + NEW_TOKENS
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
    choice: Choice,
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
    excerpt, beside = choice.excerpt, choice.beside
    told = _told(choice)

    def lay(above: str, below: str, other: str, others: str = "") -> tuple[Turn, ...]:
        user = "\n\n".join(
            part
            for part in (
                f"This is about {excerpt.path} ({excerpt.language}).{others}",
                f"Code before it:\n{fence}\n{above}\n{fence}" if above.strip() else "",
                f"Code after it:\n{fence}\n{below}\n{fence}" if below.strip() else "",
                f"{beside.path} begins so:\n{fence}\n{other}\n{fence}" if beside else "",
                f"The code:\n{fence}{excerpt.language}\n{excerpt.selected}\n{fence}",
                told,
                complaint,
            )
            if part
        )
        expert = system + EXPERT.format(language=excerpt.language) if system else ""
        return Turn("system", expert), Turn("user", user)

    frame = count(dialect.render(lay("", "", ""), prefill)) + SPARE
    check(frame, limit, answer_tokens)

    def fitted(room: int) -> tuple[Turn, ...]:
        parts = (
            Part(excerpt.before, rank=1, keep="last"),
            Part(excerpt.after, rank=0, keep="first", share=0.3),
            Part(beside.text if beside else "", rank=0, keep="first", share=0.5),
        )
        others = fitting(in_fences(choice.others, fence), dialect, count, room - frame)
        left = room - frame - escaped(dialect, count)(others)
        above, below, other = fit(parts, escaped(dialect, count), left)
        return lay(above.rstrip("\n"), below.rstrip("\n"), other.rstrip("\n"), others)

    return within(limit, fitted, lambda turns: count(dialect.render(turns, prefill)))

"""The code actions. To add one, add a row to ACTIONS: it is then offered, run and listed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from arriero.core import documentation, testing

Answer = Literal["rewrite", "documentation", "below", "insert", "tests", "show"]
Needs = Literal["code", "gap", "diagnostic", "diagnostics", "instruction", "cursor"]


@dataclass(frozen=True, slots=True)
class Action:
    """One row. `kind` is an LSP CodeActionKind; `instruction` is what the model is told.

    `answer` says what comes of it: code that `rewrite`s the region, its `documentation`, code to
    put `below` it or to `insert` at the cursor, `tests` for the tests' file, or prose to `show`.
    `needs` is what it is offered for: a "diagnostic", several "diagnostics", any "code", code with
    a "gap" (a stub or a TODO), an "instruction" that the editor asks for, or a "cursor" without a
    selection. `languages` are LSP identifiers; all, where there are none.
    """

    id: str
    title: str
    kind: str
    instruction: str
    answer: Answer
    needs: Needs = "code"
    languages: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The title without what it is about."""
        return self.title.partition(":")[0]


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
        "tests",
        "Write tests",
        "refactor",
        "Write tests for this code: what it is for, its limits, and what it refuses. Give only "
        "what is new in the file of the tests.",
        "tests",
        languages=tuple(testing.HABITS),
    ),
    Action(
        "edit",
        "Edit as told",
        "refactor.rewrite",
        "Change this code as follows, and change nothing else:\n{instruction}",
        "rewrite",
        needs="instruction",
    ),
    Action(
        "continue",
        "Continue",
        "refactor",
        "Write what comes next below this code. Do not repeat it.",
        "below",
    ),
    Action("complete", "Complete here", "refactor", "", "insert", needs="cursor"),
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

"""What a user turn asks for: the code it shows, the words around it, the reply it has begun.

Nothing here depends on how somebody words their prompts: code stands in fences, and what a reply
already says is to be gone on with.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from arriero_backend.simulated.dialog import Dialog

_BLOCK = re.compile(
    r"^(?P<fence>`{3,})[^\n`]*\n(?P<code>.*?)^(?P=fence)[ \t]*$", re.DOTALL | re.MULTILINE
)
_LABEL = re.compile(r"^[^\n`]*:\n(?=`{3,})", re.MULTILINE)  # what a block is said to be
_OPENED = re.compile(r"(?P<fence>`{3,})[^\n`]*\n")
_CONTINUES = re.compile(r"^\s*(?:continue|complete)\b|\bthe cursor\b", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Request:
    """A request for code or prose.

    `blocks` are the fenced texts of the user turn, without the line end before their last fence;
    `prose` is the rest of it, and `about` that without what blocks are called. `fence` and `code`
    are the reply so far; `fence` is None where the reply did not open one.
    """

    prose: str
    blocks: tuple[str, ...]
    fence: str | None
    code: str
    begun: bool
    about: str = ""

    @property
    def continues(self) -> bool:
        """Whether the words ask to go on at a cursor; a reply hardly begun does not tell."""
        return bool(_CONTINUES.search(self.prose))

    @property
    def shown(self) -> str:
        """The code that the request is about, if it is about some: the last that it shows."""
        return self.blocks[-1] if self.blocks else ""


def of_text(text: str) -> Request:
    """Return the request that a text without any words around it makes."""
    return Request(prose="", blocks=(), fence=None, code=text, begun=True)


def read(dialog: Dialog) -> Request:
    """Take a user turn apart."""
    opened = _OPENED.match(dialog.prefill)
    return Request(
        prose=_BLOCK.sub("", dialog.user),
        blocks=tuple(block["code"].removesuffix("\n") for block in _BLOCK.finditer(dialog.user)),
        fence=opened["fence"] if opened else None,
        code=dialog.prefill[opened.end() :] if opened else dialog.prefill,
        begun=bool(dialog.prefill),
        about=_BLOCK.sub("", _LABEL.sub("", dialog.user)),
    )

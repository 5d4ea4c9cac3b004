"""What cannot be done, at its borders: lines that touch, and lines that are not there."""

import pytest

from arriero.core.actions import BY_ID
from arriero.errors import NotPossible
from arriero.lsp.capabilities import Client
from arriero.lsp.code_action import Ticket
from arriero.lsp.documents import Document
from arriero.lsp.possible import Work, check

URI = "file:///a.py"


@pytest.mark.parametrize(
    ("uri", "start", "stop", "free"),
    [
        (URI, 0, 2, True),
        (URI, 4, 6, True),
        (URI, 1, 3, False),
        (URI, 3, 5, False),
        ("file:///b.py", 2, 4, True),
    ],
)
async def test_two_actions_may_touch_but_share_no_line(uri, start, stop, free):
    work = Work()
    with work.on(URI, 2, 4):
        if free:
            with work.on(uri, start, stop):
                pass
        else:
            with (
                pytest.raises(NotPossible, match="at work on these lines"),
                work.on(uri, start, stop),
            ):
                pass
    with work.on(URI, 2, 4):
        pass


@pytest.mark.parametrize(("stop", "there"), [(2, True), (3, False)])
def test_lines_end_with_the_document(stop, there):
    document = Document(URI, "python", 1, "a = 1\nb = 2")
    ticket = Ticket("simplify", URI, 1, 0, stop, [])
    if there:
        check(BY_ID["simplify"], document, ticket, Client(apply_edit=True))
        return
    with pytest.raises(NotPossible, match="lines 1 to 3, but the document has 2"):
        check(BY_ID["simplify"], document, ticket, Client(apply_edit=True))

"""The store against plain strings: whatever a client does, both have the same text."""

import re

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule

from arriero.lsp.documents import Documents, Edit
from arriero.lsp.positions import Position, Range

WIDTHS = {"utf-8": ("utf-8", 1), "utf-16": ("utf-16-le", 2), "utf-32": ("utf-32-le", 4)}
# Line ends and what is none, one to four bytes, a letter with accents of their own, an emoji of
# several characters.
PARTS = [
    "a",
    "b ",
    "\t",
    "\n",
    "\r\n",
    "\r",
    "\x0c",
    "\x85",
    "\u2028",
    "é",
    "e\u0301",
    "語",
    "😀",
    "👩\u200d💻",
]
TEXTS = st.lists(st.sampled_from(PARTS), max_size=12).map("".join)
PLACES = st.integers(0, 10**6)


def lines_of(text: str) -> list[str]:
    return re.split("\r\n|\r|\n", text)


class Store(RuleBasedStateMachine):
    """Offsets in a string are the model; what is sent are positions in code units."""

    uris = Bundle("uris")

    @initialize(encoding=st.sampled_from(sorted(WIDTHS)))
    def begin(self, encoding):
        self.encoding = encoding
        self.documents = Documents(encoding)
        self.model: dict[str, str] = {}
        self.version = 0

    @rule(target=uris, number=st.integers(0, 3), text=TEXTS)
    def open(self, number, text):
        uri = f"file:///{number}"
        self.documents.open(uri, "python", 1, text)
        self.model[uri] = text
        return uri

    @rule(uri=uris)
    def close(self, uri):
        self.documents.close(uri)
        self.model.pop(uri, None)

    @rule(uri=uris, edits=st.lists(st.tuples(PLACES, PLACES, TEXTS), max_size=4))
    def change(self, uri, edits):
        if uri not in self.model:
            return
        text, sent = self.model[uri], []
        for one, other, new in edits:
            # Between \r and \n there is no position that a client could name.
            places = [n for n in range(len(text) + 1) if text[n - 1 : n + 1] != "\r\n" or n == 0]
            start, stop = sorted((places[one % len(places)], places[other % len(places)]))
            sent.append(Edit(Range(self.place(text, start), self.place(text, stop)), new))
            text = text[:start] + new + text[stop:]
        self.version += 1
        self.documents.change(uri, self.version, sent)
        self.model[uri] = text

    @rule(uri=uris, text=TEXTS)
    def replace(self, uri, text):
        if uri in self.model:
            self.documents.change(uri, self.version, [Edit(None, text)])
            self.model[uri] = text

    def place(self, text: str, offset: int) -> Position:
        before = lines_of(text[:offset])
        codec, width = WIDTHS[self.encoding]
        return Position(len(before) - 1, len(before[-1].encode(codec)) // width)

    @invariant()
    def same(self):
        if not hasattr(self, "model"):
            return
        assert {each.uri: each.text for each in self.documents} == self.model
        for uri, text in self.model.items():
            document = self.documents[uri]
            assert document.lines(0, document.line_count) == lines_of(text)
            assert document.end == self.place(text, len(text))


TestStore = Store.TestCase
TestStore.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)

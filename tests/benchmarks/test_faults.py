"""The short form of `make bench-faults`: a fault of each family, in every way to ask."""

from collections import Counter

import pytest
from tenacity import wait_none

from arriero_backend.faults.script import Answer
from arriero_backend.faults.table import FAULTS
from benchmarks import faults

FEW = (
    "refused / before",
    "expired / meeting",
    "reset within a character",
    "dead when kept",
    "byte by byte",
    "BOM",
    "too short a length",
    "401 / meeting",
    "redirect elsewhere / before",
    "error event / end",
    "endless prose",
)
ANSWER = Answer(
    200,
    ((b"content-type", b"text/event-stream"),),
    tuple(b'data: {"n":%d}\n\n' % n for n in range(4)),
)


@pytest.mark.parametrize("words", FEW)
async def test_a_fault_is_survived(words, tmp_path, monkeypatch):
    monkeypatch.setattr("arriero.model.retry.BACKOFF", wait_none())
    tried = list(faults.cells(words))
    assert {cell.kind for cell in tried} == set(faults.KINDS)
    for cell in tried:
        folder = tmp_path / cell.kind
        folder.mkdir()
        outcome = await faults.tried(cell, folder, Counter())
        assert outcome.survived, (str(cell), outcome)


def test_no_two_faults_do_the_same_at_the_same_moment():
    done = Counter(
        (moment, tuple(fault.play(ANSWER, moment)))
        for fault in FAULTS.values()
        for moment in fault.moments
    )
    assert set(done.values()) == {1}


def test_every_fault_does_something():
    for name, fault in FAULTS.items():
        for moment in fault.moments:
            assert fault.play(ANSWER, moment) != ANSWER.script, name

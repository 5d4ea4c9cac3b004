"""Suggestions that are worse than none: filters.json says which filter objects to what."""

import json
from pathlib import Path

import pytest

from arriero.core.filters import FILTERS, objection
from marked import excerpt

CASES = json.loads(Path(__file__).with_name("filters.json").read_text("utf-8"))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["suggestion"][:24])
def test_what_is_objected_to(case):
    assert objection(case["suggestion"], excerpt(case["text_at"])) == case["objection"]


def test_every_filter_has_its_cases():
    assert {each.__name__ for each in FILTERS} == {case["objection"] for case in CASES} - {None}

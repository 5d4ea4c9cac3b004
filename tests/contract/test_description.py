"""The contract against TGI's own description, with requests that nobody thought of."""

from __future__ import annotations

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import negative_data_rejection

from contract import description

pytestmark = pytest.mark.contract

EXAMPLES = 30
bounded = settings(
    max_examples=EXAMPLES,
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.name.lower())
@pytest.mark.parametrize("path", description.SERVED)
def test_requests_are_answered_as_described(url, path, mode):
    """Valid requests are answered, all others refused, both in the shapes described."""
    positive = mode is GenerationMode.POSITIVE
    schema = schemathesis.openapi.from_dict(description.corrected(narrowed=positive))
    (operation,) = schema[path].values()
    if not positive and operation.method == "get":
        return  # there is nothing in it that could be wrong

    @bounded
    @given(case=operation.as_strategy(generation_mode=mode))
    def check(case: schemathesis.Case) -> None:
        answer = case.call(base_url=url)
        refused = _refused_in_stream(answer)
        case.validate_response(answer, excluded_checks=[negative_data_rejection] * refused)
        assert not (positive and refused)

    check()


def test_every_route_described_is_served_or_known_not_to_be():
    document = description.corrected(narrowed=False)
    assert set(document["paths"]) == {*description.SERVED, *description.NOT_SERVED}


def _refused_in_stream(answer: schemathesis.Response) -> bool:
    return answer.text.startswith('data: {"error":')

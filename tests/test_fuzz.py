"""The short form of `make fuzz`."""

import pytest

from fuzz import one_life


@pytest.mark.parametrize("seed", range(3))
async def test_every_valid_request_is_answered_once_whatever_stands_around_it(seed):
    await one_life(seed, 300)

"""How many examples a property of the prompts is tried with: 500, and 20,000 in `make soak`."""

import os

from hypothesis import settings

thorough = settings(max_examples=20_000 if os.environ.get("SOAK") else 500, deadline=None)

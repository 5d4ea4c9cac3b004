"""What can keep a plan from being made."""

from __future__ import annotations


class PlanError(Exception):
    """There is no plan; the message says why, and what to do, to people."""

"""Choosing the next token: logits in, an id and its log probability out.

The rules and their order are TGI's (server/text_generation_server/utils/tokens.py and
logits_process.py): repetition penalty, frequency penalty, temperature, top_k, top_p, typical_p,
then the choice. The log probability is taken from what the rules have left, as TGI reports it.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from arriero_backend.engine import Sampling
from arriero_backend.local.weights import Array


class Sampler:
    """The choice for one answer. The same seed makes the same choices from the same logits."""

    def __init__(self, sampling: Sampling, prompt: Sequence[int], vocabulary: int) -> None:
        self._sampling = sampling
        self._random = np.random.default_rng(sampling.seed)
        self._counts = np.bincount(prompt, minlength=vocabulary)

    def choose(self, logits: Array) -> tuple[int, float]:
        """Return the next token's id and log probability; the token then counts as said."""
        scores = self._warped(self._penalised(logits))
        logprobs = _log_softmax(scores)
        if draws(self._sampling):
            token = int(self._random.choice(len(logprobs), p=_shares(logprobs)))
        else:
            token = int(scores.argmax())
        self._counts[token] += 1
        return token, float(logprobs[token])

    def _penalised(self, logits: Array) -> Array:
        sampling, counts = self._sampling, self._counts
        if sampling.repetition_penalty != 1.0:
            penalty = np.float32(sampling.repetition_penalty)
            weaker = np.where(logits < 0, logits * penalty, logits / penalty)
            logits = np.where(counts > 0, weaker, logits)
        if sampling.frequency_penalty:
            logits = logits - sampling.frequency_penalty * (counts / counts.sum()).astype(
                np.float32
            )
        return logits

    def _warped(self, scores: Array) -> Array:
        sampling = self._sampling
        if sampling.temperature != 1.0:
            scores = scores / np.float32(sampling.temperature)
        if sampling.top_k is not None:
            scores = _only(scores, _top_k(scores, sampling.top_k))
        if sampling.top_p is not None:
            scores = _only(scores, _top_p(scores, sampling.top_p))
        if sampling.typical_p is not None:
            scores = _only(scores, _typical_p(scores, sampling.typical_p))
        return scores


def draws(sampling: Sampling) -> bool:
    """Whether chance has a part: any rule that shapes the chances turns it on, as in TGI."""
    return (
        sampling.do_sample
        or sampling.temperature != 1.0
        or sampling.top_k is not None
        or sampling.top_p is not None
        or sampling.typical_p is not None
    )


# Each rule returns the ids that it keeps, at least one.


def _top_k(scores: Array, k: int) -> NDArray[np.intp]:
    """Keep the k best, and whatever equals the last of them."""
    worst = np.partition(scores, -min(k, len(scores)))[-min(k, len(scores))]
    return np.flatnonzero(scores >= worst)


def _top_p(scores: Array, p: float) -> NDArray[np.intp]:
    """Keep the best that together have the chance p (Holtzman et al. 2019)."""
    order = np.argsort(-scores, kind="stable")
    before = np.cumsum(np.exp(_log_softmax(scores)[order], dtype=np.float64))
    return order[: 1 + int(np.searchsorted(before, p))]


def _typical_p(scores: Array, p: float) -> NDArray[np.intp]:
    """Keep those whose surprise is nearest the expected one, with the chance p (Meister 2022)."""
    logprobs = _log_softmax(scores)
    chances = np.exp(logprobs, dtype=np.float64)
    # A token that an earlier rule struck out is infinitely surprising and counts for nothing.
    expected = -np.sum(chances * np.where(chances > 0, logprobs, 0))
    order = np.argsort(np.abs(-logprobs - expected), kind="stable")
    return order[: 1 + int(np.searchsorted(np.cumsum(chances[order]), p))]


def _only(scores: Array, kept: NDArray[np.intp]) -> Array:
    struck = np.full_like(scores, -np.inf)
    struck[kept] = scores[kept]
    return struck


def _log_softmax(scores: Array) -> Array:
    shifted = scores - scores.max()
    result: Array = shifted - np.log(np.sum(np.exp(shifted)))
    return result


def _shares(logprobs: Array) -> NDArray[np.float64]:
    """Return chances that sum to one as exactly as `Generator.choice` asks for."""
    chances = np.exp(logprobs, dtype=np.float64)
    chances /= chances.sum()
    return chances

import asyncio
import threading
from contextlib import aclosing
from pathlib import Path

import numpy as np
import pytest

from arriero_backend.engine import EngineError, InputToken, Sampling
from arriero_backend.local.engine import LlamaEngine, model_id
from arriero_backend.local.errors import ModelError
from arriero_backend.local.llama import PIECE
from arriero_backend.local.loading import built_in
from arriero_backend.local.parts import Parts
from arriero_backend.local.vocabulary import Signs
from backend.local import tiny

GREEDY = Sampling()
SIGNS = Signs(None, frozenset({0}), frozenset({0}), {}, None)


class ScriptedNetwork:
    """Counts up from the last token, and can be held inside the worker thread."""

    def __init__(self) -> None:
        self.prepared: list[list[int]] = []
        self.pieces: list[int] = []
        self.failure: Exception | None = None
        self.entered = asyncio.Event()
        self.release = threading.Event()
        self.release.set()
        self._loop = asyncio.get_running_loop()

    def prepare(self, ids) -> int:
        self.prepared.append(list(ids))
        return 0

    def advance(self, ids):
        self.pieces.append(len(ids))
        self._loop.call_soon_threadsafe(self.entered.set)
        assert self.release.wait(10)
        if self.failure:
            raise self.failure
        return np.eye(100, dtype=np.float32)[(ids[-1] + 1) % 100]


class Letters:
    """A token for each character."""

    signs = SIGNS

    def encode(self, text, *, begin):
        return [InputToken(ord(c), c, n, n + 1) for n, c in enumerate(text)]

    def piece(self, token):
        return bytes([token])


@pytest.fixture
async def network():
    return ScriptedNetwork()


@pytest.fixture
async def engine(network):
    engine = LlamaEngine(
        Path("scripted.gguf"), Path(), lambda *_: Parts(network, Letters(), 1000, "script")
    )
    await engine.start()
    yield engine
    network.release.set()
    await engine.close()


@pytest.fixture
async def tiny_engine(gguf, tmp_path):
    engine = LlamaEngine(gguf, tmp_path, built_in)
    await engine.start()
    yield engine
    await engine.close()


async def answer(engine, ids, count, sampling=GREEDY) -> list:
    return [token async for token in engine.generate("", ids, sampling, count)]


# What comes out ----------------------------------------------------------------------------------


async def test_tokens_follow_the_prompt(engine):
    tokens = await answer(engine, [64], 3)
    assert [token.text for token in tokens] == ["A", "B", "C"]


async def test_no_more_is_computed_than_was_asked_for(engine, network):
    await answer(engine, [64] * 10, 3)
    assert network.pieces == [10, 1, 1]


async def test_a_long_prompt_is_computed_in_pieces(engine, network):
    await answer(engine, [64] * (2 * PIECE + 7), 1)
    assert network.pieces == [PIECE, PIECE, 7]


async def test_signs_are_marked(engine):
    tokens = await answer(engine, [98], 3)
    assert [(token.id, token.special) for token in tokens] == [(99, False), (0, True), (1, False)]


async def test_the_same_prompt_gives_the_same_answer_whatever_came_between(tiny_engine):
    prompt, other = ([token.id for token in tiny_engine.encode(t)] for t in ("hello w", "12 hell"))
    first = await answer(tiny_engine, prompt, 12)
    for between in (other, prompt[:3], other[:2]):
        await answer(tiny_engine, between, 5)
    again = await answer(tiny_engine, prompt, 12)
    assert [token.id for token in again] == [token.id for token in first]
    assert len({token.id for token in first}) > 2


async def test_a_seed_repeats_a_drawn_answer(tiny_engine):
    async def drawn(seed: int) -> list[int]:
        tokens = await answer(tiny_engine, [5, 6], 12, Sampling(temperature=3.0, seed=seed))
        return [token.id for token in tokens]

    assert await drawn(1) == await drawn(1) != await drawn(2)


# Giving up ---------------------------------------------------------------------------------------


async def test_who_hangs_up_during_the_prompt_stops_it_at_the_next_piece(engine, network):
    network.release.clear()
    listening = asyncio.create_task(answer(engine, [64] * 900, 3))
    await network.entered.wait()
    listening.cancel()
    with pytest.raises(asyncio.CancelledError):
        await listening
    network.release.set()
    # The next one is served at once, and nothing of the first is computed any more.
    assert [token.text for token in await answer(engine, [64], 1)] == ["A"]
    assert network.pieces == [PIECE, 1]


async def test_who_has_heard_enough_stops_it_at_once(engine, network):
    async with aclosing(engine.generate("", [64], GREEDY, 500)) as tokens:
        async for token in tokens:
            if token.text == "C":
                break
    await answer(engine, [64], 1)
    assert network.pieces == [1, 1, 1, 1]


async def test_one_is_served_at_a_time_in_the_order_of_asking(engine, network):
    network.release.clear()
    asked = [asyncio.create_task(answer(engine, [place], 2)) for place in (10, 20, 30)]
    await network.entered.wait()
    assert network.prepared == [[10]]
    network.release.set()
    assert [[t.id for t in tokens] for tokens in await asyncio.gather(*asked)] == [
        [11, 12],
        [21, 22],
        [31, 32],
    ]
    assert network.prepared == [[10], [20], [30]]


async def test_who_hangs_up_while_waiting_is_never_computed(engine, network):
    network.release.clear()
    first = asyncio.create_task(answer(engine, [10], 1))
    await network.entered.wait()
    second = asyncio.create_task(answer(engine, [20], 1))
    await asyncio.sleep(0)
    second.cancel()
    network.release.set()
    await first
    assert network.prepared == [[10]]


# What goes wrong ---------------------------------------------------------------------------------


async def check_fails(engine, ids, count, words) -> None:
    with pytest.raises(EngineError, match=words):
        await answer(engine, ids, count)


async def test_too_little_memory_fails_this_answer_and_no_other(engine, network):
    network.failure = MemoryError()
    await check_fails(engine, [64], 1, "too little free memory")
    network.failure = None
    assert await answer(engine, [64], 1)


async def test_what_does_not_fit_is_refused(engine, network):
    await check_fails(engine, [64] * 999, 2, "999 tokens and an answer of 2 do not fit: .* 1000")
    await check_fails(engine, [], 2, "no tokens")
    assert network.pieces == []


async def test_a_model_that_cannot_be_loaded_says_why_at_the_start(tmp_path):
    engine = LlamaEngine(tmp_path / "none.gguf", tmp_path, built_in)
    with pytest.raises(ModelError, match="cannot be opened"):
        await engine.start()
    await engine.close()


# What it says of itself --------------------------------------------------------------------------


async def test_facts(tiny_engine):
    facts = tiny_engine.facts
    assert (facts.model_id, facts.router) == ("Tiny-1M-Instruct", "arriero-local")
    assert (facts.max_input_tokens, facts.max_total_tokens) == (tiny.CONTEXT - 1, tiny.CONTEXT)
    assert tiny_engine.end_ids == {0, 2}


async def test_a_long_context_is_cut_to_what_a_processor_can_bear(tmp_path):
    gguf = tiny.write(tmp_path / "long.gguf", llama__context_length=131_072)
    assert built_in(gguf, tmp_path).context == 4096


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("SmolLM2-135M-Instruct.Q4_1.gguf", "SmolLM2-135M-Instruct"),
        ("codellama-7b.Q4_K_M.gguf", "codellama-7b"),
        ("Some-Model-IQ3_XS.gguf", "Some-Model"),
        ("Some-Model-f16.gguf", "Some-Model"),
        ("qwen2.5-coder.gguf", "qwen2.5-coder"),
    ],
)
def test_the_model_is_named_after_its_file(file, name):
    assert model_id(Path(file)) == name


async def test_a_chat_is_written_by_the_models_own_template(tiny_engine):
    messages = [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Ho"}]
    assert tiny_engine.render_chat(messages) == (
        "<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\nHo<|im_end|>\n"
        "<|im_start|>assistant\n"
    )


async def test_what_the_template_refuses_is_said_in_its_words(tiny_engine):
    with pytest.raises(ValueError, match="no tools here"):
        tiny_engine.render_chat([{"role": "tool", "content": "Hi"}])


async def test_a_model_without_a_template_has_no_chats(engine):
    with pytest.raises(ValueError, match="no chat template"):
        engine.render_chat([{"role": "user", "content": "Hi"}])

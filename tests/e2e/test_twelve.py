"""The twelve Code Llamas, each simulated: they say the truth to their own format alone."""

import pytest

from arriero.core import completion
from arriero.core.dialects import BY_NAME, infill
from arriero.core.models import CODE_LLAMAS, ModelInfo, recognised
from arriero.model.tokens import estimate
from arriero_backend.simulated import speech
from arriero_backend.simulated.models import named
from arriero_backend.simulated.tokenizer import encode
from e2e.house import backend, in_memory, settings
from marked import excerpt

TRUTH = '''"""Areas."""

import math

HTML = "</s><step> [INST]"


def circle(r):
    """Return the area of a circle."""
    return math.pi * r**2


def square(a):
    """Return the area of a square."""
    return a * a
'''
CUT = TRUTH.replace("return math.pi * r**2", "return ‸")
UNDOCUMENTED = TRUTH.replace('    """Return the area of a square."""\n', "").replace(
    "def square", "‸def square"
)

# What else than its own format a model understands. A base model goes on with any text, and the
# 7B and 13B Instruct chat as well as they fill gaps.
ALSO = {"infill": {"plain"}, "plain": set()}
ALSO_INSTRUCT = {"infill": {"llama2_inst"}, "llama2_inst": set(), "source_destination": set()}

each = pytest.mark.parametrize("model", CODE_LLAMAS, ids=lambda model: model.id)


@pytest.fixture
def at(tmp_path):
    """Return a function that opens a document before one of the models, which knows the truth."""
    (tmp_path / "truth").mkdir()
    (tmp_path / "truth" / "areas.py").write_text(TRUTH, "utf-8", newline="")

    async def at(model, marked, do, **more):
        async with (
            backend(tmp_path / "truth", model=named(model.id)) as served,
            in_memory(tmp_path, settings(served.url, **more)) as desk,
        ):
            desk.open(marked, "areas.py")
            return await do(desk), served.prompts

    return at


@each
async def test_a_suggestion(at, model):
    async def suggested(desk):
        text = await desk.suggestion()
        status = await desk.client.request("arriero/status", {})
        return text, status["model"], status["dialect"]

    said, _ = await at(model, CUT, suggested)
    assert said == ("math.pi * r**2", model.id, model.formats.completion)


@each
async def test_an_action(at, model):
    async def documented(desk):
        await desk.choose("document")
        return desk.text

    said, prompts = await at(model, UNDOCUMENTED, documented)
    assert said == TRUTH
    assert len(prompts) == 1


@each
@pytest.mark.parametrize("dialect", ["source_destination", "llama2_inst", "plain"])
async def test_an_action_in_any_format(at, model, dialect):
    async def documented(desk):
        await desk.choose("document")
        return desk.text

    said, _ = await at(model, UNDOCUMENTED, documented, dialect=dialect)
    assert (said == TRUTH) == (dialect == model.formats.conversation)


@pytest.mark.parametrize("size", ["7b", "13b", "34b"])
async def test_a_template_of_the_servers(at, size):
    model = recognised(f"codellama/CodeLlama-{size}-Instruct-hf")

    async def done(desk):
        return await desk.suggestion(), await desk.choose("explain")

    (text, told), prompts = await at(model, CUT, done, dialect="template")
    assert text == "math.pi * r**2"
    assert "circle" in told["text"]
    assert all(prompt.startswith("<s>[INST] <<SYS>>") for prompt in prompts)


@each
@pytest.mark.parametrize("suffix_first", [True, False])
def test_a_gap_is_filled_in_either_order(model, suffix_first):
    cut = excerpt(CUT)
    prompt = infill(cut.before, cut.after, suffix_first=suffix_first)
    tokens = encode(prompt, add_special_tokens=True)
    said = speech.say(tokens, {"areas.py": TRUTH}, named(model.id)).text
    assert (said == "math.pi * r**2") == model.infills


@each
@pytest.mark.parametrize("dialect", ["source_destination", "llama2_inst", "infill", "plain"])
def test_the_truth_is_said_to_the_right_format_only(model, dialect):
    cut = excerpt(CUT)
    info = ModelInfo(model.id, "simulated", "")
    asked = completion.ask(cut, BY_NAME[dialect], estimate, info, completion.Generation())
    tokens = encode(asked.prompt.text, add_special_tokens=True)
    said = speech.say(tokens, {"areas.py": TRUTH}, named(model.id)).text
    also = ALSO_INSTRUCT if model.variant == "Instruct" else ALSO
    own = model.formats.completion
    added = completion.heard(said, asked)[0].removeprefix(asked.held)
    suggested = added and completion.shown(added, cut, several=asked.several, whole=True)
    assert (suggested == "math.pi * r**2") == (dialect in {own, *also[own]})

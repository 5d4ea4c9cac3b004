"""The embedded model itself, in its own process, as people get it; `make test` fetches it first.

`make test-llamacpp` has it computed by llama.cpp: LLAMA_CPP_PYTHON is the Python that has that.
"""

import json
import os
import subprocess
import sys

import httpx2
import pytest

from arriero_backend.local import model

PROMPT = 'def is_prime(n: int) -> bool:\n    """Return True if n is a prime number."""'

PYTHON = os.environ.get("LLAMA_CPP_PYTHON", sys.executable)

PATIENCE = 600  # seconds, for an answer that never comes; a busy computer takes its time

pytestmark = pytest.mark.local


@pytest.fixture(scope="module")
def client():
    if not model.find():
        pytest.fail("The embedded model is missing. Run `make model` once, or `make test`.")
    command = (PYTHON, "-m", "arriero_backend.local", "--until-stdin-closes")
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        url = json.loads(process.stdout.readline())["url"]
        with httpx2.Client(base_url=url, timeout=PATIENCE, trust_env=False) as client:
            yield client
        process.stdin.close()


def test_it_writes_a_function_that_works(client):
    asked = {"inputs": PROMPT, "parameters": {"max_new_tokens": 64, "do_sample": False}}
    written = PROMPT + client.post("/generate", json=asked).json()["generated_text"]
    function, _, _ = written.partition("\n\n")
    names: dict = {}
    exec(function, names)
    primes = [n for n in range(-3, 50) if names["is_prime"](n)]
    assert primes == [2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47]


# The ids are llama.cpp's (llama-cpp-python 0.3.36).
@pytest.mark.parametrize(
    ("text", "ids"),
    [
        (
            "def f(x):\n    return x[2024] + 17",
            [1604, 275, 24, 104, 727, 472, 1003, 1792, 75, 34, 32, 34, 36, 77, 1232, 216, 33, 39],
        ),
        (
            "\tgröße = '日本' # 😀",
            [197, 9861, 7466, 34878, 85, 446, 637, 23274, 115, 40993, 23, 907, 40303, 218],
        ),
        ("<|im_start|>user\nHi<|im_end|>", [1, 4093, 198, 26843, 2]),
        ("a  b\n\n\n   c\r\n", [81, 216, 278, 1116, 11181, 265, 2738]),
    ],
)
def test_it_cuts_text_as_llama_cpp_does(client, text, ids):
    assert [t["id"] for t in client.post("/tokenize", json={"inputs": text}).json()] == ids


def test_its_template_is_the_one_it_was_trained_with(client):
    asked = {"messages": [{"role": "user", "content": "Hi"}]}
    assert client.post("/chat_tokenize", json=asked).json()["templated_text"] == (
        "<|im_start|>system\nYou are a helpful AI assistant named SmolLM, trained by Hugging Face"
        "<|im_end|>\n<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n"
    )


def test_it_says_what_it_is(client):
    info = client.get("/info").json()
    assert (info["model_id"], info["router"]) == ("SmolLM2-135M-Instruct", "arriero-local")
    assert info["max_total_tokens"] == 4096


def test_it_says_how_fast_it_is():
    command = (PYTHON, "-m", "arriero_backend.local", "--bench", "--rounds", "1", "--json")
    told = json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout)
    assert told["model"] == "SmolLM2-135M-Instruct"
    assert told["engine"] == ("NumPy" if sys.executable == PYTHON else "llama.cpp")
    assert told["tokens_per_s"] > 0
    assert 0 < told["known_first_token_s"] < told["first_token_s"]["500"]
    assert told["first_token_s"]["500"] < told["first_token_s"]["1500"]
    assert told["own_mb"] is None or 0 < told["own_mb"] < told["memory_mb"]

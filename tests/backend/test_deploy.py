"""The deployment of TGI: it is valid, and it is what the driver expects."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from arriero.core import models
from arriero.settings import ROWS

FOLDER = Path(__file__).parents[2] / "backend" / "deploy"
COMPOSE = FOLDER / "compose.yaml"
EXAMPLE = (FOLDER / ".env.example").read_text("utf-8")

# `${NAME:-default}` and `${NAME:?what is wrong without it}`, as Compose has them.
VARIABLE = re.compile(r"\$\{(?P<name>\w+):(?:-(?P<default>[^}]*)|\?[^}]*)\}")


def filled_in(text: str) -> str:
    """Put in the defaults, and a mark where somebody has to say something."""
    return VARIABLE.sub(lambda found: found["default"] or f"<{found['name']}>", text)


TEXT = COMPOSE.read_text("utf-8")
TGI = YAML(typ="safe").load(filled_in(TEXT))["services"]["tgi"]
FLAGS = dict(flag.removeprefix("--").split("=", 1) for flag in TGI["command"])


def test_compose_understands_it():
    check = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec"]
    result = subprocess.run([*check, str(COMPOSE)], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout


@pytest.mark.parametrize(
    ("flag", "value"),
    [
        ("model-id", models.CODELLAMA_70B_INSTRUCT),
        ("max-total-tokens", str(models.ASSUMED_TOTAL_TOKENS)),
        ("max-input-tokens", str(models.ModelInfo("", "", "").max_input_tokens)),
        ("max-stop-sequences", str(models.ASSUMED_STOP_SEQUENCES)),
        ("usage-stats", "off"),
        ("num-shard", "4"),
    ],
)
def test_tgi_is_started_as_the_driver_expects_it(flag, value):
    assert FLAGS[flag] == value


def test_no_flag_is_there_that_nobody_thought_of():
    thought_of = {"model-id", "max-total-tokens", "max-input-tokens", "max-stop-sequences"}
    assert set(FLAGS) == thought_of | {"usage-stats", "num-shard", "cors-allow-origin"}


def test_the_shards_have_a_gpu_each_and_divide_the_models_heads():
    (gpus,) = TGI["deploy"]["resources"]["reservations"]["devices"]
    assert (gpus["count"], gpus["capabilities"]) == (int(FLAGS["num-shard"]), ["gpu"])
    assert TEXT.count("${NUM_SHARD:-4}") == 2
    assert 8 % int(FLAGS["num-shard"]) == 0


def test_only_this_computer_reaches_it_and_only_with_the_key():
    assert TGI["ports"] == ["127.0.0.1:8080:80"]
    assert TGI["environment"]["API_KEY"] == "<ARRIERO_API_KEY>"
    assert "api-key" not in FLAGS
    assert FLAGS["cors-allow-origin"] != "*"


def test_the_key_has_the_name_that_arriero_reads():
    assert "ARRIERO_API_KEY" in {row.env for row in ROWS}


def test_the_image_is_one_version():
    assert re.fullmatch(r"ghcr\.io/huggingface/text-generation-inference:3\.\d+\.\d+", TGI["image"])


def test_a_start_that_takes_hours_is_no_failure():
    assert TGI["healthcheck"]["start_period"] == "3h"
    assert TGI["healthcheck"]["test"][-1] == "http://127.0.0.1:80/health"


def test_the_example_names_what_has_to_be_said_and_holds_no_key():
    needed = {found["name"] for found in VARIABLE.finditer(TEXT) if found["default"] is None}
    named = dict(line.split("=", 1) for line in EXAMPLE.splitlines() if re.match(r"\w+=", line))
    assert {name for name, value in named.items() if not value} == needed
    assert needed | set(named) <= {found["name"] for found in VARIABLE.finditer(TEXT)}


def test_git_does_not_see_the_keys():
    assert ".env" in (FOLDER / ".gitignore").read_text("utf-8").splitlines()

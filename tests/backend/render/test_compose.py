"""The files for Compose: valid, as the driver expects, and shut to strangers."""

import json
import re
from pathlib import Path

import jsonschema
import pytest
from check_jsonschema.builtin_schemas import get_builtin_schema
from ruamel.yaml import YAML

from arriero.core import models
from arriero.settings import ROWS
from backend.render.cases import CASES, render

SCHEMA = jsonschema.Draft7Validator(get_builtin_schema("vendor.compose-spec"))
SERVERS = ("tgi", "vllm")

# `${NAME:-default}` and `${NAME:?what is wrong without it}`, as Compose has them.
VARIABLE = re.compile(r"\$\{(?P<name>\w+):(?:-(?P<default>[^}]*)|\?[^}]*)\}")


@pytest.fixture(scope="module", params=CASES)
def rendered(request, tmp_path_factory):
    return request.param, render(request.param, tmp_path_factory.mktemp("deploy"))


def filled_in(text: str) -> str:
    """Put in the defaults, and a mark where somebody has to say something."""
    return VARIABLE.sub(lambda found: found["default"] or f"<{found['name']}>", text)


def compose(folder: Path, server: str) -> dict:
    text = (folder / f"compose.{server}.yaml").read_text("utf-8")
    return YAML(typ="safe").load(filled_in(text))


def copies(folder: Path, server: str) -> list[dict]:
    services = compose(folder, server)["services"]
    return [value for name, value in services.items() if name.startswith(f"{server}-")]


def flags(command: list[str]) -> dict[str, str]:
    return dict(flag.removeprefix("--").split("=", 1) for flag in command if "=" in flag)


def devices(service: dict) -> list[str]:
    (wanted,) = service["deploy"]["resources"]["reservations"]["devices"]
    assert (wanted["driver"], wanted["capabilities"]) == ("nvidia", ["gpu"])
    return wanted["device_ids"]


@pytest.mark.parametrize("server", SERVERS)
def test_it_is_what_compose_understands(rendered, server):
    _, folder = rendered
    SCHEMA.validate(json.loads(json.dumps(compose(folder, server))))


EXPECTED = {  # shards, copies, flags that say how the weights are stored
    "2x80-bf16": (2, 1, "bfloat16"),
    "4x48-bf16": (4, 1, "bfloat16"),
    "8x24-bf16": (8, 1, "bfloat16"),
    "1x80-4bit": (1, 1, None),
    "2-of-4x80": (4, 2, "bfloat16"),
    "4x80": (4, 1, "bfloat16"),
}


@pytest.mark.parametrize("server", SERVERS)
def test_its_numbers_are_the_plans(rendered, server):
    case, folder = rendered
    shards, number, dtype = EXPECTED[case]
    found = copies(folder, server)
    assert len(found) == number
    for service in found:
        said = flags(service["command"])
        assert said["num-shard" if server == "tgi" else "tensor-parallel-size"] == str(shards)
        assert said.get("dtype") == dtype
        assert len(devices(service)) == shards


@pytest.mark.parametrize("server", SERVERS)
def test_each_copy_has_gpus_and_a_port_of_its_own(rendered, server):
    _, folder = rendered
    found = copies(folder, server)
    given = [device for service in found for device in devices(service)]
    assert given == [str(number) for number in range(len(given))]
    ports = [port for service in found for port in service["ports"]]
    assert len(set(ports)) == len(found)
    assert all(port.startswith("127.0.0.1:") for port in ports)


def test_quantised_weights_come_from_where_they_are_published(tmp_path):
    (tgi,) = copies(render("1x80-4bit", tmp_path), "tgi")
    assert flags(tgi["command"])["model-id"] == "TheBloke/CodeLlama-70B-Instruct-GPTQ"
    (vllm,) = copies(tmp_path, "vllm")
    assert vllm["command"][0] == "TheBloke/CodeLlama-70B-Instruct-GPTQ"
    # So that arriero knows whose prompts it reads, whatever the repository is called.
    assert flags(vllm["command"])["served-model-name"] == models.CODELLAMA_70B_INSTRUCT


@pytest.mark.parametrize(
    ("flag", "value"),
    [
        ("model-id", models.CODELLAMA_70B_INSTRUCT),
        ("max-total-tokens", str(models.ASSUMED_TOTAL_TOKENS)),
        ("max-input-tokens", str(models.ModelInfo("", "", "").max_input_tokens)),
        ("max-stop-sequences", str(models.ASSUMED_STOP_SEQUENCES)),
        ("usage-stats", "off"),
    ],
)
def test_tgi_is_started_as_the_driver_expects_it(flag, value, tmp_path):
    (tgi,) = copies(render("4x80", tmp_path), "tgi")
    assert flags(tgi["command"])[flag] == value


def test_no_flag_is_there_that_nobody_thought_of(tmp_path):
    (tgi,) = copies(render("4x80", tmp_path), "tgi")
    assert set(flags(tgi["command"])) == {
        *("model-id", "dtype", "num-shard", "max-input-tokens", "max-total-tokens"),
        *("max-concurrent-requests", "max-stop-sequences", "usage-stats", "cors-allow-origin"),
    }


def test_vllm_tells_nobody_of_its_use(tmp_path):
    (vllm,) = copies(render("4x80", tmp_path), "vllm")
    assert vllm["environment"]["VLLM_NO_USAGE_STATS"] == "1"


@pytest.mark.parametrize(("server", "name"), [("tgi", "API_KEY"), ("vllm", "VLLM_API_KEY")])
def test_the_key_is_in_the_environment_and_not_in_the_command(server, name, tmp_path):
    (service,) = copies(render("4x80", tmp_path), server)
    assert service["environment"][name] == "<ARRIERO_API_KEY>"
    assert not [word for word in service["command"] if "api-key" in word or "<" in word]


@pytest.mark.parametrize("server", SERVERS)
def test_what_is_reached_from_outside_is_only_the_proxy_and_only_when_asked_for(server, tmp_path):
    for name, service in compose(render("4x80", tmp_path), server)["services"].items():
        open_ports = [port for port in service.get("ports", ()) if "127.0.0.1:" not in port]
        assert open_ports == (["443:443"] if name == "proxy" else [])
        assert service.get("profiles", []) == {
            "proxy": ["tls"],
            "prometheus": ["monitoring"],
            "grafana": ["monitoring"],
        }.get(name, [])


def test_no_web_page_reads_tgis_answers(tmp_path):
    (tgi,) = copies(render("4x80", tmp_path), "tgi")
    assert flags(tgi["command"])["cors-allow-origin"] != "*"


@pytest.mark.parametrize("server", SERVERS)
def test_every_image_is_one_version(server, tmp_path):
    for service in compose(render("4x80", tmp_path), server)["services"].values():
        assert re.search(r":v?\d+\.\d+\.\d+\Z", service["image"]), service["image"]


@pytest.mark.parametrize(("case", "minutes"), [("4x80", 150), ("1x80-4bit", 75)])
def test_the_first_start_may_take_as_long_as_its_weights(case, minutes, tmp_path):
    (tgi,) = copies(render(case, tmp_path), "tgi")
    assert tgi["healthcheck"]["start_period"] == f"{minutes}m"
    assert tgi["healthcheck"]["test"][-1] == "http://127.0.0.1:80/health"


def test_the_example_names_what_has_to_be_said_and_holds_no_key(tmp_path):
    render("4x80", tmp_path)
    example = (tmp_path / ".env.example").read_text("utf-8")
    named = dict(line.split("=", 1) for line in example.splitlines() if re.match(r"\w+=", line))
    asked = [
        found
        for server in SERVERS
        for found in VARIABLE.finditer((tmp_path / f"compose.{server}.yaml").read_text("utf-8"))
    ]
    needed = {found["name"] for found in asked if found["default"] is None}
    assert {name for name, value in named.items() if not value} == needed
    assert set(named) == {found["name"] for found in asked} | {"COMPOSE_FILE"}
    # Whoever reads .env into a shell would else hear of settings that arriero does not have.
    ours = {name for name in named if name.startswith("ARRIERO_")}
    assert ours <= {row.env for row in ROWS}
    for found in asked:
        assert found["default"] in (None, named[found["name"]])
    assert (tmp_path / named["COMPOSE_FILE"]).exists()


def test_git_does_not_see_the_keys(tmp_path):
    render("4x80", tmp_path)
    assert {".env", "keys.env"} <= set((tmp_path / ".gitignore").read_text("utf-8").splitlines())


@pytest.mark.parametrize("server", SERVERS)
def test_what_is_mounted_is_there(server, tmp_path):
    for service in compose(render("4x80", tmp_path), server)["services"].values():
        for volume in service["volumes"]:
            source, _, _ = volume.partition(":")
            assert not source.startswith(".") or (tmp_path / source).is_file(), source

"""`arriero backend render`: what it writes, and what it does not write over."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from arriero_backend.render.__main__ import main
from arriero_backend.render.writing import as_yaml
from backend.render.cases import CASES, render

DEPLOY = Path(__file__).parents[3] / "backend" / "deploy"
OWN = {"README.md", ".env", "kubernetes/common/keys.env"}  # a person's, beside what is rendered


def texts(folder: Path) -> dict[str, str]:
    files = [file for file in folder.rglob("*") if file.is_file()]
    named = {file.relative_to(folder).as_posix(): file.read_text("utf-8") for file in files}
    return {name: text for name, text in named.items() if name not in OWN}


def test_what_is_committed_is_what_is_rendered_for_four_gpus_with_80_gb(tmp_path):
    render("4x80", tmp_path)
    assert texts(tmp_path) == texts(DEPLOY), "run `make documents`"


@pytest.mark.parametrize("case", CASES)
def test_all_yaml_can_be_read(case, tmp_path):
    render(case, tmp_path)
    for file in tmp_path.rglob("*.yaml"):
        assert YAML(typ="safe").load(file.read_text("utf-8")), file


@given(st.text())
def test_a_text_stands_in_yaml_as_it_is(text):
    assert YAML(typ="safe").load(f"- {as_yaml(text)}\n- end\n") == [text, "end"]


def test_files_of_somebody_are_not_written_over(tmp_path, capsys):
    arguments = ["--gpus", "4x80", "--to", str(tmp_path)]
    assert main(arguments) == 0
    assert main(arguments) == 0, "the same files are no loss"
    (tmp_path / "compose.tgi.yaml").write_text("mine", "utf-8")
    (tmp_path / "proxy" / "vllm.Caddyfile").unlink()
    capsys.readouterr()
    assert main(arguments) == 1
    assert "compose.tgi.yaml in" in capsys.readouterr().err
    assert (tmp_path / "compose.tgi.yaml").read_text("utf-8") == "mine"
    assert not (tmp_path / "proxy" / "vllm.Caddyfile").exists(), "all of it, or nothing"
    assert main([*arguments, "--force"]) == 0
    assert (tmp_path / "compose.tgi.yaml").read_text("utf-8") != "mine"


def test_it_tells_what_it_wrote(tmp_path, capsys):
    assert main(["--gpus", "4x80", "--to", str(tmp_path)]) == 0
    told = {Path(line) for line in capsys.readouterr().out.splitlines()}
    assert told == {file for file in tmp_path.rglob("*") if file.is_file()}


def test_what_fits_nowhere_writes_nothing(tmp_path, capsys):
    assert main(["--gpus", "1x16", "--to", str(tmp_path / "new")]) == 1
    assert "It does not fit" in capsys.readouterr().err
    assert not (tmp_path / "new").exists()


def test_what_fits_only_over_machines_is_written_for_them_alone(tmp_path):
    arguments = ["--gpus", "1x24", "--nodes", "2", "--to", str(tmp_path)]
    assert main(arguments) == 0
    assert not list(tmp_path.glob("compose.*"))
    assert "COMPOSE_FILE" not in (tmp_path / ".env.example").read_text("utf-8")
    assert {file.name for file in (tmp_path / "kubernetes").iterdir()} == {
        "base",
        "common",
        "vllm-ray",
    }


@pytest.mark.parametrize(("nodes", "written"), [("1", 2), ("2", 2), ("3", 3)])
def test_over_machines_are_at_least_two(nodes, written, tmp_path):
    assert main(["--gpus", "4x80", "--nodes", nodes, "--to", str(tmp_path)]) == 0
    text = (tmp_path / "kubernetes/vllm-ray/nodes.yaml").read_text("utf-8")
    assert YAML(typ="safe").load(text)["spec"]["replicas"] == written
    assert f"'--pipeline-parallel-size={written}'" in text


def test_no_text_of_a_command_line_ends_where_it_stands(tmp_path):
    config = tmp_path / "config.json"
    config.write_text(
        '{"num_hidden_layers": 2, "hidden_size": 128, "num_attention_heads": 8, '
        '"intermediate_size": 64, "vocab_size": 100, "max_position_embeddings": 2048}'
    )
    model = "o'urs:#{1}"
    arguments = ["--model", model, "--config", str(config), "--gpus", "1x24"]
    assert main([*arguments, "--to", str(tmp_path / "out")]) == 0
    server = YAML(typ="safe").load((tmp_path / "out/kubernetes/tgi/server.yaml").read_text("utf-8"))
    (container,) = server["spec"]["template"]["spec"]["containers"]
    assert container["args"][0] == f"--model-id={model}"
    assert container["image"].startswith("ghcr.io/")

"""What a plan is asked for with on the command line, by `plan` and by `render`."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from arriero_backend import models
from arriero_backend.plan import gpus
from arriero_backend.plan.architecture import from_config
from arriero_backend.plan.errors import PlanError
from arriero_backend.plan.making import Plan, make
from arriero_backend.plan.model import Model, known
from arriero_backend.plan.quantisation import BY_NAME, QUANTISATIONS
from arriero_backend.plan.sizing import Setting
from arriero_backend.plan.terms import DEFAULT, Terms

CHAT_70B = "codellama/CodeLlama-70b-Instruct-hf"


def add_to(parser: argparse.ArgumentParser) -> None:
    """Add the options that say what a plan is for."""
    add = parser.add_argument
    add(
        "--model",
        type=_name,
        default=CHAT_70B,
        metavar="ID",
        help="one of the Code Llamas, or with --config any other",
    )
    add("--config", type=Path, metavar="FILE", help="its config.json, for another Llama")
    add(
        "--gpus",
        metavar="COUNTxGB",
        help="GPUs of a machine, as 4x80; without it, those that NVIDIA's driver tells",
    )
    add("--nodes", type=_count, default=1, metavar="N", help="how many such machines")
    add("--people", type=_count, default=1, metavar="N", help="who write code at the same time")
    add("--context", type=_count, metavar="N", help="tokens of a request; else the model's own")
    add("--quantisation", choices=tuple(BY_NAME), help="how to store the weights; else any way")
    add("--weights", type=_name, metavar="ID", help="repository of the model's weights in GPTQ")

    terms = parser.add_argument_group("terms of the estimate")
    add = terms.add_argument
    add(
        "--usable",
        type=_share,
        default=DEFAULT.usable,
        metavar="SHARE",
        help="of a GPU's memory that the server fills (%(default)s: TGI_WIGGLE_ROOM in TGI's "
        "globals.py; vLLM is told the same)",
    )
    add(
        "--overhead",
        type=_size,
        default=DEFAULT.overhead,
        metavar="GIB",
        help="on each GPU, beside weights and context (%(default)s: an estimate)",
    )
    add(
        "--requests",
        type=_count,
        default=DEFAULT.requests,
        metavar="N",
        help="that a server lets run at once (%(default)s: TGI's --max-concurrent-requests)",
    )


def plan_of(given: argparse.Namespace, server: str, *, across: bool = False) -> Plan:
    """Make the plan that was asked for; raise PlanError with what is wrong.

    `across` cuts the model over several machines, at least two, even where one holds it.
    """
    nodes = max(given.nodes, 2) if across else given.nodes
    machines = gpus.given(given.gpus, nodes) if given.gpus else gpus.from_driver(nodes)
    terms = Terms(usable=given.usable, overhead=given.overhead, requests=given.requests)
    stored = [BY_NAME[given.quantisation]] if given.quantisation else QUANTISATIONS
    setting = Setting(_model(given), machines, server, terms, stored)
    return make(setting, given.people, across=across)


def _model(given: argparse.Namespace) -> Model:
    if given.config:
        return _configured(given)
    model = models.named(given.model)
    if model is None:
        raise PlanError(
            f"{given.model} is none of the twelve Code Llamas; say its dimensions with "
            "--config, its config.json."
        )
    return known(model, given.context, given.weights)


def _configured(given: argparse.Namespace) -> Model:
    try:
        config = json.loads(given.config.read_bytes())
    except OSError as error:
        raise PlanError(f"{given.config} cannot be read: {error.strerror}.") from None
    except ValueError as error:
        raise PlanError(f"{given.config} is no JSON: {error}.") from None
    if not isinstance(config, dict):
        raise PlanError(f"{given.config} holds no dimensions of a model.")
    context = given.context or config.get("max_position_embeddings")
    if not isinstance(context, int) or context < 1:
        raise PlanError("The model's config.json tells no max_position_embeddings; give --context.")
    weights = {"gptq": given.weights} if given.weights else {}
    return Model(given.model, from_config(config), context, weights)


def _name(text: str) -> str:
    """Take a name on the hub or a path, which stand in files and commands as they are."""
    if not text or text.startswith("-") or any(c.isspace() or not c.isprintable() for c in text):
        raise argparse.ArgumentTypeError(f"{text!r} is no model's name or path")
    return text


def _count(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError("at least 1 is needed")
    return value


def _share(text: str) -> float:
    value = float(text)
    if not 0 < value <= 1:
        raise argparse.ArgumentTypeError("a share is above 0 and at most 1")
    return value


def _size(text: str) -> float:
    value = float(text)
    if not 0 <= value < 1024:
        raise argparse.ArgumentTypeError("a number of GiB is needed")
    return value

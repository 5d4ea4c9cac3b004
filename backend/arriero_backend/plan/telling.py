"""A plan for people, as a table and what to do; and for programs, as plain values."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from arriero_backend.plan.making import Plan
from arriero_backend.plan.sizing import Option
from arriero_backend.plan.terms import GIB

COLUMNS = ("weights", "GPUs", "copies", "fits", "tokens", "requests", "people")

# Below so many requests in a copy, one long answer is felt by everybody.
TIGHT = 16


def show(plan: Plan, console: Console) -> None:
    """Print the options, the choice with its reason, and how to start it."""
    title = f"{plan.model.id} on {plan.machines}, by {plan.server.title}"
    console.print(Text(title, "bold"))
    console.print(_table(plan))
    console.print(Text("Take  ", "bold green").append(plan.reason, "default"))
    console.print(Text("\nEstimated, not measured:", "bold"))
    console.print(_estimated(plan))
    console.print(Text("\nStart it with", "bold"))
    # Not by rich, which would break the lines of what is to be copied.
    console.file.write("\n".join(_start(plan)) + "\n")


def _table(plan: Plan) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    for name in COLUMNS:
        left = name in ("weights", "fits")
        table.add_column(name, justify="left" if left else "right", no_wrap=True)
    for _, group in groupby(plan.options, key=lambda option: option.quantisation):
        for number, option in enumerate(group):
            name, *figures = _row(option, named=number == 0)
            table.add_row(Text(name, "bold default"), *figures, style=_style(option, plan))
        table.add_section()
    return table


def _row(option: Option, *, named: bool) -> tuple[str, ...]:
    size = f"{option.quantisation.name:<5}{option.weights / GIB:>6.1f} GiB" if named else ""
    gpus = f"{option.stages} × {option.shards}" if option.stages > 1 else str(option.shards)
    if not option.fits:
        return size, gpus, "", f"no, {option.obstacle or _lack(option)}", "", "", ""
    fits = "tight" if option.tokens < TIGHT * option.context else "yes"
    if option.proviso:
        fits += f", {option.proviso}"
    figures = (option.copies, option.tokens, option.requests, option.people)
    copies, *rest = (f"{figure:,}" for figure in figures)
    return size, gpus, copies, fits, *rest


def _lack(option: Option) -> str:
    missing = option.context - option.tokens
    per_gpu = missing * option.token_bytes / option.gpus / GIB
    return f"{per_gpu:.1f} GiB short"


def _style(option: Option, plan: Plan) -> str:
    if option == plan.chosen:
        return "bold green"
    return "default" if option.fits else "bright_black"


def _estimated(plan: Plan) -> Table:
    """Say what each column means, and what it rests on."""
    terms, load = plan.setting.terms, plan.setting.terms.load
    stored = [each for each, _ in groupby(option.quantisation for option in plan.options)]
    meanings = Table.grid(padding=(0, 2))
    for name, meaning in (
        ("weights", "; ".join(f"{each.name}: {each.bits:g} bits, {each.about}" for each in stored)),
        ("short", "of memory, on each GPU"),
        (
            "tokens",
            "of context beside the weights in each copy, where "
            f"{terms.usable:.0%} of each GPU's memory are filled, {terms.overhead:g} GiB of which "
            "are the server's own",
        ),
        (
            "requests",
            f"of full length ({plan.model.context:,} tokens) at once, in all copies, at most "
            f"{terms.requests} in each",
        ),
        (
            "people",
            "who all write code at the same time, on GPUs like the "
            f"{load.gpu}: {load.people / load.requests:.2f} for each request, at most "
            f"{load.people / load.gpus:.0f} for each GPU, by {load.source}",
        ),
    ):
        meanings.add_row(f"  {name}", meaning)
    return meanings


def _start(plan: Plan) -> Iterator[str]:
    if not plan.commands:
        yield "arriero backend render, for the manifests of vLLM over Ray; see backend/README.md"
        return
    if plan.machines.nodes > 1:
        yield "# on each machine"
    yield "export ARRIERO_API_KEY=... HF_TOKEN=..."
    yield from plan.commands


def as_values(plan: Plan) -> dict[str, Any]:
    """Return the plan as what JSON can say; sizes in bytes, lengths in tokens."""
    return {
        "model": plan.model.id,
        "parameters": plan.model.architecture.parameters,
        "kv_bytes_per_token": plan.model.architecture.kv_values * plan.setting.terms.kv_bytes,
        "context": plan.model.context,
        "machines": {
            "nodes": plan.machines.nodes,
            "gpus": plan.machines.count,
            "gib": plan.machines.gpu.memory,
            "name": plan.machines.gpu.name,
        },
        "server": plan.server.name,
        "estimate": {
            "usable": plan.setting.terms.usable,
            "overhead_gib": plan.setting.terms.overhead,
            "people_per_request": plan.setting.terms.load.people / plan.setting.terms.load.requests,
            "people_per_gpu": plan.setting.terms.load.people / plan.setting.terms.load.gpus,
            "people_source": plan.setting.terms.load.source,
        },
        "options": [_option(each) for each in plan.options],
        "recommended": {**_option(plan.chosen), "reason": plan.reason},
        "commands": plan.commands,
    }


def _option(option: Option) -> dict[str, Any]:
    return {
        "quantisation": option.quantisation.name,
        "shards": option.shards,
        "stages": option.stages,
        "copies": option.copies,
        "weights": option.weights,
        "fits": option.fits,
        "obstacle": option.obstacle,
        "tokens": option.tokens,
        "requests": option.requests,
        "people": option.people,
    }

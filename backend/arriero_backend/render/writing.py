"""From plans to texts by path, as `templates/` is laid out.

`once/` is written whatever was planned, `server/` for each server with its name for SERVER, and
`ray/` for vLLM over several machines. A name that begins with `dot.` is written with the dot alone,
and `.j2` at its end says that it is filled in.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import jinja2

from arriero_backend.plan.making import Plan
from arriero_backend.render.values import values_of
from arriero_backend.render.watching import board

FILLED = ".j2"


def files(plans: Sequence[Plan], across: Plan | None) -> dict[str, str]:
    """Return the texts to write, by path: for each plan's server, and for vLLM over Ray."""
    templates = _templates()
    servers = [plan.server.name for plan in plans]
    written = _written(templates, "once/", {"servers": servers}, "")
    for name, plan in zip(servers, plans, strict=True):
        written |= _written(templates, "server/", values_of(plan), name)
        described = board(name, plan.server.title)
        written[f"monitoring/{name}/board.json"] = json.dumps(described, indent=2) + "\n"
    if across:
        written |= _written(templates, "ray/", values_of(across), across.server.name)
    return dict(sorted(written.items()))


def _templates() -> jinja2.Environment:
    templates = jinja2.Environment(
        loader=jinja2.PackageLoader("arriero_backend.render"),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    templates.filters["yaml"] = as_yaml
    return templates


def as_yaml(value: object) -> str:
    """Write a text, or a list of texts, so that nothing in it can end where it stands."""
    if isinstance(value, list):
        return f"[{', '.join(as_yaml(each) for each in value)}]"
    text = str(value)
    if text.isprintable():
        quoted = text.replace("'", "''")
        return f"'{quoted}'"
    escaped = "".join(f"\\U{ord(letter):08x}" for letter in text)
    return f'"{escaped}"'


def _written(
    templates: jinja2.Environment, part: str, values: dict[str, Any], server: str
) -> dict[str, str]:
    names = templates.list_templates(filter_func=lambda name: name.startswith(part))
    return {
        _path(name.removeprefix(part), server): templates.get_template(name).render(values)
        for name in names
    }


def _path(name: str, server: str) -> str:
    folder, _, last = name.removesuffix(FILLED).rpartition("/")
    last = last.removeprefix("dot") if last.startswith("dot.") else last
    path = f"{folder}/{last}" if folder else last
    return path.replace("SERVER", server)

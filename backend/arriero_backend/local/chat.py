"""A chat as a prompt, by the template inside the model."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

from arriero_backend.local.vocabulary import Signs


def render(signs: Signs, messages: Sequence[Mapping[str, str]]) -> str:
    """Write the messages and invite the assistant's answer.

    Raises ValueError, with the template's own words, for a chat that it refuses.
    """
    if signs.template is None:
        raise ValueError("this model has no chat template")
    # Imported only here: it takes a second, and completions never need it. Without torch, which we
    # never need, the library would advise people to install it.
    os.environ.setdefault("TRANSFORMERS_NO_ADVISORY_WARNINGS", "1")
    from jinja2 import TemplateError
    from transformers.utils.chat_template_utils import render_jinja_template

    try:
        # The library says `str`, and returns the texts together with a second list.
        rendered: Any = render_jinja_template(
            conversations=[[dict(message) for message in messages]],
            chat_template=signs.template,
            add_generation_prompt=True,
            bos_token=signs.names.get("bos_token", ""),
            eos_token=signs.names.get("eos_token", ""),
        )
    except TemplateError as error:
        raise ValueError(str(error)) from error
    return str(rendered[0][0])

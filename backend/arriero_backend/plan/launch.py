"""The command that starts what was chosen, as it is typed."""

from __future__ import annotations

import shlex

from arriero_backend.plan.model import Model
from arriero_backend.plan.servers import Server
from arriero_backend.plan.sizing import Option

FIRST_PORT = 8080


def commands(option: Option, model: Model, server: Server, copies: int) -> list[str]:
    """Return one `docker run` for each of `copies` on a machine; the keys are in the environment.

    Over several machines the copies are Ray's to start, for which there are manifests.
    """
    return [_command(option, model, server, copy) for copy in range(copies)]


def _command(option: Option, model: Model, server: Server, copy: int) -> str:
    first = copy * option.shards
    devices = ",".join(str(gpu) for gpu in range(first, first + option.shards))
    environment = server.environment(option)
    lines = [
        ["docker", "run", "--gpus", f'"device={devices}"', "--shm-size", "1g"],
        ["--publish", f"127.0.0.1:{FIRST_PORT + copy}:{server.port}"],
        ["--volume", f"models:{server.cache}", "--env", "HF_TOKEN", "--env"],
        *(["--env", f"{name}={value}"] for name, value in environment.items()),
        [server.image],
        *([argument] for argument in server.arguments(option, model)),
    ]
    # The shell puts the key in, so this word alone stands without quotes.
    typed = [shlex.join(words) for words in lines]
    typed[2] += f' {server.key}="$ARRIERO_API_KEY"'
    return " \\\n  ".join(typed)

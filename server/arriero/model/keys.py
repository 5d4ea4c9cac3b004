"""Where the key of a model server comes from: as it is, a file, a command or the system's keyring.

It is read when the server is first asked, and again after it was refused, since keys expire.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

from arriero.errors import WrongKey
from arriero.settings import ModelServer

# A password manager may ask its owner first.
COMMAND_SECONDS = 60.0


def read(server: ModelServer) -> str:
    """Return the key, "" where the settings name none. Blocks; raises WrongKey."""
    if server.api_key:
        return server.api_key.reveal()
    if server.api_key_file:
        return _one_line(_in_file(server.api_key_file), "api_key_file")
    if server.api_key_command:
        return _one_line(_printed(server.api_key_command), "api_key_command")
    if server.api_key_keyring:
        return _one_line(_in_keyring(server.api_key_keyring), "api_key_keyring")
    return ""


def _in_file(path: Path) -> str:
    try:
        return path.read_text("utf-8-sig")
    except OSError as error:
        why = error.strerror or type(error).__name__
    except UnicodeDecodeError:
        why = "it is not text"
    raise WrongKey(
        f"The file of api_key_file, {path}, cannot be read ({why}). Write the key into it, and "
        "nothing else."
    )


def _printed(command: tuple[str, ...]) -> str:
    """Run in the home folder: a file of the workspace must not be taken for the program."""
    try:
        ran = subprocess.run(
            command,
            cwd=Path.home(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=COMMAND_SECONDS,
            text=True,
            encoding="utf-8",
            errors="replace",
        )
    except subprocess.TimeoutExpired:
        why = f"it took longer than {COMMAND_SECONDS:.0f} s"
    except OSError as error:
        why = error.strerror or type(error).__name__
    else:
        if ran.returncode == 0:
            return ran.stdout
        # What it printed is not shown: it may have the key in it.
        why = f"it ended with exit code {ran.returncode}"
    raise WrongKey(
        f"The program of api_key_command, {command[0]!r}, gave no key: {why}. Run it by hand to "
        "see more."
    )


def _in_keyring(place: str) -> str:
    service, _, user = place.rpartition("/")
    try:
        import keyring
    except ImportError:
        raise WrongKey(
            "The setting api_key_keyring needs a package that is not installed. Run "
            "`pip install 'arriero[keyring]'`, or use api_key_command."
        ) from None
    try:
        found = keyring.get_password(service, user)
    except Exception as error:  # every system's keyring fails in its own ways
        raise WrongKey(
            f"The system's keyring did not open ({type(error).__name__}). Unlock it, or use "
            "api_key_command."
        ) from None
    if found is None:
        raise WrongKey(
            f"The system's keyring has no key at {place!r}. Run `keyring set {service or 'SERVICE'}"
            f" {user or 'USER'}`, and set api_key_keyring to service/user."
        )
    return found


def _one_line(text: str, setting: str) -> str:
    key = text.strip()
    if key and key.isascii() and key.isprintable():
        return key
    found = "is no single line of printable ASCII characters" if key else "is empty"
    raise WrongKey(
        f"The key that the setting {setting} leads to {found}. Only the key itself may stand there."
    )

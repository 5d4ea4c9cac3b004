"""Where a key comes from, and what is said when it does not."""

import sys
import types

import pytest

from arriero.errors import WrongKey
from arriero.model import keys
from arriero.settings import ModelServer, Secret

PRINT = (sys.executable, "-c")


@pytest.fixture
def keyring(monkeypatch):
    """Put a keyring in the place of the system's."""
    places: dict[tuple[str, str], str] = {}

    def put(get):
        monkeypatch.setitem(sys.modules, "keyring", types.SimpleNamespace(get_password=get))

    put(lambda service, user: places.get((service, user)))
    places.update({("tgi", "me"): "from the keyring", ("gpu/tgi", "me"): "from a long name"})
    return put


@pytest.mark.parametrize(
    ("place", "key"),
    [
        ({}, ""),
        ({"api_key": Secret("plain")}, "plain"),
        ({"api_key": Secret("plain"), "api_key_command": ("false",)}, "plain"),
        ({"api_key_command": (*PRINT, "print(' printed ')")}, "printed"),
        ({"api_key_keyring": "tgi/me"}, "from the keyring"),
        ({"api_key_keyring": "gpu/tgi/me"}, "from a long name"),
    ],
)
def test_a_key_is_found(place, key, keyring):
    assert keys.read(ModelServer(**place)) == key


def test_a_key_in_a_file_is_its_one_line(tmp_path):
    file = tmp_path / "key"
    file.write_bytes("\ufeffsesame\r\n".encode())
    assert keys.read(ModelServer(api_key_file=file)) == "sesame"


def test_no_program_of_the_workspace_is_run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    where = "import os; print(os.getcwd() == os.path.expanduser('~'))"
    assert keys.read(ModelServer(api_key_command=(*PRINT, where))) == "True"


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ({"api_key_command": ("no-such-program",)}, r"'no-such-program', gave no key: No such"),
        ({"api_key_command": (*PRINT, "print('hush'); exit(3)")}, r"exit code 3\. Run it by hand"),
        ({"api_key_command": (*PRINT, "")}, "api_key_command leads to is empty"),
        ({"api_key_command": (*PRINT, r"print('hush\nhush')")}, "is no single line"),
        ({"api_key_keyring": "tgi/you"}, r"has no key at 'tgi/you'\. Run `keyring set tgi you`"),
    ],
)
def test_a_key_that_is_not_found_is_told_with_its_setting(place, said, keyring):
    with pytest.raises(WrongKey, match=said) as caught:
        keys.read(ModelServer(**place))
    assert "hush" not in str(caught.value)


@pytest.mark.parametrize(("content", "said"), [(None, "No such file"), (b"\xff", "not text")])
def test_a_file_that_cannot_be_read(tmp_path, content, said):
    file = tmp_path / "key"
    if content:
        file.write_bytes(content)
    with pytest.raises(WrongKey, match=f"cannot be read .*{said}"):
        keys.read(ModelServer(api_key_file=file))


def test_a_program_that_never_ends(monkeypatch):
    monkeypatch.setattr(keys, "COMMAND_SECONDS", 0.1)
    with pytest.raises(WrongKey, match="it took longer than 0 s"):
        keys.read(ModelServer(api_key_command=(*PRINT, "input_ = __import__('time').sleep(60)")))


def test_a_keyring_that_is_locked_or_not_installed(keyring, monkeypatch):
    def locked(service, user):
        raise RuntimeError("hush")

    keyring(locked)
    with pytest.raises(WrongKey, match=r"did not open \(RuntimeError\)\. Unlock it"):
        keys.read(ModelServer(api_key_keyring="tgi/me"))
    monkeypatch.setitem(sys.modules, "keyring", None)
    with pytest.raises(WrongKey, match=r"pip install 'arriero\[keyring\]'"):
        keys.read(ModelServer(api_key_keyring="tgi/me"))

"""What a connection is made with, and that nothing of it leaks out."""

import asyncio
import subprocess
import sys
import threading

import pytest

from arriero.errors import ArrieroError, Unreachable, WrongKey
from arriero.model import channel
from arriero.model.connection import connect
from arriero.model.endpoint import Endpoint


@pytest.mark.parametrize("key", ["sesame\n", "sésame", "ses\x00ame"])
def test_a_key_that_no_header_can_carry_is_said_without_showing_it(key):
    with pytest.raises(WrongKey, match="The key for http://gpu has characters") as caught:
        connect(Endpoint("http://gpu", key=key))
    assert "ame" not in str(caught.value).replace("name", "")


def test_the_header_that_is_wrong_is_named():
    with pytest.raises(WrongKey, match="The header 'X-Team'"):
        connect(Endpoint("http://gpu", headers={"X-Team": "llama\r\nHost: evil"}))


async def test_own_headers_win():
    client = connect(Endpoint("http://gpu", key="a", headers={"Authorization": "Basic b"}))
    assert client.headers["authorization"] == "Basic b"
    assert client.headers["user-agent"].startswith("arriero/")
    await client.aclose()


@pytest.mark.parametrize("content", [None, "no certificate"])
def test_certificates_that_cannot_be_read(tmp_path, content):
    file = tmp_path / "ca.pem"
    if content:
        file.write_text(content)
    with pytest.raises(Unreachable, match=r"ca\.pem cannot be read .*ARRIERO_CA_FILE"):
        connect(Endpoint("https://gpu", ca_file=file))


@pytest.mark.parametrize("proxy", ["socks5://127.0.0.1:9", "nonsense://x"])
def test_a_proxy_that_cannot_be_used(monkeypatch, proxy):
    monkeypatch.setenv("all_proxy", proxy)
    with pytest.raises(ArrieroError, match="The proxy named in HTTP_PROXY"):
        connect(Endpoint("http://gpu"))


@pytest.mark.parametrize(
    ("url", "loopback"),
    [
        ("http://127.0.0.1:8080", True),
        ("http://127.8.9.1", True),
        ("http://[::1]:80", True),
        ("http://localhost:3000/base", True),
        ("http://LOCALHOST", True),
        ("http://tgi.localhost", True),
        ("http://gpu", False),
        ("http://localhost.example", False),
        ("http://10.0.0.1", False),
    ],
)
def test_what_counts_as_this_machine(url, loopback):
    assert Endpoint(url).loopback is loopback


def test_no_secret_is_in_a_repr():
    endpoint = Endpoint("https://me:pw@gpu/x?key=1", key="sesame", headers={"A": "sesame"})
    assert repr(endpoint) == "Endpoint('https://gpu/x')"


async def test_what_takes_long_to_load_is_loaded_off_the_event_loop(monkeypatch):
    loaders = []

    def loading(endpoint):
        loaders.append(threading.current_thread())
        return connect(endpoint)

    monkeypatch.setattr(channel, "connect", loading)
    made = channel.Channel(Endpoint("http://gpu"), lambda: None)
    clients = await asyncio.gather(made.client(), made.client())
    await made.close()
    assert clients[0] is clients[1]
    assert len(loaders) == 1
    assert threading.main_thread() not in loaders


HUB = """
import sys
import arriero.model.tgi
assert not {"huggingface_hub", "transformers", "tokenizers", "numpy"} & set(sys.modules)
import arriero.model.hub
import huggingface_hub.constants
assert huggingface_hub.constants.HF_HUB_DISABLE_TELEMETRY
assert not {"transformers", "tokenizers", "numpy"} & set(sys.modules)
from transformers import AutoTokenizer
"""


def test_the_hub_is_loaded_late_and_told_to_report_nothing(monkeypatch):
    monkeypatch.setenv("HF_HUB_DISABLE_TELEMETRY", "0")
    ran = subprocess.run([sys.executable, "-c", HUB], capture_output=True, text=True)
    assert (ran.stdout + ran.stderr, ran.returncode) == ("", 0)

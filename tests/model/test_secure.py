"""Connections with TLS, through proxies and over Unix sockets, each to a server of its own."""

import asyncio
import datetime
import shutil
import ssl
import subprocess
import sys

import pytest
import trustme

from arriero.errors import Unreachable
from arriero.model.endpoint import Endpoint
from arriero.model.tgi import Tgi
from model.driving import everything
from model.rawserver import OK, RawServer, plain

CA = trustme.CA()
GOOD = CA.issue_cert("localhost")
EXPIRED = CA.issue_cert("localhost", not_after=datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC))
OTHERS = CA.issue_cert("gpu.example")


class SecureServer(RawServer):
    """A server behind TLS, with a certificate; `clients` is the authority of its clients."""

    def __init__(self, certificate, *answers, clients=None) -> None:
        super().__init__(*answers)
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        certificate.configure_cert(self.context)
        if clients:
            clients.configure_trust(self.context)
            self.context.verify_mode = ssl.CERT_REQUIRED

    async def __aenter__(self):
        self.server = await asyncio.start_server(self.serve, "localhost", 0, ssl=self.context)
        self.url = f"https://localhost:{self.server.sockets[0].getsockname()[1]}"
        return self


@pytest.fixture
def authority(tmp_path):
    file = tmp_path / "ca.pem"
    CA.cert_pem.write_to_path(str(file))
    return file


async def ask(server, **endpoint):
    """Ask once; give how many items came, and the error."""
    tgi = Tgi(Endpoint(server.url, **endpoint))
    items, error = await everything(tgi)
    await tgi.close()
    return len(items), error


async def test_an_authority_of_ones_own_is_trusted_by_its_file(authority):
    async with SecureServer(GOOD, OK) as server:
        assert await ask(server, ca_file=authority) == (3, None)


@pytest.mark.skipif(not shutil.which("openssl"), reason="it says how such a file is named")
async def test_and_by_a_folder(authority, tmp_path):
    folder = tmp_path / "authorities"
    folder.mkdir()
    (folder / f"{subject_hash(authority)}.0").write_bytes(authority.read_bytes())
    async with SecureServer(GOOD, OK) as server:
        assert await ask(server, ca_dir=folder) == (3, None)


def subject_hash(certificate) -> str:
    """Return the name that OpenSSL looks an authority up by: `openssl x509 -subject_hash`."""
    command = ["openssl", "x509", "-subject_hash", "-noout", "-in", str(certificate)]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


@pytest.mark.parametrize(
    ("certificate", "trusted", "said"),
    [
        (GOOD, False, "not trusted: unable to get local issuer certificate"),
        (EXPIRED, True, "not trusted: certificate has expired"),
        (OTHERS, True, "not trusted: Hostname mismatch"),
    ],
)
async def test_a_certificate_that_is_not_trusted(certificate, trusted, said, authority):
    async with SecureServer(certificate, OK) as server:
        items, error = await ask(server, ca_file=authority if trusted else None)
    assert (items, type(error)) == (0, Unreachable)
    assert said in str(error)
    assert server.requests == []  # so the key stayed here


@pytest.mark.parametrize("certificate", [GOOD, EXPIRED, OTHERS])
async def test_who_switches_the_check_off_is_let_through(certificate):
    async with SecureServer(certificate, OK) as server:
        assert await ask(server, verify=False) == (3, None)


async def test_a_client_certificate_is_shown(authority, tmp_path):
    mine = CA.issue_cert("me@here")
    both, chain, key = (tmp_path / name for name in ("both.pem", "chain.pem", "me.key"))
    mine.private_key_and_cert_chain_pem.write_to_path(str(both))
    mine.cert_chain_pems[0].write_to_path(str(chain))
    mine.private_key_pem.write_to_path(str(key))
    async with SecureServer(GOOD, OK, clients=CA) as server:
        more = {"ca_file": authority}
        assert await ask(server, client_certificate=both, **more) == (3, None)
        assert await ask(server, client_certificate=chain, client_key=key, **more) == (3, None)
        items, error = await ask(server, **more)
        assert (items, error is None) == (0, False)
        items, error = await ask(server, client_certificate=tmp_path / "none.pem", **more)
        assert "ARRIERO_CLIENT_CERTIFICATE" in str(error)


async def test_the_proxy_of_the_settings_is_used_for_every_address(monkeypatch):
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    async with RawServer(OK) as proxy:
        server = Endpoint("http://gpu.invalid:8080", proxy=proxy.url, key="sesame")
        tgi = Tgi(server)
        items, error = await everything(tgi)
        await tgi.close()
    assert (len(items), error) == (3, None)
    assert proxy.requests[0].path == "http://gpu.invalid:8080/generate_stream"


async def test_a_proxy_is_given_the_password_of_its_address():
    async with RawServer(plain("407 X")) as proxy:
        address = proxy.url.replace("http://", "http://me:pw@")
        tgi = Tgi(Endpoint("http://gpu.invalid:8080", proxy=address))
        _, error = await everything(tgi)
        await tgi.close()
    assert proxy.requests[0].headers["proxy-authorization"].startswith("Basic ")
    assert "pw" not in str(error)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no asyncio Unix sockets")
async def test_a_unix_socket_is_an_address_too(tmp_path, monkeypatch):
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    path = tmp_path / "tgi.sock"
    raw = RawServer(OK)
    serving = await asyncio.start_unix_server(raw.serve, path)
    raw.url = f"unix://{path}"
    assert await ask(raw, key="sesame") == (3, None)
    assert raw.requests[0].path == "/generate_stream"
    serving.close()
    path.unlink()
    _, error = await ask(raw)
    assert str(error).startswith(f"Nothing answers at unix://{path}: ")

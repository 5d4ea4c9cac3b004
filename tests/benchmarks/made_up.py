"""Secrets that are valid in form and open nothing, made when they are needed.

None stands in this file: each is put together from parts, so no scanner takes it for a real one.
The forms are those that the issuers document; `own_name` marks those that nothing but the name of
their variable tells.
"""

from __future__ import annotations

import base64
import json
import random
import string
import textwrap
from collections.abc import Callable
from dataclasses import dataclass

ALNUM = string.ascii_letters + string.digits
LOWER = string.ascii_lowercase + string.digits
UPPER = string.ascii_uppercase + string.digits
HEX = "0123456789abcdef"
URL = ALNUM + "-_"

Make = Callable[[random.Random], str]


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of secret. `own_name` is the variable without which it cannot be known."""

    name: str
    make: Make
    own_name: str = ""


def of(*parts: str | tuple[str, int]) -> Make:
    """Return what makes a text of fixed parts, and of parts drawn from so many characters."""

    def make(chosen: random.Random) -> str:
        return "".join(
            part if isinstance(part, str) else "".join(chosen.choices(part[0], k=part[1]))
            for part in parts
        )

    return make


def encoded(size: int, before: str = "", after: str = "") -> Make:
    """Return what makes random bytes in base64."""
    return lambda chosen: before + base64.b64encode(chosen.randbytes(size)).decode() + after


def web_token(chosen: random.Random) -> str:
    def part(data: bytes) -> str:
        return base64.urlsafe_b64encode(data).decode().rstrip("=")

    head = json.dumps({"alg": "HS256", "typ": "JWT"}).encode()
    body = json.dumps({"sub": str(chosen.randrange(10**9)), "iat": chosen.randrange(10**9)})
    return ".".join((part(head), part(body.encode()), part(chosen.randbytes(32))))


def private_key(label: str, size: int) -> Make:
    def make(chosen: random.Random) -> str:
        lines = textwrap.wrap(base64.b64encode(chosen.randbytes(size)).decode(), 64)
        mark = f"{label} PRIVATE KEY".strip()
        return "\n".join([f"-----BEGIN {mark}-----", *lines, f"-----END {mark}-----"])

    return make


def password(chosen: random.Random) -> str:
    """Return a password as people make them: a word, a number, a sign, mixed."""
    word = "".join(chosen.choices(string.ascii_lowercase, k=chosen.randint(5, 8)))
    return word.capitalize() + str(chosen.randrange(10, 9999)) + chosen.choice("!#%&*+-=?")


KINDS = (
    Kind("AWS access key", of("AK", "IA", (UPPER, 16))),
    Kind("AWS secret key", encoded(30), "aws_secret_access_key"),
    Kind("GitHub token", of("gh", "p_", (ALNUM, 36))),
    Kind("GitHub fine-grained token", of("github", "_pat_", (ALNUM, 22), "_", (ALNUM, 59))),
    Kind("GitLab token", of("gl", "pat-", (URL, 20))),
    Kind("Bitbucket app password", of("AT", "BB", (ALNUM, 32))),
    Kind(
        "Slack bot token",
        of("xo", "xb-", ("123456789", 12), "-", (string.digits, 12), "-", (ALNUM, 24)),
    ),
    Kind(
        "Slack webhook",
        of(
            "https://hooks.slack", ".com/services/T", (UPPER, 8), "/B", (UPPER, 8), "/", (ALNUM, 24)
        ),
    ),
    Kind("Stripe key", of("sk", "_live_", (ALNUM, 24))),
    Kind("Stripe restricted key", of("rk", "_live_", (ALNUM, 99))),
    Kind("Square secret", of("sq0", "csp-", (URL, 43))),
    Kind("Twilio account", of("A", "C", (HEX, 32))),
    Kind("SendGrid key", of("S", "G.", (URL, 22), ".", (URL, 43))),
    Kind("Mailchimp key", of((HEX, 32), "-us", "12")),
    Kind("Mailgun key", of("ke", "y-", (HEX, 32))),
    Kind("Brevo key", of("xkey", "sib-", (HEX, 64), "-", (ALNUM, 16))),
    Kind("Telegram bot token", of(("123456789", 10), ":AA", (URL, 33))),
    Kind("Discord bot token", of("M", (ALNUM, 23), ".", (ALNUM, 6), ".", (URL, 27))),
    Kind("Google API key", of("AI", "za", (URL, 35))),
    Kind("Google OAuth secret", of("GOC", "SPX-", (URL, 28))),
    Kind("Azure storage key", encoded(64, before="AccountKey" + "=")),
    Kind("Azure client secret", of((ALNUM, 3), "8", "Q~", (ALNUM + "_.-", 34))),
    Kind("OpenAI key", of("s", "k-", (ALNUM, 20), "T3Blbk", "FJ", (ALNUM, 20))),
    Kind("OpenAI project key", of("sk-", "proj-", (URL, 120))),
    Kind("Anthropic key", of("sk-", "ant-api03-", (URL, 93), "AA")),
    Kind("Hugging Face token", of("h", "f_", (string.ascii_letters, 30), (ALNUM, 3), "7")),
    Kind("npm token", of("np", "m_", (ALNUM, 36))),
    Kind("PyPI token", of("py", "pi-AgEIcHlwaS5v", "cmc", (URL, 150))),
    Kind("Artifactory key", of("AK", "Cp8", (ALNUM, 64))),
    Kind("RubyGems key", of("ruby", "gems_", (HEX, 48))),
    Kind("Docker Hub token", of("dckr", "_pat_", (URL, 27))),
    Kind("DigitalOcean token", of("dop", "_v1_", (HEX, 64))),
    Kind("Vault token", of("hv", "s.", (URL, 90))),
    Kind("Databricks token", of("da", "pi", (HEX, 32))),
    Kind("Shopify token", of("shp", "at_", (HEX, 32))),
    Kind("New Relic key", of("NR", "AK-", (UPPER, 27))),
    Kind("Grafana token", of("gl", "sa_", (ALNUM, 32), "_", (HEX, 8))),
    Kind("Linear key", of("lin", "_api_", (ALNUM, 40))),
    Kind("Postman key", of("PM", "AK-", (HEX, 24), "-", (HEX, 34))),
    Kind("age key", of("AGE-SECRET", "-KEY-1", (UPPER, 58))),
    Kind("JSON web token", web_token),
    Kind("RSA key", private_key("RSA", 600)),
    Kind("PKCS 8 key", private_key("", 300)),
    Kind("OpenSSH key", private_key("OPENSSH", 400)),
    Kind("password", password, "db_password"),
    Kind("hexadecimal key", of((HEX, 32)), "DD_API_KEY"),
    Kind("random token", of((ALNUM, 40)), "cloudflare_api_token"),
    Kind("session secret", encoded(32), "SESSION_SECRET"),
    Kind("Django key", of((LOWER + "!@#%^&*-_=+", 50)), "SECRET_KEY"),
    Kind(
        "client secret",
        of((HEX, 8), "-", (HEX, 4), "-4", (HEX, 3), "-a", (HEX, 3), "-", (HEX, 12)),
        "clientSecret",
    ),
    Kind(
        "password in an address",
        lambda chosen: f"postgresql://app:{of((ALNUM, 14))(chosen)}7@db/app",
    ),
)

# How programs and settings hold a secret, by the name of their variable.
PLACES = (
    '{name} = "{secret}"',
    "{name} = '{secret}'",
    'const {name} = "{secret}";',
    "  {name}: '{secret}',",
    '    "{name}": "{secret}",',
    "export {name}='{secret}'",
    'String {name} = "{secret}";',
    '{name} := "{secret}"',
    'os.environ["{name}"] = "{secret}"',
    'let {name}: &str = "{secret}";',
    'define("{name}", "{secret}");',
    "# {name} = '{secret}'",
)


def secrets(each: int, seed: int = 1) -> list[tuple[Kind, str]]:
    """Return so many secrets of each kind, the same every time."""
    chosen = random.Random(seed)
    return [(kind, kind.make(chosen)) for kind in KINDS for _ in range(each)]


def placed(kind: Kind, secret: str, chosen: random.Random) -> str:
    """Return lines of code with a secret in them, as somebody would write it."""
    if "\n" in secret:
        joined = "\\n".join(secret.split("\n"))
        return chosen.choice((f'KEY = """\n{secret}\n"""', f'KEY = "{joined}"'))
    name = kind.own_name or chosen.choice(("client", "value", "config", "DEFAULT", "x"))
    return chosen.choice(PLACES).format(name=name, secret=secret)

r"""Tokens that tell by their form what they are.

The rules of detect-secrets find some (theirs.py). FORMATS has the kinds that it does not know, as
their issuers document them: a prefix that is made to be found, and how much follows it. To add one,
add a row.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from arriero.core.redaction import Found
from arriero.detection import theirs
from arriero.detection.chance import is_password, is_random, is_token

# Some of its rules take time to the power of the blanks in a row.
_CLOSE = re.compile(r"\S+(?:\s{1,3}\S+)*")
_AROUND = " \t\"'`:"
_SHORTEST = 10  # characters

FORMATS = (
    ("GitHub Token", r"github_pat_\w{82}"),
    ("JSON Web Token", r"eyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{10,}"),
    ("Google API key", r"AIza[\w-]{35}"),
    ("Google OAuth secret", r"GOCSPX-[\w-]{28}"),
    ("Google OAuth token", r"ya29\.[\w-]{20,}"),
    ("Anthropic key", r"sk-ant-[a-z]{2,8}\d\d-[\w-]{80,}"),
    ("OpenAI key", r"sk-(?:proj|svcacct|admin)-[\w-]{40,}"),
    ("Hugging Face token", r"hf_[A-Za-z0-9]{34}"),
    ("Groq key", r"gsk_[A-Za-z0-9]{52}"),
    ("Replicate token", r"r8_[A-Za-z0-9]{37}"),
    ("xAI key", r"xai-[A-Za-z0-9]{80}"),
    ("Perplexity key", r"pplx-[A-Za-z0-9]{48}"),
    ("DigitalOcean token", r"do[oprt]_v1_[a-f0-9]{64}"),
    ("Shopify token", r"shp(?:at|ca|pa|ss)_[a-fA-F0-9]{32}"),
    ("Slack app token", r"xapp-\d-[A-Z0-9]+-\d+-[a-z0-9]{32,}"),
    ("Stripe key", r"[sr]k_(?:live|test)_[A-Za-z0-9]{24,}"),
    ("Stripe webhook secret", r"whsec_[A-Za-z0-9+/]{32,}"),
    ("Artifactory key", r"AKCp\d[A-Za-z0-9]{50,}"),
    ("npm token", r"npm_[A-Za-z0-9]{36}"),
    ("RubyGems key", r"rubygems_[a-f0-9]{48}"),
    ("Docker Hub token", r"dckr_[po]at_[\w-]{27,}"),
    ("NuGet key", r"oy2[a-z0-9]{43}"),
    ("HashiCorp Vault token", r"hv[sbr]\.[\w-]{24,}"),
    ("Terraform Cloud token", r"[A-Za-z0-9]{14}\.atlasv1\.[\w=-]{60,}"),
    ("Databricks token", r"dapi[a-f0-9]{32}"),
    ("Atlassian token", r"ATATT3[\w=-]{60,}"),
    ("Bitbucket password", r"ATBB[A-Za-z0-9_=.-]{28,}"),
    ("Linear key", r"lin_(?:api|oauth)_[A-Za-z0-9]{32,}"),
    ("Notion token", r"ntn_[A-Za-z0-9]{40,}"),
    ("Figma token", r"fig[dourp]{1,2}_[\w-]{40,}"),
    ("Grafana token", r"gl(?:sa_[A-Za-z0-9]{32}_[a-fA-F0-9]{8}|c_[A-Za-z0-9+/]{32,}={0,3})"),
    ("New Relic key", r"NRAK-[A-Z0-9]{27}"),
    ("Sentry token", r"sntry[su]_[\w+/=-]{40,}"),
    ("Postman key", r"PMAK-[a-f0-9]{24}-[a-f0-9]{34}"),
    ("Doppler token", r"dp\.(?:pt|st|ct|sa|scim|audit)\.(?:[\w-]+\.)?[A-Za-z0-9]{40,}"),
    ("PlanetScale token", r"pscale_(?:tkn|pw|oauth)_[\w=.-]{32,}"),
    ("Supabase token", r"sb(?:p_[a-f0-9]{40}|_secret_[\w-]{30,})"),
    ("Mailgun key", r"key-[a-f0-9]{32}"),
    ("Brevo key", r"x(?:keysib|smtpsib)-[a-f0-9]{64}-[A-Za-z0-9]{16}"),
    ("Discord webhook", r"(?<=/api/webhooks/)\d{15,20}/[\w-]{60,}"),
    ("Facebook token", r"EAA[A-Za-z0-9]{90,}"),
    ("age key", r"AGE-SECRET-KEY-1[A-Z0-9]{58}"),
    ("Azure client secret", r"[\w~.]{3}\dQ~[\w~.-]{31,34}"),
    ("Azure signature", r"(?<=[?&;]sig=)[A-Za-z0-9%+/]{43,}"),
    ("Alibaba key", r"LTAI[A-Za-z0-9]{17,24}"),
    ("Tencent key", r"AKID[A-Za-z0-9]{32}"),
    ("Dropbox token", r"sl\.[\w-]{100,}"),
    ("Airtable token", r"pat[A-Za-z0-9]{14}\.[a-f0-9]{64}"),
    ("Mapbox key", r"sk\.eyJ[\w-]{20,}\.[\w-]{20,}"),
    ("Netlify token", r"nf[a-z]_[A-Za-z0-9]{36,}"),
    ("Heroku key", r"HRKU-AA[\w-]{58}"),
    ("Pulumi token", r"pul-[a-f0-9]{40}"),
    ("CircleCI token", r"CCIPAT_[A-Za-z0-9]{22}_[a-f0-9]{40}"),
    ("Buildkite token", r"bkua_[a-f0-9]{40}"),
    ("Sourcegraph token", r"sgp_(?:[a-f0-9]{16}_|local_)?[a-f0-9]{40}"),
    ("Tailscale key", r"tskey-[a-z]+-[A-Za-z0-9]{8,}-[A-Za-z0-9]{16,}"),
    ("1Password token", r"ops_eyJ[A-Za-z0-9+/=]{100,}"),
    ("Adafruit key", r"aio_[A-Za-z0-9]{28}"),
    ("Clojars token", r"CLOJARS_[a-z0-9]{60}"),
    ("Contentful token", r"CFPAT-[\w-]{43}"),
    ("Dynatrace token", r"dt0[a-z]\d\d\.[A-Z0-9]{24}\.[A-Z0-9]{64}"),
)
# All in one pass: each begins and ends where no longer run of its characters goes on.
_OURS = re.compile(
    r"(?<![A-Za-z0-9])(?:" + "|".join(f"({form})" for _, form in FORMATS) + r")(?![A-Za-z0-9])"
)

# The password of an address: RFC 3986 has no `/`, `?` or `#` in it.
_IN_ADDRESS = re.compile(
    r"[a-z][a-z0-9+.-]{1,20}://[^\s:@/\"'`]{0,80}:(?P<password>[^\s@/\"'`]{3,512})@"
)


def load() -> None:
    """Have all rules ready; ours are, from the import on."""
    theirs.read()


def tokens(text: str) -> Iterator[Found]:
    """Yield the tokens of a line, and the passwords in its addresses."""
    for match in _OURS.finditer(text):
        if match.lastindex and is_token(match.group()):
            yield Found(match.start(), match.end(), FORMATS[match.lastindex - 1][0])
    for part in _CLOSE.finditer(text):
        for kind, rule in theirs.rules():
            for match in rule.finditer(text, *part.span()):
                start, stop = _secret_of(match)
                if is_token(text[start:stop]):
                    yield Found(start, stop, kind)
    for match in _IN_ADDRESS.finditer(text):
        if is_password(match["password"]) or is_random(match["password"]):
            yield Found(match.start("password"), match.end("password"), "Password in an address")


def _secret_of(match: re.Match[str]) -> tuple[int, int]:
    """Return where the secret is in what a rule matches.

    It is the last group, where that is no mere part of a prefix; and some rules take the signs
    around it along, which a string still needs.
    """
    last = match.lastindex or 0
    group = last if len(match[last]) >= _SHORTEST else 0
    secret = match[group]
    start = match.start(group) + len(secret) - len(secret.lstrip(_AROUND))
    return start, start + len(secret.strip(_AROUND))

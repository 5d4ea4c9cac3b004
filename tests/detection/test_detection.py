"""What looks like a secret in a text, and what does not."""

import base64
import random
import string
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arriero import detection
from benchmarks import made_up
from thorough import thorough

# Nothing here stands in the form of a secret: whatever reads this file would take it for one.
ALNUM = made_up.of((string.ascii_letters + string.digits, 30))(random.Random(5)) + "4aB"
PASSWORD = "Tr0ub" + "4dor&3"
UUID = "3f2b9c1e-" + "77aa-4c1d-9f00-5be0ad41c22e"


def check(text: str, *found: str) -> None:
    assert [text[each.start : each.stop] for each in detection.secrets_in(text)] == list(found)


@pytest.mark.parametrize(
    "line",
    [
        'api_key = "{}"',
        "api_key: '{}'",
        '"apiKey": "{}",',
        "API_KEY={}",
        'token: str = "{}"',
        'let token: &str = "{}";',
        'const char token[] = "{}";',
        'os.environ["SECRET_KEY"] = "{}"',
        'setenv("AUTH_TOKEN", "{}")',
        "Authorization: Bearer {}",
        "# token = '{}'",
        "https://app:{}@example.org/",
        "Server=db;Password={};Timeout=3",
        "--client-secret={}",
        "<secret>{}</secret>",
    ],
)
def test_a_drawn_value_is_found_by_its_name(line):
    check(line.format(ALNUM), ALNUM)


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ('password = "{}"', True),
        ("password: {}", True),
        ('PGPASSWORD="{}"', True),
        ('define("DB_PASSWORD", "{}")', True),
        ("auth: {{ user: name, pass: '{}' }}", True),
        ("SMTP_PASS={}", True),
        ('bypass = "{}"', False),
        ('passage = "{}"', False),
        ('name = "{}"', False),
        ('title = "{}"  # not the password', False),
    ],
)
def test_a_password_is_found_where_it_is_called_one(line, found):
    check(line.format(PASSWORD), *[PASSWORD] * found)


@pytest.mark.parametrize(
    "line",
    [
        'password = "password"',
        'password = "hunter"',
        'password = "your-password-1"',
        'password = "${DB_PASSWORD_1}"',
        'password = os.environ["PASSWORD_1"]',
        "password = get_password(user1, realm2)",
        'token = "access_token_v2_of_the_user"',
        "token_type = OAuth2AccessTokenFromSettings2",
        "type Token2 = SignInTokenRequestStateV2;",
        'keyring.get_password("service1", "user1")',
        'tokens = "123456789012345678901234"',
        '"AWS::SecretsManager::Secret": "c85175a4ebcce361",',
        'credential.getToken("' + UUID + '/.default")',
        'secret_url = "/oauth2/v2.0/authorize-challenge"',
        'key = "abcdefghijklmnopqrstuvwxyz0123456789"',
        'integrity = "sha512-' + base64.b64encode(bytes(range(64))).decode() + '"',
        'url = "https://user:password@example.org"',
        'url = "https://example.org:8080/@scope/package1"',
        "AKIA" + "IOSFODNN7EXAMPLE",
    ],
)
def test_names_words_and_examples_are_no_secrets(line):
    check(line)


def test_a_string_stays_a_string():
    for before, after in (('"', '"'), ("'", "'"), ("`", "`"), ('"', '\\n"')):
        for _, secret in made_up.secrets(1):
            if "\n" in secret:
                continue
            line = f"client = {before}{secret}{after}"
            for each in detection.secrets_in(line):
                found = line[each.start : each.stop]
                assert not set(found) & set("\"'`\\"), line


def test_a_private_key_goes_but_for_its_marks():
    key = made_up.private_key("EC", 120)(random.Random(3))
    first, *body, last = key.split("\n")
    check(f"x = 1\n{key}\ny = 2\n", *body)
    escaped = "\\n".join(key.split("\n"))
    check(f'KEY = "{escaped}"', *body)
    # A window that begins or ends within the key.
    check("\n".join([*body[1:], last]), *body[1:])
    check("\n".join([first, *body[:-1]]), *body[:-1])


@pytest.mark.parametrize("form", ["{}", '    "{}\\n"', "# {}"])
def test_a_piece_of_a_private_key_goes_without_its_marks(form):
    _, *body, _ = made_up.private_key("RSA", 1200)(random.Random(3)).split("\n")
    check("\n".join(form.format(line) for line in body[4:8]), *body[4:8])


def test_a_program_that_looks_for_private_keys_stays_as_it_is():
    check(
        'BEGINNING = "-----BEGIN RSA PRIVATE KEY-----"\n'
        "def is_private_key(document):\n    return document.startswith(BEGINNING) and "
        'document.endswith("-----END RSA PRIVATE KEY-----")\nSomethingElse = another_thing\n'
    )
    check('def end_of_document(lines):\n    return lines[-1] == "-----END PRIVATE KEY-----"\n')


def test_of_two_rules_that_overlap_the_whole_goes():
    secret = made_up.of("hv", "s.", (made_up.URL, 60))(random.Random(2))
    value = f"{secret}+{ALNUM}"  # a token by its form, and a longer value by its name
    check(f'token = "{value}"', value)


def test_a_certificate_stays():
    lines = [base64.b64encode(random.Random(n).randbytes(48)).decode() for n in range(4)]
    check("\n".join(["-----BEGIN CERTIFICATE-----", *lines, "-----END CERTIFICATE-----"]))


def test_of_a_minified_file_all_statements_are_looked_at():
    code = "var a=function(b){return b.next+1};" * 500
    check(f'{code}var t={{token:"{ALNUM}"}};{code}', ALNUM)


@thorough
@given(st.text(), st.text(), st.sampled_from([ALNUM, UUID]))
def test_what_stands_on_other_lines_changes_nothing(above, below, value):
    line = f'api_key = "{value}"'
    text = f"{above}\n{line}\n{below}"
    start = len(above) + 1
    found = [each for each in detection.secrets_in(text) if start <= each.start]
    assert (found[0].start, found[0].stop) == (start + 11, start + 11 + len(value))


@thorough
@given(st.text())
def test_what_is_found_is_in_order_and_within_lines(text):
    end = 0
    for each in detection.secrets_in(text):
        assert end <= each.start < each.stop <= len(text)
        assert "\n" not in text[each.start : each.stop]
        end = each.stop


@pytest.mark.parametrize("part", ["token", "password", " ", "api_key", "//a/", "eyJ", "A1", "a:"])
@pytest.mark.parametrize("filler", [" ", "a", "-", "/", ".", ":", '"', "="])
def test_no_line_takes_long(part, filler):
    # In the processor's time, and far from what it takes (a millisecond): some rules of others take
    # minutes for such a line if they are let.
    line = f"1{ALNUM} {part}{filler * 1900}{part}"
    started = time.process_time()
    detection.secrets_in(line)
    assert time.process_time() - started < 2

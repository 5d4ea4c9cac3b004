"""Settings that are wrong: what people are told, and what nobody is ever shown."""

import copy
import json
from dataclasses import asdict

import pytest

from arriero.settings_kinds import OWN_ACTIONS
from arriero.settings_sources import editor, environment, load
from loading import EDITOR, check, person, workspace

OWN = {"title": "Log it", "instruction": "Log the arguments."}

# What people are told ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        (
            {"max_new_token": 5},
            '"max_new_token" in config.toml is no setting; did you mean max_new_tokens?',
        ),
        (
            {"maxNewTokens": 5},
            '"maxNewTokens" in config.toml is no setting; did you mean max_new_tokens?',
        ),
        (
            {"completion": {"enabeld": True}},
            '"completion.enabeld" in config.toml is no setting; did you mean completion.enabled?',
        ),
        (
            {"deadline": {"connect": 1}},
            '"deadline" in config.toml is no setting; did you mean deadlines?',
        ),
        ({"colour": "red"}, '"colour" in config.toml is no setting; it is left out.'),
        (
            {"deadlines": 5},
            "deadlines in config.toml has to be a table of settings; it is left out.",
        ),
        (
            {"max_new_tokens": "many"},
            "max_new_tokens in config.toml has to be a whole number from 1 to 16384, not "
            '"many"; it is left out (the default is 200).',
        ),
        (
            {"max_new_tokens": True},
            "max_new_tokens in config.toml has to be a whole number from 1 to 16384, not true; "
            "it is left out (the default is 200).",
        ),
        (
            {"max_new_tokens": 0},
            "max_new_tokens in config.toml has to be a whole number from 1 to 16384, not 0; it is "
            "left out (the default is 200).",
        ),
        (
            {"deadlines": {"connect": float("nan")}},
            "deadlines.connect in config.toml has to be a number of seconds from 0.01 to 600, not "
            "NaN; it is left out (the default is 5.0).",
        ),
        (
            {"completion": {"enabled": "yes"}},
            'completion.enabled in config.toml has to be true or false, not "yes"; it is left out '
            "(the default is true).",
        ),
        (
            {"sampling": {"top_p": 1}},
            "sampling.top_p in config.toml has to be a number from 0.01 to 0.99, not 1; it is left "
            "out (the default is 0.9).",
        ),
        (
            {"log_level": "warn"},
            "log_level in config.toml has to be one of debug, info, warning, error (did you mean "
            '"warning"?), not "warn"; it is left out (the default is "warning").',
        ),
        (
            {"dialect": "source-destination"},
            "dialect in config.toml has to be one of plain, source_destination (did you mean "
            '"source_destination"?), not "source-destination"; it is left out.',
        ),
        (
            {"actions": {"enabled": ["fix", "documents"]}},
            'actions.enabled in config.toml has to be one of document, fix (did you mean "document"'
            '?), not ["fix", "documents"]; it is left out.',
        ),
        (
            {"ignore": "*.sql"},
            'ignore in config.toml has to be a list of texts, not "*.sql"; it is left out.',
        ),
        (
            {"completion": {"languages": {"python": "on"}}},
            "completion.languages in config.toml has to be a list of languages, or a table of "
            'languages with true or false, not {"python": "on"}; it is left out.',
        ),
        (
            {"actions": {"own": {"log": {"title": "Log it"}}}},
            "actions.own in config.toml has to be a table of actions, and “log” needs a title and "
            'an instruction, not {"log": {"title": "Log it"}}; it is left out.',
        ),
        ({"model": 70}, "model in config.toml has to be a text, not 70; it is left out."),
    ],
)
def test_what_is_wrong_is_named_and_its_default_is_used(values, problem):
    check(person(**values), problems=(problem,))


@pytest.mark.parametrize(
    ("more", "meant"),
    [
        ({"answer": "above"}, "the answer of “log” one of replace, below, show"),
        ({"kind": "refactr"}, 'the kind of “log” one of .* .did you mean "refactor"'),
        ({"command": "rm"}, "“log” has 'command', which is no field"),
        ({"instruction": " "}, "the instruction of “log” a text"),
        ({"languages": "go"}, "a list of texts"),
    ],
)
def test_what_is_wrong_with_an_action_of_ones_own_is_named(more, meant):
    with pytest.raises(ValueError, match=meant):
        OWN_ACTIONS.read({"log": OWN | more})


@pytest.mark.parametrize(
    ("variable", "text", "problem"),
    [
        ("URRL", "x", '"ARRIERO_URRL" in the environment is no setting; did you mean ARRIERO_URL?'),
        (
            "CONTEXT_TOKENS",
            "4k",
            "ARRIERO_CONTEXT_TOKENS in the environment has to be a whole number from 256 to "
            '1000000, not "4k"; it is left out.',
        ),
        (
            "LOCAL_ENABLED",
            "maybe",
            'ARRIERO_LOCAL_ENABLED in the environment has to be true or false, not "maybe"; it is '
            "left out (the default is true).",
        ),
    ],
)
def test_variables_that_are_wrong_are_named_as_such(variable, text, problem):
    check(environment({f"ARRIERO_{variable}": text}), problems=(problem,))


def test_what_is_wrong_does_not_undo_what_is_right():
    check(
        person(max_new_tokens=300),
        workspace(max_new_tokens=-1, completion={"pace": 1}),
        max_new_tokens=300,
        completion__pace=1.0,
        problems=(
            "max_new_tokens in arriero.toml has to be a whole number from 1 to 16384, not -1; it "
            "is left out (the default is 200).",
        ),
    )


def test_an_editor_that_sends_no_object_is_told():
    check(
        editor(EDITOR, "http://gpu:8080"),
        problems=("What the editor's settings say has to be an object; it is left out.",),
    )


@pytest.mark.parametrize(
    "url",
    [
        "localhost:8080",
        "127.0.0.1",
        "http://",
        "http:///generate",
        "ftp://gpu",
        "file:///etc/passwd",
        "http://gpu:port",
        "http://gpu:99999",
        "http://[::1",
        "http://user:hush@gpu",
        "http://gpu?key=hush",
        "http://gpu/#hush",
        "http://gpu\\@evil.example",
        "http://gpu /",
        "http://g\tpu",
        "http://gpu\r\nHost: evil.example",
    ],
)
def test_an_address_that_is_none_is_told_but_not_repeated(url):
    check(
        person(url=url),
        problems=(
            "url in config.toml has to be an address such as http://127.0.0.1:8080, without user "
            "name, key, query or blanks; it is left out.",
        ),
    )


@pytest.mark.parametrize("url", ["http://[::1]:8080", "https://gpu.example/models/70b", "http://g"])
def test_an_address_may_have_a_path_and_any_host(url):
    check(person(url=url), url=url)


# Secrets ----------------------------------------------------------------------------------------

HUSH = "hf_hushhushhush"


@pytest.mark.parametrize(
    "values",
    [
        {"api_key": [HUSH]},
        {"api_key": f"{HUSH}\nX-Evil: 1"},
        {"api_key": f"{HUSH}\u20ac"},
        {"api_keys": HUSH},
        {"proxy": f"ftp://me:{HUSH}@proxy"},
        {"replicas": [f"http://{HUSH}@gpu"]},
        {"api_key_command": [HUSH, ""]},
        {"headers": HUSH},
        {"headers": {"Bad Name": HUSH}},
        {"headers": {"Authorization": f"Bearer {HUSH}\n"}, "url": f"http://{HUSH}@gpu"},
        {"headers": {"X": [HUSH]}},
        {"secret": {"key": HUSH}},
    ],
)
def test_a_wrong_secret_is_told_but_never_repeated(values):
    loaded = load(person(**values))
    assert loaded.problems
    assert HUSH not in repr(loaded)


def test_a_secret_shows_itself_to_nobody_who_does_not_ask():
    settings = load(person(api_key=HUSH, headers={"X-Key": HUSH})).settings
    shown = [repr(settings), str(settings), f"{settings.api_key}"]
    shown += [
        repr(asdict(settings)),
        repr(copy.deepcopy(settings)),
        json.dumps(settings, default=str),
    ]
    assert HUSH not in "".join(shown)
    assert settings.api_key.reveal() == settings.headers["X-Key"].reveal() == HUSH

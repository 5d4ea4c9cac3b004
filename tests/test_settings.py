"""Settings as people write them: what is in force afterwards."""

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from arriero.settings import ROWS, Secret, Settings
from arriero.settings_kinds import OwnAction
from arriero.settings_sources import Source, editor, environment, load
from loading import EDITOR, NAMES, at, check, person, workspace

# Where settings come from -----------------------------------------------------------------------


def test_nothing_set_means_the_defaults():
    check()


def test_the_later_source_wins():
    check(
        person(model="mine", max_new_tokens=1, completion={"pace": 1}, log_level="debug"),
        workspace(max_new_tokens=2, completion={"pace": 2}),
        environment({"ARRIERO_MAX_NEW_TOKENS": "3", "ARRIERO_LOG_LEVEL": "error"}),
        editor(EDITOR, {"max_new_tokens": 4}),
        model="mine",
        completion__pace=2.0,
        log_level="error",
        max_new_tokens=4,
    )


def test_ignore_rules_add_up_and_a_workspace_cannot_lift_the_persons():
    check(
        person(ignore=["*.sql"]),
        workspace(ignore=["!*.sql", "*.csv"]),
        environment({"ARRIERO_IGNORE": "*.log, build/"}),
        ignore=("!*.sql", "*.csv", "*.sql", "*.log", "build/"),
    )


def test_null_and_an_empty_variable_are_not_set():
    check(
        person(url="http://gpu:8080", max_new_tokens=7),
        environment({"ARRIERO_URL": " "}),
        editor(EDITOR, {"url": None, "max_new_tokens": None, "completion": None}),
        url="http://gpu:8080",
        max_new_tokens=7,
    )


def test_an_empty_text_from_the_editor_takes_a_setting_back():
    check(
        person(url="http://gpu:8080", ca_file="/ca.pem", dialect="plain"),
        editor(EDITOR, {"url": "", "ca_file": "", "dialect": ""}),
    )


@pytest.mark.parametrize("nothing", [None, [], {}, {"completion": [], "headers": []}])
def test_an_editor_that_sets_nothing_may_say_so_in_any_way(nothing):
    check(editor(EDITOR, nothing))


def test_an_editor_may_send_the_sections_name_along():
    check(editor(EDITOR, {"arriero": {"max_new_tokens": 9}}), max_new_tokens=9)


# What a file in a workspace may do --------------------------------------------------------------

MAY = {
    "max_new_tokens",
    "completion.enabled",
    "completion.languages",
    "completion.pace",
    "completion.one_line_tokens",
    "context.enabled",
    "context.limit",
    "context.sources",
    "sampling.temperature",
    "sampling.top_p",
    "sampling.seed",
    "actions.enabled",
    "actions.own",
    "ignore",
}


def test_a_workspace_that_names_a_url_is_refused_in_a_sentence_and_the_rest_is_used():
    check(
        person(url="http://127.0.0.1:8080"),
        workspace(url="http://evil.example", max_new_tokens=100),
        url="http://127.0.0.1:8080",
        max_new_tokens=100,
        problems=(
            "url in arriero.toml is refused: a file in a workspace can come from anyone. Set it in "
            "your editor's user settings, in your own configuration file or as ARRIERO_URL.",
        ),
    )


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.path)
def test_a_workspace_may_set_only_what_sends_nothing_elsewhere_and_runs_nothing(row):
    value = VALUES[row.path]
    for name in reversed(row.path.split(".")):
        value = {name: value}
    loaded = load(workspace(**value))
    if row.path in MAY:
        assert loaded.problems == ()
        assert loaded.settings != Settings()
    else:
        assert [problem.split(" is ")[0] for problem in loaded.problems] == [
            f"{row.path} in arriero.toml"
        ]
        assert loaded.settings == Settings()


@pytest.mark.parametrize(
    ("own", "theirs", "held"),
    [
        ({}, {"limit": 300}, {"limit": 300}),
        ({}, {"limit": 3000}, {}),
        ({"limit": 5000}, {"limit": 3000}, {"limit": 3000}),
        ({"limit": 100}, {"limit": 300}, {"limit": 100}),
        ({"enabled": False}, {"enabled": True}, {"enabled": False}),
        ({}, {"enabled": False}, {"enabled": False}),
        ({"sources": ["tests"]}, {"sources": ["tests", "open"]}, {"sources": {"*": False}}),
        ({}, {"sources": {"open": False}}, {"sources": {"*": True, "open": False}}),
    ],
)
@pytest.mark.parametrize("last", [False, True])
def test_a_workspace_makes_what_leaves_less_and_never_more(own, theirs, held, last):
    sources = [workspace(context=theirs), person(context=own)]
    found = load(*(sources if last else sources[::-1])).settings.context
    wanted = {"enabled": True, "limit": 1200, "sources": {}} | held
    assert (found.enabled, found.limit) == (wanted["enabled"], wanted["limit"])
    if "sources" in held:
        for kind in ("open", "similar"):
            assert found.sources.get(kind, found.sources["*"]) == held["sources"].get(
                kind, held["sources"]["*"]
            )
        assert found.wants("tests")


def test_a_workspace_that_names_a_proxy_or_a_command_sets_nothing():
    check(
        workspace(proxy="http://evil.example", command="rm -rf /"),
        problems=(
            "proxy in arriero.toml is refused: a file in a workspace can come from anyone. Set it "
            "in your own configuration file or as ARRIERO_PROXY.",
            '"command" in arriero.toml is no setting; it is left out.',
        ),
    )


@pytest.mark.parametrize("path", ["api_key", "typing.api_key", "headers", "proxy"])
def test_an_editor_sends_no_secret_since_it_may_log_what_it_sends(path):
    value = VALUES[path]
    for name in reversed(path.split(".")):
        value = {name: value}
    for source in (editor(EDITOR, value), editor(EDITOR, {"arriero": value})):
        loaded = load(source)
        assert loaded.settings == Settings()
        assert loaded.problems == (
            f"{path} in the editor's settings is refused: what an editor sends can stand in its "
            f"logs. Set it as ARRIERO_{path.upper().replace('.', '_')} or in your own "
            "configuration file.",
        )


# Every setting, as TOML has it and as a variable has it -----------------------------------------

SERVER = {
    "url": "https://gpu.example:8443/tgi/",
    "replicas": ["https://gpu.example:8444/tgi/", "unix:///run/tgi.sock"],
    "backend": "vllm",
    "api_key": "hush",
    "api_key_file": "/run/secrets/key",
    "api_key_command": ["pass", "show", "tgi"],
    "api_key_keyring": "tgi/me",
    "model": "codellama/CodeLlama-70b-Instruct-hf",
    "dialect": "plain",
    "tokenizer": "/models/tokenizer.json",
    "context_tokens": 2048,
}
VALUES = {
    **SERVER,
    **{f"typing.{name}": value for name, value in SERVER.items()},
    "headers": {"X-Team": "llamas"},
    "ca_file": "/etc/ca.pem",
    "ca_dir": "/etc/certificates",
    "client_certificate": "/etc/me.pem",
    "client_key": "/etc/me.key",
    "verify": False,
    "proxy": "http://me:hush@proxy:3128",
    "concurrency": 8,
    "max_new_tokens": 64,
    "system_prompt": "You know COBOL.",
    "deadlines.connect": 1.5,
    "deadlines.info": 3,
    "deadlines.first_token": 2,
    "deadlines.between_tokens": 3,
    "deadlines.total": 4,
    "completion.enabled": False,
    "completion.languages": {"python": True, "*": False},
    "completion.pace": 0,
    "completion.one_line_tokens": 32,
    "context.enabled": False,
    "context.limit": 300,
    "context.sources": {"*": True, "open": False},
    "sampling.temperature": 1,
    "sampling.top_p": 0.5,
    "sampling.seed": 0,
    "actions.enabled": ["fix"],
    "actions.confirm": False,
    "actions.own": {"log": {"title": "Log it", "instruction": "Log.", "languages": ["go"]}},
    "ignore": ["*.sql"],
    "trusted": False,
    "local.enabled": False,
    "local.gguf": "/models/small.gguf",
    "log_level": "DEBUG",
}
SERVER_HELD = SERVER | {
    "url": "https://gpu.example:8443/tgi",
    "replicas": ("https://gpu.example:8444/tgi", "unix:///run/tgi.sock"),
    "api_key": Secret("hush"),
    "api_key_file": Path("/run/secrets/key"),
    "api_key_command": ("pass", "show", "tgi"),
    "tokenizer": Path("/models/tokenizer.json"),
}
HELD = {
    **VALUES,
    **SERVER_HELD,
    **{f"typing.{name}": value for name, value in SERVER_HELD.items()},
    "headers": {"X-Team": Secret("llamas")},
    "ca_file": Path("/etc/ca.pem"),
    "ca_dir": Path("/etc/certificates"),
    "client_certificate": Path("/etc/me.pem"),
    "client_key": Path("/etc/me.key"),
    "proxy": Secret("http://me:hush@proxy:3128"),
    "actions.enabled": ("fix",),
    "actions.own": {"log": OwnAction("Log it", "Log.", "refactor", ("go",), "rewrite")},
    "ignore": ("*.sql",),
    "local.gguf": Path("/models/small.gguf"),
    "log_level": "debug",
}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.path)
def test_every_setting_can_be_set_by_its_variable(row):
    value = VALUES[row.path]
    text = value if isinstance(value, str) else json.dumps(value)
    check(environment({row.env: text}), **{row.path.replace(".", "__"): HELD[row.path]})


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.path)
def test_every_setting_can_be_set_by_its_name(row):
    value = VALUES[row.path]
    for name in reversed(row.path.split(".")):
        value = {name: value}
    check(person(**value), **{row.path.replace(".", "__"): HELD[row.path]})


def test_no_two_settings_share_a_variable():
    assert len({row.env for row in ROWS}) == len(ROWS)


ONLY_GO_AND_LUA = {"*": False, "go": True, "lua": True}


@pytest.mark.parametrize(
    ("variable", "text", "held"),
    [
        ("COMPLETION_ENABLED", "off", {"completion__enabled": False}),
        ("COMPLETION_ENABLED", "1", {}),
        ("COMPLETION_LANGUAGES", "go,lua", {"completion__languages": ONLY_GO_AND_LUA}),
        ("COMPLETION_LANGUAGES", '["go", "lua"]', {"completion__languages": ONLY_GO_AND_LUA}),
        ("DEADLINES_TOTAL", "1e3", {"deadlines__total": 1000.0}),
        ("API_KEY", "hush\n", {"api_key": Secret("hush")}),
        ("API_KEY_COMMAND", "pass 'show it'", {"api_key_command": ("pass", "show it")}),
        ("REPLICAS", "http://a, http://b/", {"replicas": ("http://a", "http://b")}),
        ("TOKENIZER", "~/t.json", {"tokenizer": Path.home() / "t.json"}),
    ],
)
def test_variables_are_read_as_people_write_them(variable, text, held):
    check(environment({f"ARRIERO_{variable}": text}), **held)


def test_variables_of_others_and_those_that_name_folders_are_no_settings():
    check(environment({"PATH": "/bin", "ARRIERO_CONFIG": "/c.toml", "ARRIERO_CACHE": "/cache"}))
    check(environment({"ARRIERO_INDEX": "/index"}))


@pytest.mark.parametrize(
    ("completion", "language", "wanted"),
    [
        ({}, "python", True),
        ({"enabled": False}, "python", False),
        ({"languages": ["python"]}, "python", True),
        ({"languages": ["python"]}, "markdown", False),
        ({"languages": {"markdown": False}}, "markdown", False),
        ({"languages": {"markdown": False}}, "python", True),
        ({"languages": {"*": False, "python": True}}, "python", True),
        ({"languages": {"*": False, "python": True}}, "c", False),
        ({"enabled": False, "languages": ["python"]}, "python", False),
    ],
)
def test_languages_are_on_or_off(completion, language, wanted):
    assert load(person(completion=completion)).settings.completion.wants(language) is wanted


@pytest.mark.parametrize(
    ("actions", "offered"),
    [({}, ["fix", "document"]), ({"enabled": ["fix"]}, ["fix"]), ({"enabled": []}, [])],
)
def test_actions_are_offered_unless_others_are_named(actions, offered):
    wants = load(person(actions=actions)).settings.actions.wants
    assert [action for action in ["fix", "document"] if wants(action)] == offered


# Whatever comes ---------------------------------------------------------------------------------

# However slow the machine is.
unhurried = hypothesis_settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda some: st.lists(some, max_size=3) | st.dictionaries(st.text(), some, max_size=3),
    max_leaves=6,
)
SOMETHING = st.sampled_from(sorted({part for row in ROWS for part in row.path.split(".")}))
TABLES = st.dictionaries(SOMETHING, JSON | st.dictionaries(SOMETHING, JSON, max_size=3), max_size=4)


@unhurried
@given(TABLES, st.booleans())
def test_no_table_whatever_raises_or_moves_what_a_workspace_may_not(table, trusted):
    loaded = load(Source("somewhere", table, trusted=trusted), names=NAMES)
    if not trusted:
        for row in ROWS:
            assert row.about.workspace or at(loaded.settings, row.path) == row.default


@unhurried
@given(st.dictionaries(st.sampled_from([row.env for row in ROWS]), st.text(), max_size=4))
def test_no_variable_whatever_raises(environ):
    load(environment(environ), names=NAMES)

"""Settings as people write them: what is in force afterwards, and what they are told."""

import copy
import json
from dataclasses import asdict
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from arriero.settings import ROWS, Secret, Settings
from arriero.settings_sources import Source, editor, environment, load, load_all

EDITOR = "the editor's settings"
NAMES = {"dialect": ["plain", "source_destination"], "actions.enabled": ["document", "fix"]}


def person(**values):
    return Source("config.toml", values)


def workspace(**values):
    return Source("arriero.toml", values, trusted=False)


def at(settings: Settings, path: str):
    """Return the setting with this path."""
    for name in path.split("."):
        settings = getattr(settings, name)
    return settings


def check(*sources: Source, problems: tuple[str, ...] = (), **expected) -> None:
    """Load the sources: these settings are in force (`__` for the dot), the others as always."""
    loaded = load(*sources, names=NAMES)
    assert loaded.problems == problems
    named = {path.replace("__", "."): value for path, value in expected.items()}
    default = Settings()
    for row in ROWS:
        assert at(loaded.settings, row.path) == named.pop(row.path, at(default, row.path)), row.path
    assert not named


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
    "actions.enabled",
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


def test_a_workspace_that_names_a_proxy_or_a_command_sets_nothing():
    check(
        workspace(proxy="http://evil.example", command="rm -rf /"),
        problems=(
            '"proxy" in arriero.toml is no setting; it is left out.',
            '"command" in arriero.toml is no setting; it is left out.',
        ),
    )


# Every setting, as TOML has it and as a variable has it -----------------------------------------

VALUES = {
    "url": "https://gpu.example:8443/tgi/",
    "api_key": "hush",
    "headers": {"X-Team": "llamas"},
    "ca_file": "/etc/ca.pem",
    "model": "codellama/CodeLlama-70b-Instruct-hf",
    "dialect": "plain",
    "tokenizer": "/models/tokenizer.json",
    "context_tokens": 2048,
    "max_new_tokens": 64,
    "deadlines.connect": 1.5,
    "deadlines.first_token": 2,
    "deadlines.between_tokens": 3,
    "deadlines.total": 4,
    "completion.enabled": False,
    "completion.languages": {"python": True, "*": False},
    "completion.pace": 0,
    "actions.enabled": ["fix"],
    "ignore": ["*.sql"],
    "local.enabled": False,
    "local.gguf": "/models/small.gguf",
    "log_level": "DEBUG",
}
HELD = VALUES | {
    "url": "https://gpu.example:8443/tgi",
    "api_key": Secret("hush"),
    "headers": {"X-Team": Secret("llamas")},
    "ca_file": Path("/etc/ca.pem"),
    "tokenizer": Path("/models/tokenizer.json"),
    "actions.enabled": ("fix",),
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
        ("TOKENIZER", "~/t.json", {"tokenizer": Path.home() / "t.json"}),
    ],
)
def test_variables_are_read_as_people_write_them(variable, text, held):
    check(environment({f"ARRIERO_{variable}": text}), **held)


def test_variables_of_others_and_those_that_name_folders_are_no_settings():
    check(environment({"PATH": "/bin", "ARRIERO_CONFIG": "/c.toml", "ARRIERO_CACHE": "/cache"}))


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
        ({"model": 70}, "model in config.toml has to be a text, not 70; it is left out."),
    ],
)
def test_what_is_wrong_is_named_and_its_default_is_used(values, problem):
    check(person(**values), problems=(problem,))


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


# Files ------------------------------------------------------------------------------------------


def check_files(folder: Path, *, problems: tuple[str, ...] = (), environ=None, **files: str):
    """Write the files into a workspace, whose settings are then returned."""
    for name, text in files.items():
        (folder / f"{name}.toml").write_bytes(text.encode())
    environ = {"ARRIERO_CONFIG": str(folder / "own.toml")} | (environ or {})
    if "own" not in files:
        (folder / "own.toml").touch()
    loaded = load_all(folder, environ=environ)
    assert loaded.problems == tuple(problem.format(folder=folder) for problem in problems)
    return loaded.settings


def test_the_persons_file_and_both_files_of_a_workspace_are_read(tmp_path):
    settings = check_files(
        tmp_path,
        own='url = "http://gpu:8080"\nmax_new_tokens = 1\n[completion]\npace = 1\n',
        pyproject="[tool.arriero]\nmax_new_tokens = 2\ncompletion.pace = 2\n",
        arriero="max_new_tokens = 3\n",
    )
    assert (settings.url, settings.max_new_tokens) == ("http://gpu:8080", 3)
    assert settings.completion.pace == 2


def test_a_pyproject_without_a_word_for_us_is_none_of_our_business(tmp_path):
    assert check_files(tmp_path, pyproject="[tool.ruff]\nline-length = 100\n") == Settings()


def test_a_file_as_windows_writes_it_is_read(tmp_path):
    assert check_files(tmp_path, arriero="\ufeffmax_new_tokens = 3\r\n").max_new_tokens == 3


def test_files_of_a_workspace_are_refused_by_name(tmp_path):
    elsewhere = (
        "is refused: a file in a workspace can come from anyone. Set it in your editor's user "
        "settings, in your own configuration file or as ARRIERO_API_KEY."
    )
    check_files(
        tmp_path,
        pyproject='tool.arriero.api_key = "x"',
        arriero='api_key = "x"',
        problems=(
            f"api_key in [tool.arriero] of {tmp_path / 'pyproject.toml'} {elsewhere}",
            f"api_key in {tmp_path / 'arriero.toml'} {elsewhere}",
        ),
    )


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("url = ", "is no valid TOML (Invalid value (at end of document))"),
        ("x = " + "[" * 5000, "is nested too deeply"),
    ],
)
def test_a_file_that_cannot_be_read_is_told(tmp_path, text, problem):
    file = tmp_path / "arriero.toml"
    check_files(tmp_path, arriero=text, problems=(f"{file} {problem}; its settings are left out.",))


def test_a_file_that_is_no_text_is_told(tmp_path):
    file = tmp_path / "arriero.toml"
    file.write_bytes(b"\xff\xfe")
    told = f"{file} is not written in UTF-8; its settings are left out."
    check_files(tmp_path, problems=(told,))


def test_a_file_made_to_fill_the_memory_is_not_read(tmp_path):
    file = tmp_path / "arriero.toml"
    check_files(
        tmp_path,
        arriero="#" * 2_000_000,
        problems=(f"{file} is far too large for settings; it is left out.",),
    )


def test_a_tool_table_that_is_none_is_told(tmp_path):
    file = tmp_path / "pyproject.toml"
    check_files(
        tmp_path,
        pyproject="tool.arriero = 3",
        problems=(f"[tool.arriero] of {file} has to be a table; it is left out.",),
    )


def test_a_missing_file_is_told_only_to_those_who_named_it(tmp_path):
    named = tmp_path / "gone.toml"
    told = f"{named}, which ARRIERO_CONFIG names, is no file; its settings are left out."
    check_files(tmp_path, environ={"ARRIERO_CONFIG": str(named)}, problems=(told,))


def test_without_a_workspace_nothing_of_one_is_read(tmp_path):
    (tmp_path / "own.toml").touch()
    loaded = load_all(None, environ={"ARRIERO_CONFIG": str(tmp_path / "own.toml")})
    assert loaded == load()


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

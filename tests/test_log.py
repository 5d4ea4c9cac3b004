"""What is written to the log, and what never is."""

import logging
import re

import pytest

from arriero.errors import (
    AnswerError,
    GenerationFailed,
    Invalid,
    Overloaded,
    TooLong,
    Unreachable,
)
from arriero.log import Discreet, hide, set_up, without_code
from arriero.settings import Secret, Settings
from log_lines import CODE, DEBUG, LINES

KEY = "hf_hush"

TOLD = re.compile(r"^\S+ \S+ (?P<told>[A-Z]+ [\w.]+: .*)$")


@pytest.fixture(autouse=True)
def as_before():
    """Leave the logging of the tests as it was."""
    loggers = [logging.getLogger(name) for name in (None, "arriero", "arriero_backend", "pygls")]
    before = [logger.level for logger in loggers]
    yield
    for logger, level in zip(loggers, before, strict=True):
        logger.setLevel(level)
    root = loggers[0]
    for handler in [each for each in root.handlers if isinstance(each.formatter, Discreet)]:
        root.removeHandler(handler)
        handler.close()


@pytest.fixture
def check(capsys):
    def check(level: str, happens, *told: str) -> str:
        """Let something happen at a log level; the lines told are these. Returns the whole log."""
        set_up(Settings(log_level=level, api_key=Secret(KEY), headers={"X": Secret(KEY + "-too")}))
        happens()
        out, err = capsys.readouterr()
        assert out == "", "standard output is the wire"
        lines = [found["told"] for line in err.splitlines() if (found := TOLD.match(line))]
        assert lines == list(told)
        return err

    return check


def log(name: str, level: str, message: str, *args, **options):
    return lambda: getattr(logging.getLogger(name), level)(message, *args, **options)


def failing(error: Exception, name: str = "arriero.lsp"):
    def happens():
        try:
            raise error
        except Exception as raised:
            logging.getLogger(name).exception("It failed: %s", raised)

    return happens


def failing_task(message: str):
    return lambda: logging.getLogger("asyncio").error(message, exc_info=ValueError(CODE))


# What is told -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("level", "told"),
    [
        ("debug", ["DEBUG", "INFO", "WARNING", "ERROR"]),
        ("info", ["INFO", "WARNING", "ERROR"]),
        ("warning", ["WARNING", "ERROR"]),
        ("error", ["ERROR"]),
    ],
)
@pytest.mark.parametrize("name", ["arriero.model.tgi", "arriero_backend.serve"])
def test_the_settings_say_how_much_we_tell(check, level, told, name):
    def happens():
        for each in ("debug", "info", "warning", "error"):
            log(name, each, "so it is")()

    check(level, happens, *[f"{each} {name}: so it is" for each in told])


def test_libraries_tell_of_trouble_only(check):
    def happens():
        log("httpx2", "info", "HTTP Request: POST http://gpu")()
        log("asyncio", "warning", "slow")()

    check("debug", happens, "WARNING asyncio: slow")


def test_our_own_errors_are_told_in_their_own_words(check):
    happens = failing(Unreachable("Nothing answers at http://gpu."))
    written = check("info", happens, "ERROR arriero.lsp: It failed: Nothing answers at http://gpu.")
    assert written.endswith("Nothing answers at http://gpu.\n")


def test_a_second_set_up_replaces_the_first(check):
    set_up(Settings())
    check("info", log("arriero", "info", "once"), "INFO arriero: once")


def test_a_log_file_is_written_in_place_of_standard_error(tmp_path, capsys):
    file = tmp_path / "arriero.log"
    set_up(Settings(api_key=Secret(KEY)), file=file)
    log("arriero", "error", "née %s", KEY)()
    assert file.read_text("utf-8").endswith("ERROR arriero: née ***\n")
    assert capsys.readouterr() == ("", "")


def test_a_key_that_came_to_light_later_is_hidden_from_then_on(check):
    set_up(Settings())
    hide("from-a-command")
    told = log("arriero", "error", "it is %s", "from-a-command")
    check("info", told, "ERROR arriero: it is ***")  # through another set-up, too


# What is not ------------------------------------------------------------------------------------


@pytest.mark.parametrize("level", ["info", "warning", "error"])
def test_above_debug_an_exception_of_others_is_told_without_its_words(check, level):
    written = check(level, failing(ValueError(CODE)), "ERROR arriero.lsp: It failed: ValueError")
    assert CODE not in written
    assert "in happens" in written  # but the place is there
    assert written.endswith("ValueError\n")


@pytest.mark.parametrize("kind", [Invalid, GenerationFailed, TooLong, Overloaded, AnswerError])
def test_an_error_of_ours_that_may_quote_code_is_told_by_its_name(check, kind):
    told = f"ERROR arriero.lsp: It failed: {kind.__name__}"
    assert CODE not in check(
        "info", failing(kind(f"The server refuses the request ({CODE}).")), told
    )


def failing_twice(as_its_cause: bool):
    def happens():
        try:
            try:
                raise KeyError(CODE)
            except KeyError as error:
                if as_its_cause:
                    raise ValueError(CODE) from error
                raise ValueError(CODE)  # noqa: B904 (while the other is handled)
        except ValueError:
            logging.getLogger("arriero").exception("It failed")

    return happens


@pytest.mark.parametrize("as_its_cause", [True, False])
def test_what_led_to_an_exception_is_told_without_its_words(check, as_its_cause):
    written = check("info", failing_twice(as_its_cause), "ERROR arriero: It failed")
    assert CODE not in written
    assert written.index("KeyError\n") < written.index("ValueError\n")


def test_an_exception_as_the_message_is_told_without_its_words(check):
    happens = lambda: logging.getLogger("arriero").error(ValueError(CODE))  # noqa: E731
    check("info", happens, "ERROR arriero: ValueError")


def test_at_debug_an_exception_is_told_with_its_words(check):
    told = f"ERROR arriero.lsp: It failed: {CODE}"
    assert f"ValueError: {CODE}" in check("debug", failing(ValueError(CODE)), told)


def test_a_task_that_failed_unseen_is_told_without_its_words(check):
    message = f"Task exception was never retrieved\nfuture: <Task exception=ValueError({CODE!r})>"
    told = "ERROR asyncio: Task exception was never retrieved"
    assert CODE not in check("info", failing_task(message), told)


def test_pygls_tells_nothing_above_debug(check):
    check("info", log("pygls.protocol", "error", f"Failed to handle {CODE}"))


@pytest.mark.parametrize("level", ["debug", "info"])
def test_secrets_are_told_at_no_level(check, level):
    def happens():
        log("arriero", "info", f"key {KEY}, %s", f"header {KEY}-too")()
        failing(Unreachable(f"refused {KEY}"))()

    written = check(
        level,
        happens,
        "INFO arriero: key ***, header ***",
        "ERROR arriero.lsp: It failed: refused ***",
    )
    assert KEY not in written


def test_what_another_handler_wrote_into_the_record_is_not_taken_over(check):
    def happens():
        record = logging.makeLogRecord({"name": "arriero", "levelno": 40, "levelname": "ERROR"})
        record.msg, record.exc_text = "It failed", CODE
        logging.getLogger("arriero").handle(record)

    assert CODE not in check("info", happens, "ERROR arriero: It failed")


# What others may read ---------------------------------------------------------------------------


def test_of_a_log_the_records_and_the_places_of_exceptions_are_left():
    assert list(without_code(LINES.splitlines())) == [
        "2026-11-22 10:00:00,000 INFO arriero.lsp.lifecycle: The model is m, by tgi",
        "2026-11-22 10:00:01,000 ERROR arriero.lsp: It failed: ValueError",
        '  File "/app/arriero/lsp/server.py", line 7, in act',
    ]


def test_of_a_log_at_debug_nothing_is_left():
    [said] = without_code(DEBUG.splitlines())
    assert "left out" in said


def test_what_is_left_is_what_is_written(tmp_path):
    file = tmp_path / "arriero.log"
    set_up(Settings(log_level="info"), file=file)
    log("arriero.model", "info", "so it is")()
    failing(ValueError(CODE))()
    left = list(without_code(file.read_text("utf-8").splitlines()))
    assert [line.partition(": ")[0].partition(" ")[2].partition(" ")[2] for line in left[:2]] == [
        "INFO arriero.model",
        "ERROR arriero.lsp",
    ]
    assert left[2].endswith(", in happens")

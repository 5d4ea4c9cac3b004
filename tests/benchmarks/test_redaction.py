"""The short form of `make bench-redaction`: every kind of secret, and a few files of real code."""

from arriero import app
from benchmarks import made_up, redaction


def test_secrets_of_every_kind_are_found_in_code():
    missed = [f"{kind.name}: {code}" for kind, code, left in redaction.tried(6) if left]
    assert len(made_up.KINDS) >= 40
    assert len(made_up.KINDS) * 6 >= 300
    assert len(missed) <= 0.05 * len(made_up.KINDS) * 6, missed


def test_what_was_taken_out_of_code_comes_back_as_it_was():
    redactor = app.redactor()
    for kind, code, _ in redaction.tried(6):
        (shown,), secrets = redactor.redact(code)
        assert shown.count("\n") == code.count("\n"), kind.name
        assert secrets.checked(shown) == code, kind.name


def test_in_real_code_hardly_anything_is_taken_for_one():
    files, hits = redaction.false_hits(redaction.real_code(), most=200)
    assert files == 200
    assert len(hits) <= 1, hits

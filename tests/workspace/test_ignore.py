"""Which files a person keeps from every model, and how they are told."""

from pathlib import Path

import pytest

from arriero.workspace.ignore import reason_not_to_send


@pytest.fixture
def check(tmp_path):
    def check(
        file: str,
        kept_by: str | None,
        *,
        settings: tuple[str, ...] = (),
        root: Path | None = tmp_path / "w",
        **rules: str,
    ) -> None:
        """A file of the workspace `w` is kept back by this rule, as the sentence says, or not.

        `rules` are the texts of .arrieroignore by folder: `w`, or `w__sub` for one below it. The
        sentence has the file's path where `kept_by` has the folder's name in braces.
        """
        files = {}
        for folder, text in rules.items():
            files[folder] = tmp_path / folder.replace("__", "/") / ".arrieroignore"
            files[folder].parent.mkdir(parents=True, exist_ok=True)
            files[folder].write_text(text, "utf-8")
        path = tmp_path / file
        reason = reason_not_to_send(path, root, settings)
        if kept_by is None:
            assert reason is None
        else:
            assert reason == f"{path.name} is sent to no model: {kept_by.format(**files)}"

    return check


SQL_IN_SETTINGS = '"*.sql" in your `ignore` settings keeps it back.'


def test_a_file_without_a_rule_is_sent(check):
    check("w/main.py", None, settings=("*.sql",), w="*.csv\n")


def test_a_secret_file_is_not_sent_and_no_rule_brings_it_back(check):
    told = 'files like "*.env" hold secrets.'
    check("w/.env", told, settings=("!.env",), w="!.env\n")


@pytest.mark.parametrize(
    ("file", "rule", "kept"),
    [
        ("w/a.sql", "*.sql", True),
        ("w/sub/a.sql", "*.sql", True),
        ("w/A.SQL", "*.sql", True),
        ("w/a.sql", "*.SQL", True),
        ("w/build/a.py", "build/", True),
        ("w/sub/build/a.py", "build/", True),
        ("w/build", "build/", False),
        ("w/sub/a.py", "/a.py", False),
        ("w/a.py", "/a.py", True),
        ("w/sub/deep/a.py", "sub/**/a.py", True),
        ("w/a.py", "# a.py", False),
        ("w/a.py", "", False),
        ("w/a.py", "!", False),
        ("w/\u00e4.py", "a\u0308.py", True),
        ("elsewhere/a.sql", "*.sql", True),
        ("elsewhere/a.sql", "/a.sql", False),
    ],
)
def test_the_setting_has_gits_rules_without_regard_to_case(check, file, rule, kept):
    told = f'"{rule.lower()}" in your `ignore` settings keeps it back.'
    told = told.replace("a\u0308", "\u00e4")
    check(file, told if kept else None, settings=(rule,))


def test_a_later_rule_lets_through_what_an_earlier_one_of_the_same_place_keeps(check):
    check("w/public.sql", None, settings=("*.sql", "!public.sql"))
    check("w/other.sql", SQL_IN_SETTINGS, settings=("*.sql", "!public.sql"))


def test_an_ignore_file_does_not_lift_a_rule_of_the_settings(check):
    check("w/a.sql", SQL_IN_SETTINGS, settings=("*.sql",), w="!*.sql\n")


def test_an_ignore_file_counts_for_its_folder_and_below(check):
    kept = '"{}" in {{w__sub}} keeps it back.'
    check("w/sub/a.py", kept.format("/a.py"), w__sub="/a.py\nb.py\n")
    check("w/sub/deep/b.py", '"b.py" in {w__sub} keeps it back.', w__sub="/a.py\nb.py\n")
    check("w/sub/deep/a.py", None)
    check("w/a.py", None)
    check("w/b.py", None)


def test_an_ignore_file_above_counts_for_who_opens_a_part_of_a_project_alone(check, tmp_path):
    part = tmp_path / "w" / "sub"
    check("w/sub/a.py", '"sub/" in {w} keeps it back.', root=part, w="sub/\n")
    check("w/sub/a.py", None, root=part, w="other/\n")


def test_a_file_outside_of_any_workspace_has_all_the_ignore_files_above_it(check):
    check("elsewhere/deep/a.py", '"a.py" in {elsewhere} keeps it back.', elsewhere="a.py\n")
    check("w/sub/a.py", '"a.py" in {w} keeps it back.', root=None, w="a.py\n")


def test_an_ignore_file_counts_from_the_moment_it_is_written(check):
    check("w/a.py", None)
    check("w/a.py", '"a.py" in {w} keeps it back.', w="a.py\n")
    check("w/a.py", None, w="b.py\n")


def test_an_ignore_file_as_windows_writes_it_counts(check):
    check("w/a.py", '"a.py" in {w} keeps it back.', w="\ufeffa.py\r\n")


SLOW = 'the rule "{}" has more than 3 `*` within one name, or more than 3 `**`.'


@pytest.mark.parametrize("rule", ["*a*a*a*b", "a****b", "src/*a*b*c*/x", "**/a/**/a/**/a/**/x"])
def test_a_rule_that_would_take_for_ever_keeps_everything_back_until_it_is_mended(check, rule):
    check("w/" + "a" * 200, SLOW.format(rule), w=f"{rule}\n")
    check("w/" + "a" * 200, SLOW.format(rule), settings=(rule,))


@pytest.mark.parametrize(
    "rule", ["*test*.gen.*", "**/a/**/b/**", "# **** a title ****", "*/*/*/*/*/*"]
)
def test_a_rule_that_people_write_is_no_such_rule(check, rule):
    check("w/main.py", None, settings=(rule,))


@pytest.fixture
def link(tmp_path):
    def link(name: str, target: str) -> None:
        try:
            (tmp_path / name).symlink_to(tmp_path / target)
        except OSError:
            pytest.skip("Windows lets only some people make links")

    (tmp_path / "w" / "sub").mkdir(parents=True)
    return link


def test_a_link_is_judged_by_what_it_leads_to(check, link, tmp_path):
    link("w/notes.txt", "outside/.env")
    reason = reason_not_to_send(tmp_path / "w" / "notes.txt", tmp_path / "w", ())
    assert reason == '.env is sent to no model: files like "*.env" hold secrets.'


def test_a_link_is_judged_by_its_own_name_too(check, link):
    link("w/a.sql", "w/plain.txt")
    check("w/a.sql", SQL_IN_SETTINGS, settings=("*.sql",))


def test_a_workspace_behind_a_link_has_its_rules(check, link, tmp_path):
    link("linked", "w")
    rules = ("/sub/a.py",)
    kept = '"/sub/a.py" in your `ignore` settings keeps it back.'
    check("linked/sub/a.py", kept, settings=rules, root=tmp_path / "linked")
    check("w/sub/a.py", kept, settings=rules, root=tmp_path / "linked")


def test_links_that_lead_in_a_circle_are_judged_by_their_names(check, link):
    link("w/a.py", "w/b.py")
    link("w/b.py", "w/a.py")
    check("w/a.py", None)
    check("w/a.py", '"a.py" in your `ignore` settings keeps it back.', settings=("a.py",))


def test_an_ignore_file_that_cannot_be_read_keeps_everything_back(check, monkeypatch):
    def refuse(*args, **kwargs):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_text", refuse)
    check(
        "w/a.py", "the rules that may keep it back cannot be read (Permission denied).", w="b.py\n"
    )

"""What `arriero try` shows, as a picture."""

from io import StringIO

from rich.console import Console

from arriero.cli import picture


def test_a_picture_needs_nothing_from_elsewhere(tmp_path):
    console = Console(record=True, file=StringIO())
    console.print("def area(r):")
    picture.save(console, tmp_path / "a.svg", "A title")
    drawn = (tmp_path / "a.svg").read_text("utf-8")
    assert "A&#160;title" in drawn or "A title" in drawn
    assert "area" in drawn
    assert 'url("http' not in drawn

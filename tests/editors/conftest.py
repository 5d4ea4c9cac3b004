import pytest

from e2e.truth import write


@pytest.fixture
def project(tmp_path):
    """A workspace, and beside it the truth about the one file in it."""
    (tmp_path / "project" / ".git").mkdir(parents=True)
    write(tmp_path / "truth")
    return tmp_path / "project"

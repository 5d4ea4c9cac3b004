"""Excerpts from marked text: `‸` is the cursor, `⟦` and `⟧` the selection."""

from arriero.core.text import Excerpt


def excerpt(marked: str, *, path: str = "example.py", language: str = "python") -> Excerpt:
    if "‸" in marked:
        before, after = marked.split("‸")
        return Excerpt(path, language, before, after)
    before, _, rest = marked.partition("⟦")
    selected, _, after = rest.partition("⟧")
    return Excerpt(path, language, before, after, selected)

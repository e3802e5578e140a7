"""The documents are true: every Python example in them runs and gives what is printed."""

import doctest
from pathlib import Path

import pytest

DOCS = sorted((Path(__file__).parents[2] / "docs").rglob("*.md"))
WITH_EXAMPLES = [path for path in DOCS if ">>> " in path.read_text(encoding="utf-8")]


def test_there_are_examples() -> None:
    """Grading, instruments, dose escalation and others show what they do."""
    assert {"grading", "instruments", "dose-escalation"} <= {path.stem for path in WITH_EXAMPLES}


@pytest.mark.parametrize("path", WITH_EXAMPLES, ids=lambda path: path.stem)
def test_every_example_gives_what_is_printed(path: Path) -> None:
    """One document at a time, as a reader would type it."""
    failed, attempted = doctest.testfile(str(path), module_relative=False, optionflags=doctest.NORMALIZE_WHITESPACE)
    assert attempted > 0
    assert failed == 0

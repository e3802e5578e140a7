"""Where the record of a study is, as `database` in study.yaml names it: no part of the protocol.

So that a server can be moved without an amendment, the line is neither in the study's hash nor in its seal; and it can
be read while other lines of the study files are being mended.
"""

import re
from pathlib import Path

from celltrial.errors import StudyError
from celltrial.study.nodes import find, scalar
from celltrial.study.read import read_file

__all__ = ["STUDY_FILE", "drop_database", "names_database", "read_database"]

STUDY_FILE = "study.yaml"
_LINE = re.compile(r"^database:.*(?:\n|\Z)", re.MULTILINE)


def drop_database(name: str, text: str) -> str:
    """The text of a study file without the line that says where the record is.

    >>> drop_database("study.yaml", "a: 1\\ndatabase: postgresql:///x\\nb: 2\\n")
    'a: 1\\nb: 2\\n'
    """
    return _LINE.sub("", text) if name == STUDY_FILE else text


def names_database(name: str, line: str) -> bool:
    """Whether a line of a study file is the one that says where the record is."""
    return name == STUDY_FILE and line.startswith("database:")


def read_database(folder: Path) -> str:
    """The address in study.yaml, blank where it names none. Raises StudyError where that line is no address."""
    try:
        text = (folder / STUDY_FILE).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return ""
    # a glance first: reading YAML takes longer than opening a record
    if not _LINE.search(text):
        return ""
    read = read_file(STUDY_FILE, text)
    wrong = [each for each in read.findings if each.where.startswith("database")]
    if wrong:
        raise StudyError(wrong)
    return scalar(find(read.node, "database"))

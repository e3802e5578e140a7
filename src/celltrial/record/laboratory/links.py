"""The link file: which hospital number is which subject. It is read, used, and never enters the record.

Numbers are told nowhere either: a finding about one names the line it stands on.
"""

from collections.abc import Mapping
from pathlib import Path

from celltrial.codes import SubjectId
from celltrial.errors import CelltrialError, Finding, InputError, Source
from celltrial.record.laboratory.table import read_table

__all__ = ["parse_links", "read_links"]

_COLUMNS = ("number", "subject")


def read_links(path: Path) -> Mapping[str, SubjectId]:
    """The link file at a path. Raises InputError where it cannot be read."""
    try:
        return parse_links(path.name, path.read_bytes())
    except OSError as error:
        raise InputError(Finding(message="the link file cannot be read", found=f"{path}: {error.strerror}")) from None


def parse_links(name: str, content: bytes) -> Mapping[str, SubjectId]:
    """Subjects by hospital number, from a CSV in UTF-8 with the columns `number` and `subject`. Raises InputError."""
    table = read_table(name, content)
    if set(table.columns) != set(_COLUMNS):
        raise InputError(
            Finding(
                message="not a link file",
                source=Source(file=name, line=1),
                found=f"{len(table.columns)} columns",
                expected="two columns: number, subject",
            )
        )
    links: dict[str, SubjectId] = {}
    findings: list[Finding] = []
    for line, cells in table.rows:
        source, number = Source(file=name, line=line), cells["number"].strip()
        try:
            subject = SubjectId(cells["subject"].strip())
        except CelltrialError as error:
            findings += [Finding(message=each.message, source=source, found=each.found) for each in error.findings]
            continue
        if not number or links.setdefault(number, subject) != subject:
            problem = "a number that stands for two subjects" if number else "a line without a number"
            findings.append(Finding(message=problem, source=source, next_step="correct the link file"))
    if findings:
        raise InputError(findings)
    return links

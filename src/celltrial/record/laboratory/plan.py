"""What a laboratory's file would do to the record: each row new, already there, refused, or left out, and why.

Every row has exactly one fate, so that the counts add up. What is found does not depend on the order of the rows.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from celltrial.errors import Finding, Source
from celltrial.record.events import Draft
from celltrial.record.laboratory.rows import Problem, Sample

__all__ = ["Fate", "LabPlan", "PlannedRow", "Reconciliation", "in_line_order", "mark_refused"]

Fate = Literal["new", "already there", "refused", "left out"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciliation:
    """Rows read and what became of each: the four others add up to the first."""

    rows_read: int
    new: int
    already_there: int
    refused: int
    left_out: int

    def __post_init__(self) -> None:
        if self.new + self.already_there + self.refused + self.left_out != self.rows_read:
            raise AssertionError(f"the rows do not add up: {self}")

    def __str__(self) -> str:
        return (
            f"{self.rows_read} rows read = {self.new} new + {self.already_there} already there + "
            f"{self.refused} refused + {self.left_out} left out"
        )

    def to_json(self) -> dict[str, int]:
        return {
            "rows_read": self.rows_read,
            "new": self.new,
            "already_there": self.already_there,
            "refused": self.refused,
            "left_out": self.left_out,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedRow:
    """One row and its fate. `reason` blank where it is new; `draft` the event it becomes, of a new or refused row."""

    line: int
    fate: Fate
    reason: str = ""
    sample: Sample | None = None
    draft: Draft | None = None
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LabPlan:
    """A file held against the record.

    base_seq: the last event of the record that was looked at. findings: why rows are refused. warnings: what a person
    should look at; they refuse nothing. corrections: for each row that contradicts the record, the correction that
    would make it true, as `celltrial import` reads it. unread_columns: columns that no part of the profile names.
    """

    file: str
    sha256: str
    base_seq: int
    rows: tuple[PlannedRow, ...]
    findings: tuple[Finding, ...]
    warnings: tuple[Finding, ...]
    corrections: tuple[Mapping[str, object], ...]
    unread_columns: tuple[str, ...]

    @property
    def drafts(self) -> tuple[Draft, ...]:
        """The events to be written, in order of subject, time and analyte."""
        return tuple(row.draft for row in self.new_rows if row.draft)

    @property
    def new_rows(self) -> tuple[PlannedRow, ...]:
        """The rows that become events, in the order of their drafts."""
        return tuple(row for row in self.rows if row.fate == "new")

    @property
    def counts(self) -> Reconciliation:
        """Rows read = new + already there + refused + left out."""
        fates = Counter(row.fate for row in self.rows)
        return Reconciliation(
            rows_read=len(self.rows),
            new=fates["new"],
            already_there=fates["already there"],
            refused=fates["refused"],
            left_out=fates["left out"],
        )

    def reasons(self, fate: Fate) -> Mapping[str, int]:
        """How many rows have this fate for which reason, the most frequent first."""
        return dict(Counter(row.reason for row in self.rows if row.fate == fate).most_common())

    def unmapped(self, what: str) -> Mapping[str, int]:
        """The texts of this kind (`analyte`, `unit`, `visit`, `subject`) that the profile does not know, and rows."""
        return dict(
            Counter(
                each.found for row in self.rows for each in row.problems if each.what == what and not each.is_left_out
            ).most_common()
        )


def mark_refused(plan: LabPlan, found: Iterable[tuple[int, Finding]]) -> LabPlan:
    """The plan after the record judged its drafts: a row with a finding is refused, with the finding at its line."""
    by_draft: dict[int, list[Finding]] = {}
    for number, finding in found:
        by_draft.setdefault(number, []).append(finding)
    if not by_draft:
        return plan
    new_lines = [row.line for row in plan.new_rows]
    refused = {new_lines[number]: several for number, several in by_draft.items()}
    rows = tuple(
        replace(row, fate="refused", reason=refused[row.line][0].message) if row.line in refused else row
        for row in plan.rows
    )
    placed = [
        replace(finding, source=finding.source or Source(file=plan.file, line=line))
        for line, several in refused.items()
        for finding in several
    ]
    return replace(plan, rows=rows, findings=in_line_order((*plan.findings, *placed)))


def in_line_order(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """Findings in the order of the file's lines."""
    return tuple(sorted(findings, key=lambda each: (each.source.line if each.source else 0) or 0))

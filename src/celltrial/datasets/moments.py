"""Dates of the record as the data sets need them: ISO text at the site's clock, the day where it is known, why not.

SDTM keeps a date as precisely as it was recorded (`iso`); ADaM has a day only where the day is known (`day`), else a
reason. Two moments are compared by the clock only where both have a time.
"""

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from celltrial.errors import DateError, Finding
from celltrial.studyday import PartialDate, parse_partial_date, study_day

__all__ = ["NO_MOMENT", "Moment", "is_before", "parse_moment"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """A date or time of the record. `iso` is None where nothing (or nothing readable) was recorded: see `reason`."""

    iso: str | None
    day: date | None
    at: datetime | None
    reason: str | None
    earliest: datetime | None = None
    latest: datetime | None = None

    def study_day(self, reference: "Moment") -> int | None:
        """The study day; None where either day is not known. Source: SDTMIG 3.4, section 4.4.4."""
        return study_day(self.day, reference.day) if self.day and reference.day else None

    @property
    def local(self) -> datetime | None:
        """The time at the site's clock without its zone, as analysis data sets hold it; None where no time is known."""
        return self.at.replace(tzinfo=None) if self.at else None


NO_MOMENT = Moment(iso=None, day=None, at=None, reason="no date was recorded")


def parse_moment(text: str, zone: ZoneInfo, *, where: str = "") -> tuple[Moment, tuple[Finding, ...]]:
    """Read a date as typed. A text that is no date gives no moment and a finding, never an exception.

    >>> parse_moment("2025-12", ZoneInfo("Asia/Shanghai"))[0].reason
    "the day is not known: '2025-12'"
    """
    if not text.strip():
        return NO_MOMENT, ()
    try:
        found = parse_partial_date(text, zone)
    except DateError as error:
        problem = error.findings[0]
        finding = Finding(
            message="a date that cannot be read is left out of the data sets",
            where=where,
            found=problem.found,
            expected=problem.expected,
            next_step="correct the entry",
        )
        return Moment(iso=None, day=None, at=None, reason=f"not a date: {text!r}"), (finding,)
    return _moment(found, zone), ()


def _moment(found: PartialDate, zone: ZoneInfo) -> Moment:
    has_time = ":" in found.text
    at = found.earliest.astimezone(zone) if has_time else None
    day = at.date() if at else (found.day if found.is_exact_day else None)
    return Moment(
        iso=_iso(found, at),
        day=day,
        at=at,
        reason=None if day else f"the day is not known: {found.text!r}",
        earliest=found.earliest,
        latest=found.latest,
    )


def _iso(found: PartialDate, at: datetime | None) -> str:
    """The text at the precision it was recorded with, at the site's clock."""
    if at is None:
        return found.text
    return at.strftime("%Y-%m-%dT%H:%M:%S" if found.text.count(":") - _zone_colon(found.text) > 1 else "%Y-%m-%dT%H:%M")


def _zone_colon(text: str) -> int:
    """1 where the text ends in an offset such as +08:00, whose colon is not one of the time."""
    return int(len(text) > 6 and text[-6] in "+-" and text[-3] == ":")


def is_before(moment: Moment, other: Moment) -> bool | None:
    """Whether `moment` lies before `other`; None where that cannot be told.

    By the clock where both have a time. On the same day without both times it counts as before: a sample of the day of
    infusion is drawn before it unless its time says otherwise (the schedule of activities asks for it so).
    """
    if moment.day is None or other.day is None:
        return None
    if moment.day == other.day and moment.at and other.at:
        return moment.at <= other.at
    return moment.day <= other.day

"""Time in a trial: study days without a day 0, partial dates as intervals, calendar months, the site's clock.

Sources: SDTMIG 3.4 section 4.4.4 (study day); CQL 1.5 and ehrQL agree that adding months clamps to the end of the
month (`reference`: calendar arithmetic, never 30.44 days).
"""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from dateutil.relativedelta import relativedelta

from celltrial.errors import DateError, Finding

__all__ = [
    "PartialDate",
    "Span",
    "add_span",
    "completed_years",
    "parse_partial_date",
    "parse_span",
    "site_zone",
    "study_day",
]

Moment = TypeVar("Moment", date, datetime)

_PARTIAL = re.compile(
    r"(?P<year>\d{4})(-(?P<month>\d{2})(-(?P<day>\d{2})([T ](?P<hour>\d{2}):(?P<minute>\d{2})(:(?P<second>\d{2}))?"
    r"(?P<zone>Z|[+-]\d{2}:\d{2})?)?)?)?"
)
_SPAN = re.compile(r"(?P<n>\d+)\s*(?P<unit>hour|day|week|month|year)s?")


def study_day(day: date, reference: date) -> int:
    """The study day of `day`: the reference day is day 1, the day before it day -1; there is no day 0.

    Source: SDTMIG 3.4, section 4.4.4.

    >>> study_day(date(2025, 7, 11), date(2025, 7, 11)), study_day(date(2025, 7, 10), date(2025, 7, 11))
    (1, -1)
    """
    days = (_as_date(day) - _as_date(reference)).days
    return days + 1 if days >= 0 else days


def completed_years(birth: date, on: date) -> int:
    """Age in completed years; a 29 February birthday completes on 1 March of a common year.

    >>> completed_years(date(1965, 7, 12), date(2026, 7, 11))
    60
    """
    return on.year - birth.year - ((on.month, on.day) < (birth.month, birth.day))


def site_zone(name: str) -> ZoneInfo:
    """The site's time zone by its IANA name, e.g. `Asia/Shanghai`."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise DateError(
            Finding(message="unknown time zone", found=repr(name), expected="an IANA name such as Asia/Shanghai")
        ) from None


@dataclass(frozen=True, slots=True)
class PartialDate:
    """A date or time as precisely as it was recorded: the closed interval of instants it may stand for.

    `earliest` and `latest` are zone-aware; a full timestamp has both equal. `text` is what was entered.
    """

    text: str
    earliest: datetime
    latest: datetime

    @property
    def is_exact_day(self) -> bool:
        """True when the calendar day is known (the clock time need not be)."""
        return self.earliest.date() == self.latest.date()

    @property
    def day(self) -> date:
        """The calendar day at the site. Raises DateError when the day itself is not known."""
        if not self.is_exact_day:
            raise DateError(
                Finding(
                    message="the day is not known",
                    found=self.text,
                    expected="a date to the day, YYYY-MM-DD",
                    next_step="complete the date, or use the interval it stands for",
                )
            )
        return self.earliest.date()

    def __str__(self) -> str:
        return self.text


def parse_partial_date(text: str, zone: ZoneInfo) -> PartialDate:
    """Read an ISO 8601 date of any precision from year to second; what is missing becomes an interval.

    A text without a zone is the site's local time. Raises DateError with the text and what was expected.

    >>> december = parse_partial_date("2025-12", ZoneInfo("Asia/Shanghai"))
    >>> december.earliest.date().isoformat(), december.latest.date().isoformat()
    ('2025-12-01', '2025-12-31')
    """
    return _parse(text, zone)


# the same few dates are read at every look at a record
@lru_cache(maxsize=8192)
def _parse(text: str, zone: ZoneInfo) -> PartialDate:
    match = _PARTIAL.fullmatch(text.strip())
    if match is None:
        raise _bad_date(text)
    part = {name: int(value) for name, value in match.groupdict().items() if value and name != "zone"}
    try:
        first_day = date(part["year"], part.get("month", 1), part.get("day", 1))
        if "hour" in part:
            moment = _exact_moment(match, zone)
            # a time to the minute stands for the whole minute
            last = moment if "second" in part else moment + timedelta(seconds=59)
            return PartialDate(text=text.strip(), earliest=moment, latest=last)
    except ValueError:
        raise _bad_date(text) from None
    if "day" in part:
        last_day = first_day
    elif "month" in part:
        last_day = first_day + relativedelta(months=1, days=-1)
    else:
        last_day = date(part["year"], 12, 31)
    return PartialDate(
        text=text.strip(),
        earliest=datetime.combine(first_day, time.min, tzinfo=zone),
        latest=datetime.combine(last_day, time(23, 59, 59), tzinfo=zone),
    )


def _exact_moment(match: re.Match[str], zone: ZoneInfo) -> datetime:
    moment = datetime.fromisoformat(match.group(0).replace(" ", "T"))
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(zone)


def _bad_date(text: str) -> DateError:
    return DateError(
        Finding(
            message="not a date",
            found=repr(text),
            expected="ISO 8601: YYYY, YYYY-MM, YYYY-MM-DD or YYYY-MM-DDThh:mm[:ss][+hh:mm]",
            next_step="write the date as recorded in the source, as precisely as it is known",
        )
    )


@dataclass(frozen=True, slots=True)
class Span:
    """A length of time in the calendar's own units: `6 months` is not a number of days."""

    n: int
    unit: str

    def __str__(self) -> str:
        return f"{self.n} {self.unit}{'' if self.n == 1 else 's'}"


def parse_span(text: str) -> Span:
    """Read `48 hours`, `2 weeks`, `6 months`, `1 year`.

    >>> parse_span("6 months")
    Span(n=6, unit='month')
    """
    match = _SPAN.fullmatch(text.strip())
    if match is None:
        raise DateError(
            Finding(
                message="not a length of time",
                found=repr(text),
                expected="a whole number and hours, days, weeks, months or years, e.g. '2 weeks'",
            )
        )
    return Span(int(match["n"]), match["unit"])


def add_span(moment: Moment, span: Span, *, sign: int = 1) -> Moment:
    """`moment` moved by `span` (back with `sign=-1`); months and years clamp to the end of the month.

    >>> add_span(date(2025, 8, 31), parse_span("6 months"))
    datetime.date(2026, 2, 28)
    """
    n = sign * span.n
    match span.unit:
        case "hour" if isinstance(moment, datetime):
            # elapsed hours, not wall-clock hours: 48 hours stay 48 hours over a change of clocks
            return (moment.astimezone(UTC) + timedelta(hours=n)).astimezone(moment.tzinfo)
        case "hour":
            raise DateError(Finding(message="hours need a time of day", found=f"{moment} and {span}"))
        case "day":
            return moment + relativedelta(days=n)
        case "week":
            return moment + relativedelta(weeks=n)
        case "month":
            return moment + relativedelta(months=n)
        case _:
            return moment + relativedelta(years=n)


def _as_date(day: date) -> date:
    return day.date() if isinstance(day, datetime) else day

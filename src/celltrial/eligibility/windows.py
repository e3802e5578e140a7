"""Windows on anchors, closed at both ends; a date known only in part lies inside, outside, or "unknown".

Windows of days, weeks, months and years compare calendar days at the site; windows of hours compare times to the
minute. Months and years are calendar arithmetic, clamped to the end of the month, counted from the anchor.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time

from celltrial.eligibility.truth import Verdict, all_of
from celltrial.errors import DateError, Finding
from celltrial.studyday import PartialDate, Span, add_span, parse_span

__all__ = [
    "ALWAYS",
    "AnchorTime",
    "Bound",
    "Interval",
    "Placed",
    "Window",
    "days_of",
    "describe_distance",
    "expiry",
    "is_after",
    "is_before",
    "overlaps",
    "parse_window",
    "place",
    "place_bound",
    "within",
]

_EDGE = re.compile(r"(?:(?P<span>\d+\s*\w+)\s+(?P<side>before|after)\s+)?(?P<anchor>[a-z][a-z0-9_]*)")
_FOREVER = 10**12


@dataclass(frozen=True, slots=True)
class Interval:
    """The whole numbers (days, or minutes) that a moment known in part may stand for, both ends included."""

    lo: int
    hi: int


ALWAYS = Interval(-_FOREVER, _FOREVER)


@dataclass(frozen=True, slots=True)
class Bound:
    """An anchor, or a span before (`sign` -1) or after it."""

    anchor: str
    span: Span | None = None
    sign: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """From `start` (None: from ever) to `end`; `text` as written, `mark` says where it is ours and not the record's."""

    text: str
    start: Bound | None
    end: Bound
    mark: str = ""

    @property
    def in_hours(self) -> bool:
        """Whether it is told in hours, and so needs times of day."""
        return any(bound and bound.span and bound.span.unit == "hour" for bound in (self.start, self.end))

    @property
    def anchors(self) -> tuple[str, ...]:
        """The anchors it counts from."""
        return tuple(dict.fromkeys(bound.anchor for bound in (self.start, self.end) if bound))

    def __str__(self) -> str:
        return f"{self.text} ({self.mark})" if self.mark else self.text


@dataclass(frozen=True, slots=True)
class AnchorTime:
    """When an anchor was. One that lasts the day (a visit) ends a window of hours with that day."""

    when: PartialDate
    lasts_day: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """A window on the calendar, in days or in minutes; `first_day` and `last_day` are the days it can touch."""

    start: Interval
    end: Interval
    in_hours: bool
    first_day: int
    last_day: int


def parse_window(text: str, *, anchors: tuple[str, ...], periods: Mapping[str, Window]) -> Window:
    """Read `28 days before screening`, `by screening`, `28 days before x to 1 year after y`, or a period's name.

    Raises DateError for anything else, an anchor that the file does not name among them.

    >>> parse_window("2 weeks before screening", anchors=("screening",), periods={}).end
    Bound(anchor='screening', span=None, sign=1)
    """
    words = " ".join(text.split())
    if words in periods:
        period = periods[words]
        text = f"{words.replace('_', ' ')}: {period.text}"
        return Window(text=text, start=period.start, end=period.end, mark=period.mark)
    if words.startswith("by "):
        return Window(text=words, start=None, end=_parse_bound(words[3:], words, anchors))
    edges = words.split(" to ")
    bounds = [_parse_bound(edge, words, anchors) for edge in edges]
    if len(bounds) == 2:
        return Window(text=words, start=bounds[0], end=bounds[1])
    if len(bounds) > 2 or bounds[0].span is None:
        raise _not_a_window(words, anchors)
    edge, anchor = bounds[0], Bound(bounds[0].anchor)
    start, end = (edge, anchor) if edge.sign < 0 else (anchor, edge)
    return Window(text=words, start=start, end=end)


def _parse_bound(edge: str, text: str, anchors: tuple[str, ...]) -> Bound:
    match = _EDGE.fullmatch(edge.strip())
    if match is None or match["anchor"] not in anchors:
        raise _not_a_window(text, anchors)
    if match["span"] is None:
        return Bound(match["anchor"])
    return Bound(match["anchor"], parse_span(match["span"]), -1 if match["side"] == "before" else 1)


def _not_a_window(text: str, anchors: tuple[str, ...]) -> DateError:
    return DateError(
        Finding(
            message="not a window",
            found=repr(text),
            expected=f"like '28 days before screening', on one of the anchors {', '.join(anchors)}",
            next_step="name a length of time, before or after, and an anchor of the file",
        )
    )


def place(window: Window, anchors: Mapping[str, AnchorTime]) -> Placed | None:
    """The window on the calendar; None where an anchor it counts from is not dated."""
    if any(anchor not in anchors for anchor in window.anchors):
        return None
    hours = window.in_hours
    start = _moments(window.start, anchors, hours=hours, is_end=False) if window.start else None
    end = _moments(window.end, anchors, hours=hours, is_end=True)
    return Placed(
        start=Interval(_count(start[0]), _count(start[1])) if start else Interval(-_FOREVER, -_FOREVER),
        end=Interval(_count(end[0]), _count(end[1])),
        in_hours=hours,
        first_day=_day(start[0]) if start else -_FOREVER,
        last_day=_day(end[1]),
    )


def place_bound(bound: Bound, anchors: Mapping[str, AnchorTime]) -> Interval:
    """One bound as calendar days, as exact as its anchor is."""
    lo, hi = _moments(bound, anchors, hours=False, is_end=False)
    return Interval(_count(lo), _count(hi))


def _moments(
    bound: Bound, anchors: Mapping[str, AnchorTime], *, hours: bool, is_end: bool
) -> tuple[date | datetime, date | datetime]:
    """The earliest and the latest moment a bound may stand for: times for windows of hours, else days."""
    anchor = anchors[bound.anchor]
    lo, hi = anchor.when.earliest, anchor.when.latest
    if not hours:
        return _moved(lo.date(), bound), _moved(hi.date(), bound)
    if is_end and anchor.lasts_day and bound.span is None:
        lo, hi = (datetime.combine(each.date(), time(23, 59), tzinfo=each.tzinfo) for each in (lo, hi))
    return _moved(lo, bound), _moved(hi, bound)


def _moved(moment: date, bound: Bound) -> date:
    return add_span(moment, bound.span, sign=bound.sign) if bound.span else moment


def _count(moment: date) -> int:
    """A day as its ordinal; a time as whole minutes, so that 48 hours hold to the minute."""
    return int(moment.timestamp() // 60) if isinstance(moment, datetime) else moment.toordinal()


def _day(moment: date) -> int:
    return (moment.date() if isinstance(moment, datetime) else moment).toordinal()


def days_of(when: PartialDate | None, *, in_hours: bool = False) -> Interval:
    """The days (or minutes) a recorded date may stand for; any at all where none was recorded."""
    if when is None:
        return ALWAYS
    if in_hours:
        return Interval(_count(when.earliest), _count(when.latest))
    return Interval(when.earliest.date().toordinal(), when.latest.date().toordinal())


def is_after(moment: Interval, edge: Interval) -> Verdict:
    """Whether a moment is at or after an edge."""
    if moment.lo >= edge.hi:
        return Verdict.MET
    return Verdict.NOT_MET if moment.hi < edge.lo else Verdict.UNKNOWN


def is_before(moment: Interval, edge: Interval) -> Verdict:
    """Whether a moment is at or before an edge."""
    if moment.hi <= edge.lo:
        return Verdict.MET
    return Verdict.NOT_MET if moment.lo > edge.hi else Verdict.UNKNOWN


def within(when: PartialDate | None, placed: Placed) -> Verdict:
    """Whether a recorded date lies in the window."""
    moment = days_of(when, in_hours=placed.in_hours)
    return all_of((is_after(moment, placed.start), is_before(moment, placed.end)))


def overlaps(start: Interval, end: Interval, placed: Placed) -> Verdict:
    """Whether something from `start` to `end` touches the window."""
    return all_of((is_after(end, placed.start), is_before(start, placed.end)))


def expiry(when: PartialDate | None, window: Window) -> date | None:
    """The last moment the anchor may have for a sample of `when` to stay in a window that ends at its anchor."""
    start = window.start
    if when is None or start is None or start.span is None or start.sign > 0 or window.end != Bound(start.anchor):
        return None
    moment = when.earliest if window.in_hours else when.earliest.date()
    return add_span(moment, start.span)


def describe_distance(when: PartialDate | None, window: Window, anchors: Mapping[str, AnchorTime]) -> str:
    """`11 days before screening`, `on the day of screening`: where a date lies to the anchor its window ends at."""
    anchor = anchors.get(window.end.anchor)
    if when is None or anchor is None or not (when.is_exact_day and anchor.when.is_exact_day):
        return ""
    days = (anchor.when.day - when.day).days
    if days == 0:
        return f"on the day of {window.end.anchor}"
    unit = "day" if abs(days) == 1 else "days"
    return f"{abs(days)} {unit} {'before' if days > 0 else 'after'} {window.end.anchor}"

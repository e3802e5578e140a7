"""What a leaf may look at, and when silence may be read as "none"."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from celltrial.eligibility.facts import Condition, Facts, Medication, Procedure
from celltrial.eligibility.language import NotDuring, Silence
from celltrial.eligibility.truth import Cost, Unknown, Verdict, Why
from celltrial.eligibility.windows import (
    ALWAYS,
    AnchorTime,
    Interval,
    Placed,
    Window,
    days_of,
    describe_distance,
    overlaps,
    place,
    within,
)
from celltrial.studyday import PartialDate

__all__ = [
    "Context",
    "Exposure",
    "condition_exposures",
    "drug_exposures",
    "is_observed",
    "no_anchor",
    "procedure_exposures",
    "used_before",
    "with_sample",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """One candidate's facts, the anchors that are dated, and the stage asked about."""

    facts: Facts
    anchors: Mapping[str, AnchorTime]
    stage: str

    def place(self, window: Window) -> Placed | None:
        """The window on the calendar; None where an anchor is not dated."""
        return place(window, self.anchors)

    def is_within(self, when: PartialDate | None, window: Window) -> Verdict:
        """Whether a date lies in the window; unknown where the window cannot be placed."""
        placed = self.place(window)
        return within(when, placed) if placed else Verdict.UNKNOWN

    def distance(self, when: PartialDate | None, window: Window) -> str:
        """` on 2025-10-21, 11 days before screening`, for reasons."""
        if when is None:
            return ", undated"
        distance = describe_distance(when, window, self.anchors)
        if distance.startswith("on the day"):
            return f" on {when}, the day of {window.end.anchor}"
        return f" on {when}, {distance}" if distance else f" on {when}"


def no_anchor(window: Window, ctx: Context) -> Unknown:
    """The reason where a window cannot be placed."""
    missing = [anchor for anchor in window.anchors if anchor not in ctx.anchors]
    return Unknown(
        why=Why.NO_ANCHOR,
        about=f"{', '.join(missing)} is not dated, so the window {window} is not known",
        do=f"record the date of {', '.join(missing)}",
        cost=Cost.CHART,
    )


def with_sample(ctx: Context, when: PartialDate | None) -> Context:
    """The context with the moment of a sample as the anchor `sample`."""
    others = {name: time for name, time in ctx.anchors.items() if name != "sample"}
    return replace(ctx, anchors=others if when is None else {**others, "sample": AnchorTime(when)})


@dataclass(frozen=True, slots=True, kw_only=True)
class Exposure:
    """Something that lasted from a day to a day, each as exact as recorded; `start_text` and `end_text` for people."""

    label: str
    start: Interval
    end: Interval
    start_text: str
    end_text: str
    event: int | None

    def touches(self, placed: Placed) -> Verdict:
        """Whether it touches the window (which must have been placed in the unit of the exposure)."""
        return overlaps(self.start, self.end, placed)

    def __str__(self) -> str:
        span = f" until {self.end_text}" if self.end_text != self.start_text else ""
        return f"{self.label} from {self.start_text}{span}" if span else f"{self.label} on {self.start_text}"


def drug_exposures(medications: tuple[Medication, ...], *, in_hours: bool = False) -> tuple[Exposure, ...]:
    """Each medication as it lasted; without an end it is ongoing where it says so, else its end is not known."""
    return tuple(
        _exposure(each.drug, each.start, each.ended, each.event, is_open=each.ongoing, in_hours=in_hours)
        for each in medications
    )


def condition_exposures(conditions: tuple[Condition, ...], *, in_hours: bool = False) -> tuple[Exposure, ...]:
    """Each condition as it lasted."""
    return tuple(
        _exposure(each.code, each.onset, each.ended, each.event, is_open=each.status == "ongoing", in_hours=in_hours)
        for each in conditions
    )


def procedure_exposures(procedures: tuple[Procedure, ...], *, in_hours: bool = False) -> tuple[Exposure, ...]:
    """Each procedure as it lasted; without an end it happened at its start."""
    return tuple(
        _exposure(each.procedure, each.start, each.ended or each.start, each.event, is_open=False, in_hours=in_hours)
        for each in procedures
    )


def _exposure(
    label: str,
    start: PartialDate | None,
    ended: PartialDate | None,
    event: int | None,
    *,
    is_open: bool,
    in_hours: bool,
) -> Exposure:
    begin = days_of(start, in_hours=in_hours)
    if ended is not None:
        end = days_of(ended, in_hours=in_hours)
    else:
        end = Interval(ALWAYS.hi, ALWAYS.hi) if is_open else Interval(begin.lo, ALWAYS.hi)
    return Exposure(
        label=label,
        start=begin,
        end=end,
        start_text=str(start) if start else "an unknown day",
        end_text=str(ended) if ended else "now" if is_open else "an unknown day",
        event=event,
    )


def is_observed(silence: Silence | None, window: Window, ctx: Context) -> tuple[bool, tuple[int, ...]]:
    """Whether silence may be read as "none": the reviewed spans of the chart, joined, certainly cover the window."""
    if silence is None:
        return False, ()
    placed = ctx.place(silence.over or window)
    if placed is None:
        return False, ()
    reviews = sorted(
        (days_of(each.covers_from).hi, days_of(each.covers_to).lo, each.event)
        for each in ctx.facts.coverage
        if each.covers_from and each.covers_to
    )
    reached, events = placed.first_day - 1, []
    for first, last, event in reviews:
        if first <= reached + 1 and last > reached:
            reached = last
            events.append(event)
    return reached >= placed.last_day, tuple(event for event in events if event is not None)


def used_before(rule: NotDuring, ctx: Context) -> tuple[Verdict, tuple[Exposure, ...]]:
    """Whether what must not have been used was used in the window, silence not considered; and what shows it."""
    placed = ctx.place(rule.window)
    if placed is None:
        return Verdict.UNKNOWN, ()
    if rule.kind == "drug":
        drugs = tuple(each for each in ctx.facts.medications if each.drug_class == rule.code)
        exposures = drug_exposures(drugs, in_hours=placed.in_hours)
    else:
        done = tuple(each for each in ctx.facts.procedures if each.procedure == rule.code)
        exposures = procedure_exposures(done, in_hours=placed.in_hours)
    touching = [(each.touches(placed), each) for each in exposures]
    verdict = max((touch for touch, _ in touching), default=Verdict.NOT_MET)
    return verdict, tuple(each for touch, each in touching if touch is verdict and verdict is not Verdict.NOT_MET)

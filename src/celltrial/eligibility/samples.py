"""The latest qualifying result: which ones may be it, what each says, and what that makes together.

"Latest" is a total order (day, then time, then event). A result whose date or circumstances are known only in part
may or may not be the one; the verdict holds only if it is the same whichever is.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from celltrial.eligibility.context import Context
from celltrial.eligibility.facts import Measurement
from celltrial.eligibility.language import SameDay
from celltrial.eligibility.result import Outcome, unknown
from celltrial.eligibility.truth import Cost, Unknown, Verdict, Why, all_of
from celltrial.eligibility.values import cost_of
from celltrial.eligibility.windows import Window, days_of

__all__ = ["Sample", "Search", "find_samples", "settle", "why_none"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """A result and whether it certainly qualifies: it lies in the window and was measured in the way asked for."""

    measurement: Measurement
    is_sure: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """What is looked for: an analyte, a window, and how it was measured where that matters."""

    analyte: str
    window: Window
    method: str = ""
    condition: str = ""

    @property
    def label(self) -> str:
        """The analyte in words."""
        return self.analyte.replace("_", " ")


def find_samples(search: Search, ctx: Context) -> tuple[Sample, ...]:
    """The results that may be the latest qualifying one; a result certainly older than a sure one is not."""
    samples = []
    for each in ctx.facts.measurements:
        if each.analyte == search.analyte:
            fit = all_of((ctx.is_within(each.collected, search.window), _as_asked(each, search)))
            if fit is not Verdict.NOT_MET:
                samples.append(Sample(measurement=each, is_sure=fit is Verdict.MET))
    newest = max((days_of(each.measurement.collected).lo for each in samples if each.is_sure), default=None)
    return tuple(each for each in samples if newest is None or days_of(each.measurement.collected).hi >= newest)


def _as_asked(measurement: Measurement, search: Search) -> Verdict:
    asked = ((measurement.method, search.method), (measurement.condition, search.condition))
    return all_of(
        Verdict.MET if not wanted or found == wanted else Verdict.NOT_MET if found else Verdict.UNKNOWN
        for found, wanted in asked
    )


def settle(
    samples: tuple[Sample, ...], judge: Callable[[Measurement], Outcome], same_day: SameDay, search: Search
) -> Outcome:
    """One outcome for the samples that may be the latest: the newest sure day by the policy; all must agree."""
    judged = [(sample, judge(sample.measurement)) for sample in samples]
    newest = max((days_of(each.measurement.collected).lo for each in samples if each.is_sure), default=None)
    group = [(each, out) for each, out in judged if each.is_sure and _is_on(each, newest)]
    others = [(each, out) for each, out in judged if not (each.is_sure and _is_on(each, newest))]
    outcomes = ([_one_of_day(group, same_day, search)] if group else []) + [outcome for _, outcome in others]
    is_any_sure = any(each.is_sure for each in samples)
    if is_any_sure and len({outcome.verdict for outcome in outcomes}) == 1:
        return outcomes[0]
    return unknown(_not_sure(samples, search), events=[each.measurement.event for each in samples])


def _is_on(sample: Sample, day: int | None) -> bool:
    days = days_of(sample.measurement.collected)
    return day is not None and days.lo == days.hi == day


def _one_of_day(group: list[tuple[Sample, Outcome]], same_day: SameDay, search: Search) -> Outcome:
    """Several results of one day: the worst, the latest, or unknown unless they agree."""
    if same_day == "latest":
        return max(group, key=lambda pair: _order(pair[0].measurement))[1]
    worst = min((outcome for _, outcome in group), key=lambda outcome: outcome.verdict)
    if same_day == "agree" and len({outcome.verdict for _, outcome in group}) > 1:
        values = ", ".join(f"{each.measurement.value} {each.measurement.unit}".strip() for each, _ in group)
        return unknown(
            Unknown(
                why=Why.CONFLICT,
                about=f"{search.label}: {values} on {group[0][0].measurement.collected}",
                do=f"{search.label}: {Why.CONFLICT.action}",
                cost=Cost.CHART,
            ),
            events=[each.measurement.event for each, _ in group],
        )
    if len(group) > 1:
        note = f"the worst of {len(group)} results of {search.label} that day counts"
        return replace(worst, reasons=(*worst.reasons, note))
    return worst


def _order(measurement: Measurement) -> tuple[int, int]:
    return days_of(measurement.collected, in_hours=True).lo, measurement.event or 0


def _not_sure(samples: tuple[Sample, ...], search: Search) -> Unknown:
    """Why the samples leave it open: how it was measured, or when."""
    unclear = [each.measurement for each in samples if not each.is_sure]
    blank = [each for each in unclear if _as_asked(each, search) is Verdict.UNKNOWN]
    if blank:
        asked = " and ".join(word.replace("_", " ") for word in (search.condition, search.method) if word)
        return Unknown(
            why=Why.CIRCUMSTANCES,
            about=f"{search.label} {_value(blank[0])} on {blank[0].collected}: asked is {asked}",
            do=f"{search.label}: {Why.CIRCUMSTANCES.action}",
            cost=Cost.CHART,
        )
    dates = ", ".join(f"{_value(each.measurement)} on {each.measurement.collected or 'no date'}" for each in samples)
    return Unknown(
        why=Why.COARSE_DATE,
        about=f"{search.label} {dates}: which is the latest in the window {search.window} depends on the date",
        do=f"{search.label}: {Why.COARSE_DATE.action}",
        cost=Cost.CHART,
    )


def why_none(search: Search, ctx: Context) -> Unknown:
    """Why there is no qualifying result: none at all, or the nearest one outside the window or measured otherwise."""
    of_analyte = [each for each in ctx.facts.measurements if each.analyte == search.analyte]
    fitting = [each for each in of_analyte if _as_asked(each, search) is not Verdict.NOT_MET]
    do = f"{search.label}: a result in the window {search.window}"
    if fitting:
        last = max(fitting, key=_order)
        about = f"{search.label} {_value(last)}{ctx.distance(last.collected, search.window)}; window {search.window}"
        return Unknown(why=Why.OUTSIDE_WINDOW, about=about, do=do, cost=cost_of(search.analyte))
    about = f"{search.label}: no result; window {search.window}"
    if of_analyte:
        about = f"{search.label}: {len(of_analyte)} result(s), none measured as asked; window {search.window}"
    return Unknown(why=Why.NO_RECORD, about=about, do=do, cost=cost_of(search.analyte))


def _value(measurement: Measurement) -> str:
    return f"{measurement.value} {measurement.unit}".strip()

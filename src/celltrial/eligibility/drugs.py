"""Leaves on treatment: for how long, at which daily dose, and whether the dose was stable.

A therapy known only in part is computed twice, as short and as long as the record allows; where the two disagree the
verdict is unknown. A new dose is a new medication, so one medication has one dose from its start to its end.
"""

from decimal import Decimal
from fractions import Fraction

from celltrial.eligibility.context import Context, Exposure, drug_exposures, is_observed, no_anchor
from celltrial.eligibility.facts import Medication
from celltrial.eligibility.language import DailyDose, Silence, StableDose, TherapyFor
from celltrial.eligibility.result import Outcome, met, not_met, unknown
from celltrial.eligibility.truth import Basis, Cost, Unknown, Verdict, Why, all_of
from celltrial.eligibility.values import Range, compare, format_number
from celltrial.eligibility.windows import Bound, Interval, Placed, Window, days_of
from celltrial.errors import UnitError
from celltrial.instruments.glucocorticoids import convert_glucocorticoid
from celltrial.units import Quantity, convert, parse_number

__all__ = ["evaluate_daily_dose", "evaluate_stable_dose", "evaluate_therapy"]


def evaluate_therapy(test: TherapyFor, ctx: Context) -> Outcome:
    """Treatment without a longer gap, from at least the span before the anchor until the anchor."""
    window = _span_to(test)
    placed = ctx.place(window)
    if placed is None:
        return unknown(no_anchor(window, ctx))
    own = _of_classes(test.classes, test.routes, ctx)
    label = " or ".join(each.replace("_", " ") for each in test.classes)
    if not own:
        return _no_therapy(label, window, test.silence, ctx)
    listed = "; ".join(str(each) for each in drug_exposures(own))
    reason = f"{label}: {listed}; needs {test.span} up to {test.up_to}, gaps up to {test.gap_days} days"
    shortest = _reaches(own, test, placed, is_long=False)
    longest = _reaches(own, test, placed, is_long=True)
    events = [each.event for each in own]
    if not longest:
        outcome = not_met(Basis.DERIVED, reason, events=events)
    elif shortest:
        outcome = met(Basis.DERIVED, reason, events=events)
    else:
        do = f"{label}: complete start, end and route"
        outcome = unknown(Unknown(why=Why.COARSE_DATE, about=reason, do=do, cost=Cost.CHART), events=events)
    return _alone(test, outcome, window, placed, ctx) if test.without else outcome


def _span_to(test: TherapyFor | StableDose) -> Window:
    text = f"{test.span} before {test.up_to}"
    return Window(text=text, start=Bound(test.up_to, test.span, -1), end=Bound(test.up_to))


def _of_classes(classes: tuple[str, ...], routes: tuple[str, ...], ctx: Context) -> tuple[Medication, ...]:
    return tuple(
        each
        for each in ctx.facts.medications
        if each.drug_class in classes and (not routes or not each.route or each.route in routes)
    )


def _no_therapy(label: str, window: Window, silence: Silence | None, ctx: Context) -> Outcome:
    is_silent, reviews = is_observed(silence, window, ctx)
    if is_silent:
        return not_met(Basis.PRESUMED, f"no {label} on record: presumed, the chart covers {window}", events=reviews)
    do = f"review the chart for {label} in the {window}, and record drugs or the review"
    about = f"{label}: none on record, and no review of the chart covers {window}"
    return unknown(Unknown(why=Why.NO_RECORD, about=about, do=do, cost=Cost.CHART))


def _reaches(drugs: tuple[Medication, ...], test: TherapyFor, placed: Placed, *, is_long: bool) -> bool:
    """Gaps and islands, backwards from the anchor: the days without drug between two courses are counted."""
    sure = [each for each in drugs if is_long or not test.routes or each.route]
    spans = [_extent(exposure, is_long=is_long) for exposure in drug_exposures(tuple(sure))]
    anchor = placed.end.lo if is_long else placed.end.hi
    goal = placed.start.hi if is_long else placed.start.lo
    reached = anchor + 1  # the first day of the island so far; nothing is needed after the anchor
    for first, last in sorted(spans, key=lambda span: (span[1], span[0]), reverse=True):
        if first <= last and first <= anchor and min(last, anchor) >= reached - 1 - test.gap_days:
            reached = min(reached, first)
    return reached <= goal


def _extent(exposure: Exposure, *, is_long: bool) -> tuple[int, int]:
    if is_long:
        return exposure.start.lo, exposure.end.hi
    return exposure.start.hi, exposure.end.lo


def _alone(test: TherapyFor, outcome: Outcome, window: Window, placed: Placed, ctx: Context) -> Outcome:
    """Nothing of the other classes in the span: recorded use fails it, silence holds only under observation."""
    others = _of_classes(test.without, (), ctx)
    touches = [(each.touches(placed), each) for each in drug_exposures(others)]
    used = max((touch for touch, _ in touches), default=Verdict.NOT_MET)
    shown = [each for touch, each in touches if touch is used]
    label = " or ".join(each.replace("_", " ") for each in test.without)
    if used is Verdict.MET and outcome.verdict is not Verdict.NOT_MET:
        reason = f"not alone: {'; '.join(str(each) for each in shown)}"
        return not_met(Basis.RECORDED, reason, events=[*outcome.events, *(each.event for each in shown)])
    if outcome.verdict is not Verdict.MET:
        return outcome
    if used is Verdict.UNKNOWN:
        about = f"whether {label} was used in the {window}: {'; '.join(str(each) for each in shown)}"
        problem = Unknown(why=Why.COARSE_DATE, about=about, do=f"{label}: complete the dates", cost=Cost.CHART)
        return unknown(problem, events=outcome.events, also=outcome.reasons)
    is_silent, reviews = is_observed(test.silence, window, ctx)
    if is_silent:
        reason = f"no {label} in the {window}: presumed, the chart covers it"
        return met(Basis.PRESUMED, *outcome.reasons, reason, events=[*outcome.events, *reviews])
    about = f"no review of the chart covers the {window}, so {label} cannot be ruled out"
    problem = Unknown(why=Why.CHART_GAP, about=about, do=f"review the chart for {label}", cost=Cost.CHART)
    return unknown(problem, events=outcome.events, also=outcome.reasons)


def evaluate_daily_dose(test: DailyDose, ctx: Context) -> Outcome:
    """The sum over the drugs taken on the anchor's day, each dose x times a day x its equivalence."""
    window = Window(text=f"on the day of {test.at}", start=Bound(test.at), end=Bound(test.at))
    placed = ctx.place(window)
    if placed is None:
        return unknown(no_anchor(window, ctx))
    every = _of_classes((test.drug_class,), test.routes, ctx)
    drugs = tuple(each for each in every if not _is_replaced(each, every, placed.end))
    label = test.drug_class.replace("_", " ")
    if not drugs:
        return _no_therapy(label, window, test.silence, ctx)
    taken = [(_taken_on(each, placed, test), each) for each in drugs]
    shown = [each for held, each in taken if held is not Verdict.NOT_MET] or list(drugs)
    doses = [_daily(test, each) for held, each in taken if held is not Verdict.NOT_MET]
    low = sum((dose for held, each in taken if held is Verdict.MET and (dose := _daily(test, each))), Fraction(0))
    high = None if None in doses else sum((dose for dose in doses if dose is not None), Fraction(0))
    listed = "; ".join(_prescribed(each) for each in shown)
    total = format_number(low) if low == high else f"{format_number(low)} to {format_number(high) if high else '?'}"
    reason = f"{label} {total} {test.goal.unit} as {test.equivalent} on {ctx.anchors[test.at].when} ({listed})"
    reason += f"; needs {test.goal}"
    events = [each.event for each in shown]
    match compare(Range(low=low, high=high), test.goal.op, Fraction(test.goal.number)):
        case Verdict.MET:
            return met(Basis.DERIVED, reason, events=events)
        case Verdict.NOT_MET:
            return not_met(Basis.DERIVED, reason, events=events)
        case Verdict.UNKNOWN:
            why = Why.INCOMPLETE if high is None else Why.COARSE_DATE
            do = f"{label}: complete drug, dose, unit, times a day, route and dates"
            return unknown(Unknown(why=why, about=reason, do=do, cost=Cost.CHART), events=events)


def _taken_on(drug: Medication, placed: Placed, test: DailyDose) -> Verdict:
    route = Verdict.MET if not test.routes or drug.route else Verdict.UNKNOWN
    return all_of((drug_exposures((drug,))[0].touches(placed), route))


def _is_replaced(drug: Medication, drugs: tuple[Medication, ...], day: Interval) -> bool:
    """Whether the course ends on the day on which the next course of the drug starts: that day counts for the next."""
    return any(
        each is not drug
        and each.drug.strip().lower() == drug.drug.strip().lower()
        and days_of(each.start) == day == days_of(drug.ended)
        and days_of(drug.start).hi < day.lo
        for each in drugs
    )


def _daily(test: DailyDose, drug: Medication) -> Fraction | None:
    """The daily dose in equivalents, exactly; None where a part of it is missing or the drug is not in the table."""
    amount = _amount(drug, test.goal.unit.split("/")[0])
    return None if amount is None else convert_glucocorticoid(amount, drug.drug, test.equivalent)


def _amount(drug: Medication, unit: str) -> Fraction | None:
    try:
        dose, times = parse_number(drug.dose), parse_number(drug.per_day)
        # every other day, weekly: the average of its days, as `instruments.glucocorticoids` has it
        every = parse_number(drug.every_days) if drug.every_days.strip() else Decimal(1)
        if not drug.unit or every < 1:
            return None
        return Fraction(convert(Quantity(dose, drug.unit), unit).value) * Fraction(times) / Fraction(every)
    except UnitError:
        return None


def _prescribed(drug: Medication) -> str:
    every = "" if drug.every_days.strip() in ("", "1") else f" every {drug.every_days.strip()} days"
    dose = f"{drug.dose or '?'} {drug.unit or '?'} x {drug.per_day or '?'}/day{every}"
    return f"{drug.drug} {dose} from {drug.start or '?'}"


def evaluate_stable_dose(test: StableDose, ctx: Context) -> Outcome:
    """Every drug taken in the span has the same daily dose on each of its days, both ends included."""
    window = _span_to(test)
    placed = ctx.place(window)
    if placed is None:
        return unknown(no_anchor(window, ctx))
    label = " or ".join(each.replace("_", " ") for each in test.classes)
    drugs = _of_classes(test.classes, test.routes, ctx)
    taken = [each for each in drugs if drug_exposures((each,))[0].touches(placed) is not Verdict.NOT_MET]
    if not taken:
        if not drugs:
            return _no_therapy(label, window, None, ctx)
        listed = "; ".join(str(each) for each in drug_exposures(drugs))
        return not_met(Basis.DERIVED, f"no {label} in the {window}: {listed}", events=[each.event for each in drugs])
    names = list(dict.fromkeys(each.drug.strip().lower() for each in taken))
    verdicts = {
        name: _is_stable([each for each in taken if each.drug.strip().lower() == name], test, placed) for name in names
    }
    verdict = all_of(verdicts.values())
    shown = [each for each in taken if verdicts[each.drug.strip().lower()] is verdict]
    listed = "; ".join(f"{_prescribed(each)} until {each.ended or ('now' if each.ongoing else '?')}" for each in shown)
    reason = (
        f"dose of {', '.join(dict.fromkeys(each.drug for each in shown))}: {listed}; needs no change in the {window}"
    )
    events = [each.event for each in shown]
    if verdict is Verdict.MET:
        return met(Basis.DERIVED, reason, events=events)
    if verdict is Verdict.NOT_MET:
        return not_met(Basis.DERIVED, reason, events=events)
    do = f"{', '.join(dict.fromkeys(each.drug for each in shown))}: complete dose, times a day and dates"
    return unknown(Unknown(why=Why.COARSE_DATE, about=reason, do=do, cost=Cost.CHART), events=events)


def _is_stable(courses: list[Medication], test: StableDose, placed: Placed) -> Verdict:
    """Whether one drug has one daily dose on every day of the span."""
    extents = [drug_exposures((each,))[0] for each in courses]
    whole = Interval(placed.start.lo, placed.end.hi)
    if len(courses) == 1 and _covers(extents[0], whole):
        return Verdict.MET  # one course is one dose, whatever it is
    days = _exact_days(extents, placed)
    doses = [_amount(each, courses[0].unit) for each in courses]
    if days is None or any(dose is None for dose in doses):
        return Verdict.UNKNOWN
    first, last = days
    totals: list[Fraction] = []
    for day in range(first, last + 1):
        on = [_is_on(each, day) for each in extents]
        next_starts = Interval(day, day)
        kept = [not _is_replaced(each, tuple(courses), next_starts) for each in courses]
        totals.append(
            sum((dose or Fraction(0) for dose, *now in zip(doses, on, kept, strict=True) if all(now)), Fraction(0))
        )
    allowed = Fraction(totals[-1]) * Fraction(test.tolerance) / 100
    return Verdict.MET if all(abs(total - totals[-1]) <= allowed for total in totals) else Verdict.NOT_MET


def _covers(exposure: Exposure, whole: Interval) -> bool:
    return exposure.start.hi <= whole.lo and exposure.end.lo >= whole.hi


def _exact_days(extents: list[Exposure], placed: Placed) -> tuple[int, int] | None:
    """The days of the span, where its ends and all changes inside it are known to the day."""
    if placed.start.lo != placed.start.hi or placed.end.lo != placed.end.hi:
        return None
    first, last = placed.start.lo, placed.end.lo
    for each in extents:
        starts = each.start.lo == each.start.hi or each.start.hi <= first
        ends = each.end.lo == each.end.hi or each.end.lo >= last
        if not (starts and ends):
            return None
    return first, last


def _is_on(exposure: Exposure, day: int) -> bool:
    return exposure.start.hi <= day <= exposure.end.lo

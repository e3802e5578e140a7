"""What must hold of kidney function, renal response, biopsy and glucocorticoid exposure, whatever the numbers."""

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from celltrial.answers import YesNoUnknown
from celltrial.instruments import (
    Clearance,
    Filtration,
    GlucocorticoidCourse,
    KidneyCourse,
    compute_ckd_epi_2021,
    compute_creatinine_clearance,
    compute_glucocorticoid_exposure,
    convert_upcr,
    judge_aurora_1,
    judge_bliss_ln,
    judge_kdigo_2024,
    judge_prednisone_limit,
    nih_components,
    score_nih_indices,
)
from celltrial.missing import NotEvaluable
from celltrial.studyday import PartialDate, parse_partial_date
from celltrial.units import Quantity

FIRST = date(2026, 1, 1)
LAST = FIRST + timedelta(days=20)
SEXES = st.sampled_from(["F", "M"])
CREATININE = st.decimals(min_value="0.2", max_value=15, places=2)
ANSWERS = st.sampled_from(["yes", "no", "unknown"])
NAMES = [each.component for each in nih_components()]


@given(low=CREATININE, more=st.decimals(min_value="0.01", max_value=5, places=2), age=st.integers(18, 92), sex=SEXES)
def test_higher_creatinine_never_raises_function(low: Decimal, more: Decimal, age: int, sex: str) -> None:
    """Neither the clearance (either form) nor the estimated filtration."""
    for form in ("mg/dL", "umol/L"):
        found = [
            compute_creatinine_clearance(
                age_years=age,
                sex=sex,  # type: ignore[arg-type]
                weight_kg=Decimal(60),
                creatinine=Quantity(value, "mg/dL"),
                form=form,  # type: ignore[arg-type]
            )
            for value in (low, low + more)
        ]
        assert isinstance(found[0], Clearance)
        assert isinstance(found[1], Clearance)
        assert found[0].ml_min > found[1].ml_min
    rates = [
        compute_ckd_epi_2021(age_years=age, sex=sex, creatinine=Quantity(value, "mg/dL"))  # type: ignore[arg-type]
        for value in (low, low + more)
    ]
    assert isinstance(rates[0], Filtration)
    assert isinstance(rates[1], Filtration)
    assert rates[0].ml_min_1_73m2 > rates[1].ml_min_1_73m2


@given(value=st.fractions(min_value=0, max_value=100), unit=st.sampled_from(["mg/g", "mg/mmol", "g/mol", "mg/mg"]))
def test_a_ratio_survives_the_way_there_and_back(value: Fraction, unit: str) -> None:
    """Conversion is exact both ways."""
    assert convert_upcr(convert_upcr(value, unit), "g/g", unit) == value


RATIO = st.decimals(min_value=0, max_value=8, places=2)
RATE = st.decimals(min_value=5, max_value=140, places=0)
COURSES = st.fixed_dictionaries(
    {
        "upcr": RATIO,
        "baseline_upcr": RATIO,
        "egfr": RATE,
        "egfr_repeat": RATE,
        "baseline_egfr": RATE,
        "pre_flare_egfr": RATE,
        "months": st.decimals(min_value=0, max_value=24, places=0),
    }
)


def answers(course: KidneyCourse, event: YesNoUnknown) -> list[str]:
    kdigo = judge_kdigo_2024(course, rescue=event)
    aurora = judge_aurora_1(course, rescue=event, prednisone_mg=[5] * 56)
    bliss = judge_bliss_ln(course, treatment_failure=event)
    parts = (
        kdigo.complete,
        kdigo.partial,
        kdigo.primary,
        aurora.complete,
        aurora.partial,
        bliss.complete,
        bliss.primary,
    )
    return [each.answer for each in parts]


@given(
    full=COURSES, lost=st.sets(st.sampled_from(["upcr", "baseline_upcr", "egfr", "baseline_egfr", "pre_flare_egfr"]))
)
def test_a_missing_value_never_turns_the_answer(full: dict[str, Decimal], lost: set[str]) -> None:
    """Without some values each answer is the one with all of them, or unknown; the category too."""
    complete = KidneyCourse(**full)
    partial = KidneyCourse(**{name: None if name in lost else value for name, value in full.items()})
    for known, less in zip(answers(complete, "no"), answers(partial, "no"), strict=True):
        assert less in (known, "unknown")
    assert judge_kdigo_2024(partial, rescue="no").category in (
        "unknown",
        judge_kdigo_2024(complete, rescue="no").category,
    )


@given(full=COURSES, less=st.decimals(min_value=0, max_value=1, places=2))
def test_less_protein_never_loses_a_response(full: dict[str, Decimal], less: Decimal) -> None:
    """With a lower ratio every answer that was yes stays yes."""
    before = answers(KidneyCourse(**full), "no")
    after = answers(KidneyCourse(**(full | {"upcr": full["upcr"] * less})), "no")
    assert all(now == "yes" for was, now in zip(before, after, strict=True) if was == "yes")


@given(full=COURSES, event=st.sampled_from(["yes", "unknown"]))
def test_rescue_or_doubt_about_it_never_makes_a_primary_response(full: dict[str, Decimal], event: str) -> None:
    """Neither a known nor a possible rescue gives a definite yes where it is asked for."""
    found = answers(KidneyCourse(**full), event)  # type: ignore[arg-type]
    assert all(found[place] != "yes" for place in (2, 3, 5, 6))


@given(
    doses=st.lists(st.sampled_from([None, 5, 10, 11]), max_size=20),
    values=st.lists(st.sampled_from([5, 11]), min_size=20),
)
def test_unknown_doses_leave_the_limit_open(doses: list[int | None], values: list[int]) -> None:
    """A definite answer stays whatever the unknown doses turn out to be."""
    open_ = judge_prednisone_limit(doses, window_days=20).answer
    filled = [*doses, *[None] * (20 - len(doses))]
    closed = [value if each is None else each for each, value in zip(filled, values, strict=False)]
    assert open_ in ("unknown", judge_prednisone_limit(closed, window_days=20).answer)


SCORES = st.fixed_dictionaries({name: st.integers(0, 3) for name in NAMES})


@given(scores=SCORES, lost=st.sets(st.sampled_from(NAMES), min_size=1), raised=st.sampled_from(NAMES))
def test_nih_indices_rise_with_a_lesion_and_are_open_without_one(
    scores: dict[str, int], lost: set[str], raised: str
) -> None:
    """In range, monotone, and never definite without a component."""
    whole, more = score_nih_indices(scores), score_nih_indices(scores | {raised: 3})
    assert isinstance(whole.activity, int)
    assert isinstance(whole.chronicity, int)
    assert isinstance(more.activity, int)
    assert isinstance(more.chronicity, int)
    assert 0 <= whole.activity <= more.activity <= 24
    assert 0 <= whole.chronicity <= more.chronicity <= 12
    part = score_nih_indices({name: score for name, score in scores.items() if name not in lost})
    for index, full in (("activity", whole.activity), ("chronicity", whole.chronicity)):
        found = getattr(part, index)
        if any(each.component in lost for each in nih_components() if each.index == index):
            assert isinstance(found, NotEvaluable)
            assert found.lower_bound is not None
            assert found.lower_bound <= full
        else:
            assert found == full


def to_partial(day: date) -> PartialDate:
    return parse_partial_date(day.isoformat(), ZoneInfo("UTC"))


@st.composite
def exact_courses(draw: st.DrawFn) -> GlucocorticoidCourse:
    """A course known in every part."""
    start = FIRST + timedelta(days=draw(st.integers(-5, 22)))
    return GlucocorticoidCourse(
        drug=draw(st.sampled_from(["prednisone", "methylprednisolone", "dexamethasone"])),
        mg=draw(st.decimals(min_value=1, max_value=40, places=1)),
        per_day=Decimal(1),
        route="oral",
        indication="sle",
        start=to_partial(start),
        ended=to_partial(start + timedelta(days=draw(st.integers(0, 10)))),
        interval_days=draw(st.sampled_from([Decimal(1), Decimal(2)])),
    )


@given(courses=st.lists(exact_courses(), max_size=4), added=exact_courses())
def test_adding_glucocorticoid_never_lowers_exposure(
    courses: list[GlucocorticoidCourse], added: GlucocorticoidCourse
) -> None:
    """Overlaps add: cumulative and highest dose and the days over a limit rise or stay, and are exact."""
    before, after = (
        compute_glucocorticoid_exposure(each, first=FIRST, last=LAST, on_change_day="both")
        for each in (courses, [*courses, added])
    )
    assert before.cumulative_mg.upper == before.cumulative_mg.lower <= after.cumulative_mg.lower
    assert before.highest_mg_per_day.lower <= after.highest_mg_per_day.lower
    assert before.days_over(Decimal(10)).lower <= after.days_over(Decimal(10)).lower


PARTIAL = st.sampled_from(["start", "ended", "mg", "indication", "route"])


@given(courses=st.lists(exact_courses(), min_size=1, max_size=3), lost=st.sets(PARTIAL))
def test_what_is_not_known_widens_the_bounds_around_the_truth(
    courses: list[GlucocorticoidCourse], lost: set[str]
) -> None:
    """Blurring the first course (dates, dose, route, indication) keeps the true exposure between the bounds."""
    truth = compute_glucocorticoid_exposure(courses, first=FIRST, last=LAST, on_change_day="both")
    blurred = [blur(courses[0], lost), *courses[1:]]
    found = compute_glucocorticoid_exposure(blurred, first=FIRST, last=LAST, on_change_day="both")
    for what in ("cumulative_mg", "average_mg_per_day", "highest_mg_per_day"):
        exact, bounds = getattr(truth, what).lower, getattr(found, what)
        assert bounds.lower <= exact
        assert bounds.upper is None or exact <= bounds.upper


def blur(course: GlucocorticoidCourse, lost: set[str]) -> GlucocorticoidCourse:
    values = {name: getattr(course, name) for name in course.__dataclass_fields__}
    unknown: dict[str, object] = {"start": None, "ended": None, "mg": None, "indication": "unknown", "route": None}
    return GlucocorticoidCourse(**(values | {name: unknown[name] for name in lost}))

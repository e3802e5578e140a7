"""What must hold of any series of counts."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from celltrial.missing import NotEvaluable, NotGradable
from celltrial.safety.car_hematotox import score_car_hematotox
from celltrial.safety.icaht import Count, IcahtResult, WindowGrade, grade_icaht, grade_t_icaht
from celltrial.safety.ice import ice_items, score_ice

ANC = st.sampled_from(
    [Decimal(text) for text in ("0", "100", "101", "300", "500", "501", "1000", "1500", "1501", "4000")]
)
PLATELETS = st.sampled_from([Decimal(text) for text in ("5", "19", "20", "49", "50", "99", "100", "180")])
SPARSE = st.dictionaries(st.integers(0, 30), ANC, min_size=1, max_size=31)
DAILY = st.lists(ANC, min_size=31, max_size=31).map(lambda values: dict(enumerate(values)))
LATE = st.dictionaries(st.integers(31, 100), ANC, min_size=1, max_size=12)


def early(by_day: dict[int, Decimal]) -> WindowGrade:
    return result(by_day).early


def result(by_day: dict[int, Decimal]) -> IcahtResult:
    return grade_icaht([Count(day=day, value=value) for day, value in by_day.items()])


def bounds(window: WindowGrade) -> tuple[int, int]:
    assert window.lower_bound is not None
    assert window.upper_bound is not None
    return window.lower_bound, window.upper_bound


@given(counts=SPARSE, data=st.data())
def test_a_lower_count_never_lowers_the_early_grade(counts: dict[int, Decimal], data: st.DataObject) -> None:
    """Neither the least nor the most that it can be."""
    day = data.draw(st.sampled_from(sorted(counts)))
    lower = counts | {day: min(counts[day], data.draw(ANC))}
    before, after = bounds(early(counts)), bounds(early(lower))
    assert before[0] <= after[0]
    assert before[1] <= after[1]


@given(counts=LATE, data=st.data())
def test_a_lower_count_never_lowers_the_late_grade(counts: dict[int, Decimal], data: st.DataObject) -> None:
    """Of counts taken on the same days."""
    day = data.draw(st.sampled_from(sorted(counts)))
    lower = counts | {day: min(counts[day], data.draw(ANC))}
    assert bounds(result(counts).late)[0] <= bounds(result(lower).late)[0]


@given(counts=DAILY, day=st.integers(0, 30), data=st.data())
def test_one_more_day_under_500_never_lowers_the_early_grade(
    counts: dict[int, Decimal], day: int, data: st.DataObject
) -> None:
    """Where every day has a count."""
    lower = counts | {day: min(counts[day], Decimal(data.draw(st.integers(0, 500))))}
    assert bounds(early(lower))[0] >= bounds(early(counts))[0]


@given(counts=SPARSE, data=st.data())
def test_a_count_on_an_unknown_day_stays_within_the_range(counts: dict[int, Decimal], data: st.DataObject) -> None:
    """Whatever the laboratory would have found on days without a count."""
    told = early(counts)
    if not told.unknown_days:
        return
    found = data.draw(st.dictionaries(st.sampled_from(told.unknown_days), ANC, max_size=len(told.unknown_days)))
    now = bounds(early(counts | found))
    assert bounds(told)[0] <= now[0]
    assert now[1] <= bounds(told)[1]


@given(counts=SPARSE)
def test_a_refused_grade_has_a_range_and_a_grade_is_its_lower_end(counts: dict[int, Decimal]) -> None:
    """A grade is given only where it is the least that the counts show."""
    told = early(counts)
    lower, upper = bounds(told)
    assert lower < upper if isinstance(told.grade, NotGradable) else told.grade.value == lower


@given(counts=st.dictionaries(st.integers(0, 100), PLATELETS, min_size=1, max_size=60), data=st.data())
def test_fewer_platelets_never_lower_a_grade(counts: dict[int, Decimal], data: st.DataObject) -> None:
    """Early and late."""
    day = data.draw(st.sampled_from(sorted(counts)))
    lower = counts | {day: min(counts[day], data.draw(PLATELETS))}
    before, after = (
        grade_t_icaht([Count(day=day, value=value) for day, value in each.items()]) for each in (counts, lower)
    )
    for one, other in ((before.early, after.early), (before.late, after.late)):
        if one.lower_bound is not None:
            assert bounds(one)[0] <= bounds(other)[0]


VALUES = {
    "platelets_10e9_l": ["176", "175", "75", "74"],
    "anc_per_ul": ["3000", "1200", "1199"],
    "hemoglobin_g_l": ["120", "90", "89"],
    "crp_mg_l": ["5", "30", "31"],
    "ferritin_ug_l": ["300", "650", "2000", "2001"],
}
KNOWN = st.fixed_dictionaries({name: st.sampled_from(texts) for name, texts in VALUES.items()})


@given(values=KNOWN, hidden=st.sets(st.sampled_from(sorted(VALUES))))
def test_car_hematotox_without_a_value_holds_the_truth_in_its_range(values: dict[str, str], hidden: set[str]) -> None:
    """And a risk that is told is the risk of the whole score."""
    known = {name: Decimal(text) for name, text in values.items()}
    whole = score_car_hematotox(**known)  # type: ignore[arg-type]  # all five are there
    partial = score_car_hematotox(**{n: None if n in hidden else v for n, v in known.items()})  # type: ignore[arg-type]
    assert partial.range[0] <= whole.range[0] <= partial.range[1]
    assert isinstance(partial.risk, NotEvaluable) or partial.risk == whole.risk
    assert isinstance(partial.total, NotEvaluable) == bool(hidden)


@given(values=KNOWN, name=st.sampled_from(sorted(VALUES)), place=st.integers(0, 3))
def test_a_worse_value_never_lowers_car_hematotox(values: dict[str, str], name: str, place: int) -> None:
    """The values of each item stand from good to bad."""
    texts = VALUES[name]
    worse = texts[max(texts.index(values[name]), min(place, len(texts) - 1))]
    before, after = (
        score_car_hematotox(**{n: Decimal(text) for n, text in each.items()})  # type: ignore[arg-type]
        for each in (values, values | {name: worse})
    )
    assert before.range[0] <= after.range[0]


@given(answers=st.fixed_dictionaries({item: st.sampled_from(["yes", "no"]) for item in ice_items()}), data=st.data())
def test_ice_without_an_item_holds_the_truth_in_its_range(answers: dict[str, str], data: st.DataObject) -> None:
    """A hidden item leaves the total open."""
    item = data.draw(st.sampled_from(ice_items()))
    total, hidden = score_ice(answers).total, score_ice(answers | {item: "unknown"})
    assert isinstance(total, int)
    assert isinstance(hidden.total, NotEvaluable)
    assert hidden.range[0] <= total <= hidden.range[1]

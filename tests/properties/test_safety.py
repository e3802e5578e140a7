"""What must hold of any observation."""

from dataclasses import replace
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from celltrial.missing import NotGradable
from celltrial.safety import (
    CrsObservation,
    Grade,
    IcansObservation,
    Toxicity,
    grade_crs,
    grade_icans,
    probability_rate_exceeds,
    propose_dlt,
)

YES_NO = st.sampled_from(["no", "yes"])
OXYGEN = ["none", "low-flow", "high-flow", "positive pressure"]
PRESSORS = [(), ("vasopressin",), ("noradrenaline", "vasopressin"), ("noradrenaline", "adrenaline")]
TEMPERATURES = [Decimal(text) for text in ("36.5", "37.9", "38.0", "40.1")]
CRS = st.builds(
    CrsObservation,
    temperature_c=st.sampled_from(TEMPERATURES),
    hypotension=YES_NO,
    vasopressors=st.sampled_from(PRESSORS),
    oxygen=st.sampled_from(OXYGEN),
    antipyretic_or_anticytokine=YES_NO,
)
# each field from mild to severe
WORSE = {
    "temperature_c": TEMPERATURES,
    "hypotension": ["no", "yes"],
    "vasopressors": PRESSORS,
    "oxygen": OXYGEN,
    "antipyretic_or_anticytokine": ["no", "yes"],
    "death_due_to_crs": ["no", "yes"],
}


def value(grade: Grade | NotGradable) -> int:
    assert isinstance(grade, Grade)
    return grade.value


@given(seen=CRS, field=st.sampled_from(sorted(WORSE)))
def test_crs_is_monotone_in_each_input(seen: CrsObservation, field: str) -> None:
    """Making one element worse, the rest equal, never lowers the grade."""
    grades = [value(grade_crs(replace(seen, **{field: level}))) for level in WORSE[field]]  # type: ignore[attr-defined]
    assert grades == sorted(grades)


HIDEABLE = ["hypotension", "oxygen", "antipyretic_or_anticytokine", "temperature_c", "vasopressors"]


@given(seen=CRS, field=st.sampled_from(HIDEABLE))
def test_an_unknown_element_never_contradicts_the_truth(seen: CrsObservation, field: str) -> None:
    """Hiding one element either keeps the grade or refuses it."""
    hidden = grade_crs(replace(seen, **{field: None if field in ("temperature_c", "vasopressors") else "unknown"}))
    assert isinstance(hidden, NotGradable) or hidden.value == value(grade_crs(seen))


ICANS = st.builds(
    IcansObservation,
    ice=st.integers(0, 10),
    consciousness=st.sampled_from(["awake", "to voice", "to tactile stimulus", "unarousable"]),
    seizure=st.sampled_from(["none", "resolving", "prolonged"]),
    deep_focal_weakness=YES_NO,
    cerebral_oedema=st.sampled_from(["none", "focal", "diffuse"]),
)


@given(seen=ICANS, points=st.integers(0, 10))
def test_icans_falls_with_the_ice_score(seen: IcansObservation, points: int) -> None:
    """Losing ICE points never lowers the grade."""
    lower, higher = sorted((points, seen.ice or 0))
    assert value(grade_icans(replace(seen, ice=lower))) >= value(grade_icans(replace(seen, ice=higher)))


@given(seen=ICANS)
def test_icans_without_ice_never_contradicts_the_truth(seen: IcansObservation) -> None:
    """Hiding the ICE score either keeps the grade or refuses it."""
    hidden = grade_icans(replace(seen, ice=None))
    assert isinstance(hidden, NotGradable) or hidden.value == value(grade_icans(seen))


TOXICITY = st.builds(
    Toxicity,
    kind=st.sampled_from(["crs", "icans", "organ"]),
    term=st.just("event"),
    grade=st.one_of(st.none(), st.integers(0, 5)),
    onset_day=st.one_of(st.none(), st.sampled_from([-3, 1, 20, 29, 30])),
    duration_hours=st.one_of(st.none(), st.floats(0, 500)),
    related=st.sampled_from(["yes", "no", "unknown"]),
    is_licats=st.sampled_from(["yes", "no", "unknown"]),
)
CLAUSES: list[dict[str, object]] = [
    {"id": "D1", "kind": "crs", "grade_at_least": 3, "lasting_over": "72 hours", "related": True},
    {"id": "D2", "kind": "icans", "grade_at_least": 3},
]
ORDER = {"no": 0, "unknown": 1, "yes": 2}


@given(toxicities=st.lists(TOXICITY, max_size=4), more=TOXICITY)
def test_another_toxicity_never_takes_a_proposal_back(toxicities: list[Toxicity], more: Toxicity) -> None:
    """no < unknown < yes: adding a toxicity only moves up."""
    exclusions: list[dict[str, object]] = [{"id": "X1", "kind": "licats"}]
    before = propose_dlt(toxicities, CLAUSES, exclusions, window_days=28)
    after = propose_dlt([*toxicities, more], CLAUSES, exclusions, window_days=28)
    assert ORDER[after.proposed] >= ORDER[before.proposed]


@given(n=st.integers(1, 60), data=st.data())
def test_more_events_make_a_high_rate_more_probable(n: int, data: st.DataObject) -> None:
    """The posterior probability rises with the events and stays between 0 and 1 (it may round to 1)."""
    events = data.draw(st.integers(0, n - 1))
    fewer, more = (probability_rate_exceeds(0.3, events=events + k, n=n) for k in (0, 1))
    assert 0 <= fewer <= more <= 1

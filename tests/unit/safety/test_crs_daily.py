"""CRS from vital signs: what each sign is read as, masking of fever, episodes with their treatment."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from celltrial.errors import UsageError
from celltrial.missing import NotGradable
from celltrial.safety.crs import CrsObservation, grade_crs
from celltrial.safety.crs_daily import (
    CrsDailyRules,
    CrsTherapy,
    VitalSigns,
    derive_crs_observations,
    derive_treated_crs_episodes,
)

WELL: dict[str, Any] = {"temperature_c": Decimal("36.8"), "systolic_mmhg": Decimal(120), "oxygen_device": "none"}
FEVER: dict[str, Any] = WELL | {"temperature_c": Decimal("38.9")}
LOW: dict[str, Any] = WELL | {"systolic_mmhg": Decimal(84)}


def at(day: int, hour: int = 8) -> datetime:
    return datetime(2026, 3, day, hour, tzinfo=UTC)


def reading(day: int, signs: dict[str, Any], hour: int = 8, **other: Any) -> VitalSigns:
    return VitalSigns(at=at(day, hour), **(signs | other))


def dose(day: int, kind: Any, hour: int = 9) -> CrsTherapy:
    return CrsTherapy(at=at(day, hour), kind=kind)


def one(rules: CrsDailyRules | None = None, **signs: Any) -> CrsObservation:
    (seen,) = derive_crs_observations([reading(1, FEVER, **signs)], [], rules=rules)
    return seen


def grades(readings: list[VitalSigns], doses: list[CrsTherapy] | None, **rules: Any) -> list[int | str]:
    results = [grade_crs(each) for each in derive_crs_observations(readings, doses, rules=CrsDailyRules(**rules))]
    return [each.reason if isinstance(each, NotGradable) else each.value for each in results]


@pytest.mark.parametrize(
    ("device", "flow", "expected"),
    [
        ("none", None, "none"),
        ("airway only", None, "none"),
        ("blow-by", None, "low-flow"),
        ("nasal cannula", "0.5", "low-flow"),
        ("nasal cannula", "6", "low-flow"),
        ("nasal cannula", "6.1", "high-flow"),
        ("nasal cannula", None, "nasal cannula"),
        ("high-flow nasal cannula", None, "high-flow"),
        ("facemask", "5", "high-flow"),
        ("non-rebreather", "15", "high-flow"),
        ("venturi", None, "high-flow"),
        ("cpap", None, "positive pressure"),
        ("bipap", None, "positive pressure"),
        ("ventilation", None, "positive pressure"),
        ("unknown", None, "unknown"),
    ],
)
def test_oxygen_counts_by_device_and_flow(device: str, flow: str | None, expected: str) -> None:
    """A nasal cannula is low-flow up to and with 6 L/min; a tube for the airway alone is no sign of CRS."""
    assert one(oxygen_device=device, oxygen_flow_l_min=Decimal(flow) if flow else None).oxygen == expected


def test_a_cannula_of_unknown_flow_is_not_graded() -> None:
    """Grade 2 or 3."""
    assert grades([reading(1, FEVER, oxygen_device="nasal cannula")], []) == [
        "not known: flow of oxygen; the grade may be 2 to 3"
    ]


@pytest.mark.parametrize(("systolic", "expected"), [("89.9", "yes"), ("90", "no")])
def test_systolic_pressure_is_read_by_our_threshold(systolic: str, expected: str) -> None:
    """And says so; what the clinician recorded goes before it."""
    seen = one(systolic_mmhg=Decimal(systolic))
    assert seen.hypotension == expected
    assert "our threshold" in seen.notes[0]
    assert "our threshold" in str(grade_crs(seen))
    assert one(systolic_mmhg=Decimal(systolic), hypotension="no").hypotension == "no"
    assert one(systolic_mmhg=Decimal(systolic), hypotension="yes").notes == ()
    assert one(CrsDailyRules(hypotension_below_mmhg=None), systolic_mmhg=Decimal(systolic)).hypotension == "unknown"
    assert one(systolic_mmhg=None).hypotension == "unknown"


@pytest.mark.parametrize(("saturation", "expected"), [("91.9", "low-flow"), ("92", "none")])
def test_saturation_on_room_air_is_read_by_our_threshold(saturation: str, expected: str) -> None:
    """A saturation on room air says that no oxygen was given; below the threshold some was needed."""
    assert one(oxygen_device="unknown", spo2_room_air_percent=Decimal(saturation)).oxygen == expected
    off = CrsDailyRules(hypoxia_below_percent=None)
    assert one(off, oxygen_device="unknown", spo2_room_air_percent=Decimal(saturation)).oxygen == "none"


def test_vasopressors_that_are_not_known_are_tried_each_way() -> None:
    """No vasopressor, one, several."""
    assert grades([reading(1, FEVER, vasopressors=None)], []) == ["not known: vasopressors; the grade may be 1 to 4"]
    assert grades([reading(1, FEVER, vasopressors=None, oxygen_device="cpap")], []) == [4]


def test_fever_is_required_until_a_therapy_may_mask_it() -> None:
    """Hypotension without fever is no CRS on day 2, and grade 2 once tocilizumab has been given."""
    course = [reading(1, FEVER), reading(2, LOW), reading(2, LOW, hour=20)]
    assert grades(course, []) == [1, 0, 0]
    assert grades(course, [dose(2, "tocilizumab")]) == [1, 0, 2]
    assert grades(course, None) == [1, *["not known: antipyretic_or_anticytokine; the grade may be 0 to 2"] * 2]


def test_an_antipyretic_masks_for_a_time_and_steroids_to_the_end() -> None:
    """24 hours by default; the window of either can be set."""
    course = [reading(1, FEVER), reading(2, LOW, hour=9), reading(2, LOW, hour=10), reading(3, LOW)]
    assert grades(course, [dose(1, "antipyretic")]) == [1, 2, 0, 0]
    assert grades(course, [dose(1, "antipyretic")], antipyretic_masks=timedelta(hours=48)) == [1, 2, 2, 2]
    assert grades(course, [dose(1, "steroid")]) == [1, 2, 2, 2]
    assert grades(course, [dose(1, "steroid")], anticytokine_masks=timedelta(hours=24)) == [1, 2, 0, 0]


def test_a_dose_before_any_fever_leaves_the_onset_unknown() -> None:
    """An antipyretic may have hidden it; a day later it has not; a dose given later never masks."""
    assert grades([reading(2, LOW)], [dose(1, "antipyretic")]) == [
        "not known: antipyretic_or_anticytokine; the grade may be 0 to 2"
    ]
    assert grades([reading(3, LOW)], [dose(1, "antipyretic")]) == [0]
    assert grades([reading(1, LOW)], [dose(1, "tocilizumab")]) == [0]
    assert grades([reading(2, WELL)], [dose(1, "antipyretic")]) == [0]


def test_a_dose_before_the_fever_masks_no_longer_than_an_antipyretic() -> None:
    """Tocilizumab of day 1 is no treatment of the CRS that began on day 5; one shortly before the fever counts."""
    course = [reading(5, FEVER), reading(5, LOW, hour=20)]
    assert grades(course, [dose(1, "tocilizumab")]) == [1, 0]
    assert grades(course, [dose(5, "tocilizumab", hour=7)]) == [1, 2]


def test_masking_ends_with_the_episode() -> None:
    """After a day without signs, hypotension alone is another matter; before that it belongs to the CRS."""
    quiet = [reading(1, FEVER), reading(2, WELL)]
    given = [dose(1, "tocilizumab")]
    assert grades([*quiet, reading(2, LOW, hour=20)], given) == [1, 0, 2]
    assert grades([*quiet, reading(3, LOW)], given) == [1, 0, 0]


def test_a_fever_of_another_cause_begins_nothing() -> None:
    """Its antipyretic makes no later hypotension a CRS."""
    course = [reading(1, FEVER, other_cause="yes"), reading(3, LOW)]
    assert grades(course, [dose(1, "steroid")]) == [0, 0]


def test_a_fever_with_a_grade_not_known_begins_the_syndrome() -> None:
    """Pressure not measured on day 1: the grade is open, the onset is not."""
    course = [reading(1, FEVER, systolic_mmhg=None), reading(2, LOW)]
    assert grades(course, [dose(1, "tocilizumab")]) == ["not known: hypotension; the grade may be 1 to 2", 2]


def test_episodes_with_their_treatment() -> None:
    """Onset, maximum, resolution after a quiet day, and what was given in between."""
    course = [
        reading(1, FEVER),
        reading(2, FEVER, vasopressors=("noradrenaline",)),
        reading(2, WELL, hour=20),
        reading(3, LOW),
        reading(4, WELL),
        reading(5, WELL),
        reading(9, FEVER),
    ]
    given = [dose(2, "tocilizumab"), dose(2, "steroid"), dose(1, "antipyretic"), dose(12, "steroid")]
    first, second = derive_treated_crs_episodes(reversed(course), given)
    assert (first.episode.onset, first.episode.maximum, first.episode.resolution) == (at(1), 3, at(4))
    assert (first.tocilizumab, first.steroids) == ((at(2, 9),), (at(2, 9),))
    assert [each.kind for each in first.other] == ["antipyretic"]
    assert (second.episode.onset, second.episode.resolution, second.steroids) == (at(9), None, ())


def test_readings_that_cannot_be_are_refused_at_once() -> None:
    """Words and numbers."""
    with pytest.raises(UsageError) as caught:
        VitalSigns(at=at(1), oxygen_device="mask", hypotension="low")  # type: ignore[arg-type]  # on purpose
    assert [each.where for each in caught.value.findings] == ["hypotension", "oxygen_device"]
    with pytest.raises(UsageError) as caught:
        VitalSigns(at=at(1), systolic_mmhg=Decimal(12), spo2_room_air_percent=Decimal("0.95"))
    assert [each.where.split()[0] for each in caught.value.findings] == ["systolic_mmhg", "spo2_room_air_percent"]
    with pytest.raises(UsageError, match="kind"):
        CrsTherapy(at=at(1), kind="paracetamol")  # type: ignore[arg-type]  # on purpose

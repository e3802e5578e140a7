"""CRS by ASTCT 2019: one element at a time, and what is not known."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from celltrial.errors import UsageError
from celltrial.missing import NotGradable
from celltrial.safety import CrsObservation, Grade, crs_episodes, grade_crs

FEVER = Decimal("38.0")


def grade(**seen: Any) -> int | str:
    """The grade of an observation with fever unless said otherwise; the reason where there is none."""
    result = grade_crs(CrsObservation(**({"temperature_c": FEVER, "hypotension": "no"} | seen)))
    return result.reason if isinstance(result, NotGradable) else result.value


@pytest.mark.parametrize(
    ("seen", "expected"),
    [
        ({}, 1),
        ({"temperature_c": Decimal("37.9")}, 0),
        ({"hypotension": "yes"}, 2),
        ({"oxygen": "low-flow"}, 2),
        ({"vasopressors": ("noradrenaline",)}, 3),
        ({"vasopressors": ("vasopressin",)}, 3),
        ({"vasopressors": ("noradrenaline", "vasopressin")}, 3),
        ({"vasopressors": ("Noradrenaline", " noradrenaline ")}, 3),
        ({"vasopressors": ("noradrenaline", "adrenaline")}, 4),
        ({"vasopressors": ("noradrenaline", "adrenaline", "vasopressin")}, 4),
        ({"oxygen": "high-flow"}, 3),
        ({"oxygen": "positive pressure"}, 4),
        ({"hypotension": "yes", "oxygen": "high-flow"}, 3),
        ({"temperature_c": Decimal("37.0"), "hypotension": "yes"}, 0),
        ({"temperature_c": Decimal("37.0"), "hypotension": "yes", "antipyretic_or_anticytokine": "yes"}, 2),
        ({"temperature_c": Decimal("37.0"), "antipyretic_or_anticytokine": "yes"}, 0),
        ({"oxygen": "positive pressure", "other_cause": "yes"}, 0),
        ({"death_due_to_crs": "yes", "temperature_c": None}, 5),
    ],
)
def test_grade(seen: dict[str, Any], expected: int) -> None:
    """Fever is required unless masked; the worse of circulation and breathing decides."""
    assert grade(**seen) == expected


def test_the_reasons_name_what_decided() -> None:
    """Two elements of the same grade are both named."""
    result = grade_crs(CrsObservation(temperature_c=FEVER, hypotension="yes", oxygen="low-flow"))
    assert result == Grade(2, ("hypotension without a vasopressor", "low-flow oxygen"))


def test_what_is_not_known_and_matters_is_named() -> None:
    """Not graded, with the range it may lie in; never grade 0."""
    assert grade(hypotension="unknown") == "not known: hypotension; the grade may be 1 to 2"
    assert grade(temperature_c=None) == "not known: temperature_c; the grade may be 0 to 1"
    assert grade(death_due_to_crs="unknown") == "not known: death_due_to_crs; the grade may be 1 to 5"


def test_what_is_not_known_and_does_not_matter() -> None:
    """Ventilated with fever is grade 4 whether or not the blood pressure was measured."""
    result = grade_crs(CrsObservation(temperature_c=FEVER, hypotension="unknown", oxygen="positive pressure"))
    assert result == Grade(4, ("positive-pressure ventilation", "whatever the value of: hypotension"))


def test_fahrenheit_is_not_a_fever() -> None:
    """A temperature that cannot be Celsius is refused."""
    assert grade(temperature_c=Decimal("101.3")) == "temperature 101.3 is not one in degrees Celsius (30 to 45)"


def test_contradictions_are_refused() -> None:
    """Death due to CRS and another cause cannot both hold."""
    assert "both recorded" in str(grade(death_due_to_crs="yes", other_cause="yes"))


def test_words_that_cannot_be_read() -> None:
    """All of them at once."""
    with pytest.raises(UsageError) as caught:
        CrsObservation(temperature_c=None, hypotension="maybe", oxygen="mask")  # type: ignore[arg-type]  # on purpose
    assert [each.where for each in caught.value.findings] == ["hypotension", "oxygen"]


def day(number: int, **seen: Any) -> CrsObservation:
    return CrsObservation(
        **({"temperature_c": FEVER, "hypotension": "no", "at": datetime(2026, 3, number, 8, tzinfo=UTC)} | seen)
    )


def test_episodes() -> None:
    """1 2 0 . 1: two episodes, the first resolved on day 3, the second going on."""
    cool = {"temperature_c": Decimal("36.8")}
    first, second = crs_episodes([day(2, hypotension="yes"), day(1), day(3, **cool), day(4, **cool), day(5)])
    assert (first.onset.day, first.maximum, first.resolution and first.resolution.day) == (1, 2, 3)
    assert (second.onset.day, second.maximum, second.resolution, second.last_observed.day) == (5, 1, None, 5)


def test_an_ungradable_day_neither_starts_nor_ends_an_episode() -> None:
    """It is kept in the episode it falls into, with its reason."""
    unknown = {"temperature_c": None}
    (episode,) = crs_episodes([day(1, **unknown), day(2), day(3, **unknown), day(4), day(5, temperature_c=Decimal(37))])
    assert (episode.onset.day, episode.resolution and episode.resolution.day) == (2, 5)
    assert [(at.day, reason) for at, reason in episode.not_gradable] == [
        (3, "not known: temperature_c; the grade may be 0 to 1")
    ]


def test_several_observations_at_one_time_count_at_their_worst() -> None:
    """A normal reading taken at the same time does not end the episode."""
    (episode,) = crs_episodes([day(1, temperature_c=Decimal(37)), day(1, oxygen="low-flow"), day(2)])
    assert (episode.maximum, episode.resolution) == (2, None)


def test_hours_at_a_grade() -> None:
    """Grade 3 from day 2 until grade 2 on day 4 is 48 hours; to day 3 it was certainly seen."""
    pressor = {"vasopressors": ("noradrenaline",)}
    (episode,) = crs_episodes([day(1), day(2, **pressor), day(3, **pressor), day(4, hypotension="yes"), day(6)])
    assert (episode.hours_at_least(3), episode.hours_seen_at_least(3)) == (48.0, 24.0)
    assert (episode.hours_at_least(4), episode.hours_seen_at_least(4)) == (0.0, 0.0)
    assert episode.hours_at_least(1) is None
    assert episode.hours_seen_at_least(1) == 120.0


def test_episodes_need_times() -> None:
    """An observation without a time is refused, not guessed."""
    with pytest.raises(UsageError, match="1 of 2 without"):
        crs_episodes([day(1), CrsObservation(temperature_c=FEVER, hypotension="no")])

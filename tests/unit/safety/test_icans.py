"""ICANS by ASTCT 2019: the worst of five domains, and what is not known."""

from datetime import UTC, datetime
from typing import Any

import pytest

from celltrial.errors import UsageError
from celltrial.missing import NotGradable
from celltrial.safety import Grade, IcansObservation, grade_icans, icans_episodes


def grade(**seen: Any) -> int | str:
    """The grade of an assessment with a full ICE score unless said otherwise; the reason where there is none."""
    result = grade_icans(IcansObservation(**({"ice": 10} | seen)))
    return result.reason if isinstance(result, NotGradable) else result.value


@pytest.mark.parametrize(
    ("ice", "expected"), [(10, 0), (9, 1), (7, 1), (6, 2), (3, 2), (2, 3), (1, 3), (0, 3)], ids=str
)
def test_ice_bands(ice: int, expected: int) -> None:
    """Every edge of the printed bands; 0 and awake is grade 3."""
    assert grade(ice=ice) == expected


@pytest.mark.parametrize(
    ("seen", "expected"),
    [
        ({"consciousness": "to voice"}, 2),
        ({"consciousness": "to tactile stimulus"}, 3),
        ({"consciousness": "unarousable"}, 4),
        ({"ice": 0, "consciousness": "unarousable"}, 4),
        ({"ice": 0, "consciousness": "to tactile stimulus"}, 3),
        ({"seizure": "resolving"}, 3),
        ({"seizure": "prolonged"}, 4),
        ({"deep_focal_weakness": "yes"}, 4),
        ({"cerebral_oedema": "focal"}, 3),
        ({"cerebral_oedema": "diffuse"}, 4),
        ({"ice": 8, "seizure": "resolving"}, 3),
        ({"ice": 0, "other_cause": "yes"}, 0),
        ({"death_due_to_icans": "yes"}, 5),
    ],
)
def test_domains(seen: dict[str, Any], expected: int) -> None:
    """The worst domain decides; another cause takes it away; death is grade 5."""
    assert grade(**seen) == expected


def test_ice_not_tested() -> None:
    """Without ICE a coma is still grade 4 and a seizure grade 3; awake and well is not grade 0."""
    assert grade(ice=None, consciousness="unarousable") == 4
    assert grade(ice=None, seizure="resolving") == 3
    assert grade(ice=None) == "not known: ice; the grade may be 0 to 3"
    assert grade(ice=None, consciousness="to voice") == "not known: ice; the grade may be 2 to 3"


def test_unknown_domains_are_named() -> None:
    """A grade holds whatever the unknown domain is, or is refused with its range."""
    assert grade(consciousness="unknown") == "not known: consciousness; the grade may be 0 to 4"
    certain = grade_icans(IcansObservation(ice=9, deep_focal_weakness="yes", seizure="unknown"))
    assert certain == Grade(4, ("deep focal motor weakness", "whatever the value of: seizure"))
    assert grade(other_cause="unknown", ice=9) == "not known: other_cause; the grade may be 0 to 1"


def test_impossible_values() -> None:
    """A score outside 0 to 10 and a contradiction are refused."""
    assert grade(ice=11) == "an ICE score of 11; it runs from 0 to 10"
    assert "both recorded" in str(grade(death_due_to_icans="yes", other_cause="yes"))
    with pytest.raises(UsageError, match="seizure"):
        IcansObservation(ice=10, seizure="yes")  # type: ignore[arg-type]  # on purpose


def test_episodes() -> None:
    """Onset, maximum and resolution of an episode."""
    seen = [(5, 8), (6, 2), (7, 7), (8, 10)]
    (episode,) = icans_episodes(
        [IcansObservation(ice=ice, at=datetime(2026, 3, number, tzinfo=UTC)) for number, ice in seen]
    )
    assert (episode.onset.day, episode.maximum, episode.resolution and episode.resolution.day) == (5, 3, 8)
    assert [value for _, value in episode.grades] == [1, 3, 1, 0]

"""IEC-HS: evidence with values and limits, grade from signs, episodes; it never diagnoses."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from celltrial.errors import UsageError
from celltrial.missing import NotGradable
from celltrial.safety import Grade
from celltrial.safety.iec_hs import (
    IecHsEvidence,
    IecHsObservation,
    assess_iec_hs,
    grade_iec_hs,
    iec_hs_episodes,
    iec_hs_grading_signs,
    iec_hs_numbers,
    iec_hs_signs,
)
from celltrial.tables import read_package_table

QUIET: Any = dict.fromkeys(iec_hs_grading_signs(), "no")


def assess(signs: dict[str, str] | None = None, **numbers: str) -> IecHsEvidence:
    return assess_iec_hs({name: Decimal(value) for name, value in numbers.items()}, signs or {})


def answer(evidence: IecHsEvidence, criterion: str) -> str:
    return next(each.answer for each in evidence.criteria if each.criterion == criterion)


def test_without_any_value_nothing_is_met_and_everything_unknown() -> None:
    """Never "no" for what was not looked at."""
    evidence = assess()
    assert evidence.required_met == "unknown"
    assert len(evidence.named("unknown")) == len(evidence.criteria) == 1 + 5 + 9
    assert evidence.named("yes") == ()


def test_evidence_is_a_list_with_counts_and_no_verdict() -> None:
    """Categories are counted; nothing of it is a diagnosis."""
    evidence = assess(
        {"after_crs": "yes", "cytopenias": "no", "fever": "yes"},
        ferritin_ug_l="5000",
        ferritin_uln="300",
        fibrinogen_g_l="1",
    )
    assert evidence.required_met == "yes"
    assert evidence.named("yes", "common") == ("onset", "fibrinogen")
    assert evidence.named("no", "common") == ("cytopenias",)
    assert evidence.named("yes", "other") == ("fever",)
    assert {field for field in dir(evidence) if "diagnos" in field} == set()


@pytest.mark.parametrize(
    ("numbers", "rising", "met"),
    [
        ({"ferritin_uln": "300"}, "no", "unknown"),
        ({"ferritin_ug_l": "500", "ferritin_uln": "300"}, "no", "unknown"),  # the baseline may be 200
        ({"ferritin_ug_l": "500", "ferritin_uln": "300", "ferritin_baseline": "300"}, "unknown", "unknown"),
        ({"ferritin_ug_l": "500", "ferritin_uln": "300", "ferritin_baseline": "300"}, "no", "no"),
        ({"ferritin_ug_l": "500", "ferritin_uln": "300", "ferritin_baseline": "300"}, "yes", "yes"),
        ({"ferritin_ug_l": "500", "ferritin_baseline": "200"}, "unknown", "yes"),
    ],
)
def test_ferritin_is_met_by_any_of_its_three_ways(numbers: dict[str, str], rising: str, met: str) -> None:
    """Over 2 x the limit, over 2 x the baseline, or rapidly rising; "no" needs all three known."""
    assert assess({"ferritin_rapidly_rising": rising}, **numbers).required_met == met


@pytest.mark.parametrize(
    ("numbers", "met"),
    [
        ({"alt_u_l": "200", "alt_uln": "40"}, "no"),  # an abnormal baseline only raises the limit
        ({"alt_u_l": "201", "alt_uln": "40"}, "unknown"),  # the baseline may be abnormal
        ({"alt_u_l": "201", "alt_baseline": "20"}, "unknown"),
        ({"alt_u_l": "201", "alt_uln": "40", "alt_baseline": "41"}, "no"),
    ],
)
def test_transaminases_against_an_abnormal_baseline(numbers: dict[str, str], met: str) -> None:
    """5 x the upper limit, or 5 x a baseline over it."""
    normal = {"ast_u_l": "20", "ast_uln": "40"}
    assert answer(assess(**normal, **numbers), "transaminases") == met


def test_a_criterion_tells_value_and_limit() -> None:
    """Of the parts that decide."""
    evidence = assess(ferritin_ug_l="601", ferritin_uln="300", ldh_u_l="300", triglycerides_mmol_l="4")
    reasons = {each.criterion: each.reason for each in evidence.criteria}
    assert reasons["ferritin"] == "ferritin_ug_l 601 ug/L, needs > 600 ug/L (2 x uln)"
    assert reasons["ldh"] == "ldh_u_l 300 U/L; ldh_uln not known"
    assert reasons["triglycerides"] == "triglycerides_mmol_l 4 mmol/L, needs > 3.0 mmol/L"


def test_flags() -> None:
    """A high ferritin before infusion; triglycerides between two prints of the limit."""
    assert assess(ferritin_uln="300", ferritin_baseline="600").flags == ()
    assert "before infusion" in assess(ferritin_uln="300", ferritin_baseline="601").flags[0]
    assert [len(assess(triglycerides_mmol_l=value).flags) for value in ("2.98", "2.995", "3.0", "3.01")] == [0, 1, 1, 0]


def test_numbers_and_words_that_make_no_sense_are_told_all_at_once() -> None:
    """A negative value, a limit of 0, a word."""
    with pytest.raises(UsageError) as caught:
        assess({"fever": "high"}, ferritin_ug_l="-1", ldh_uln="0")
    assert [finding.where for finding in caught.value.findings] == ["ferritin_ug_l", "ldh_uln", "fever"]


def test_names_of_the_inputs() -> None:
    """Values, limits and baselines; signs apart."""
    assert {"ferritin_ug_l", "ferritin_uln", "ferritin_baseline", "fibrinogen_lln", "alt_baseline"} <= set(
        iec_hs_numbers()
    )
    assert iec_hs_signs()[:2] == ("ferritin_rapidly_rising", "after_crs")
    assert not set(iec_hs_numbers()) & set(iec_hs_signs())


def test_the_tables_use_words_that_the_engine_reads() -> None:
    """Categories, operators and references."""
    rows = read_package_table("celltrial.safety.iec_hs", "criteria.csv")
    assert {row["category"] for row in rows} == {"required", "common", "other"}
    assert {row["operator"] for row in rows} <= {"", "<", "<=", ">", ">="}
    assert {row["reference"] for row in rows} == {"", "sign", "uln", "lln", "baseline", "uln_or_abnormal_baseline"}


def test_a_grade_names_its_signs() -> None:
    """Of the highest grade only; without any sign it is grade 1."""
    signs = QUIET | {"intervention_indicated": "yes", "ventilation": "yes", "dialysis": "yes"}
    assert grade_iec_hs(IecHsObservation(diagnosed="yes", **signs)) == Grade(4, ("ventilation", "dialysis"))
    assert grade_iec_hs(IecHsObservation(diagnosed="yes", **QUIET)) == Grade(1, ("IEC-HS without need of treatment",))
    severe = IecHsObservation(diagnosed="yes", **(QUIET | {"severe": "yes"}))
    assert grade_iec_hs(severe) == Grade(3, ("severe",))


@pytest.mark.parametrize(
    ("signs", "expected"),
    [
        ({"diagnosed": "yes", "dialysis": "yes", "ventilation": "unknown"}, 4),
        ({"diagnosed": "no", "dialysis": "unknown"}, 0),
        ({"diagnosed": "unknown"}, "not known: diagnosed; the grade may be 0 to 1"),
        ({"diagnosed": "unknown", "dialysis": "yes"}, "not known: diagnosed; the grade may be 0 to 4"),
        (
            {"diagnosed": "yes", "intervention_indicated": "unknown"},
            "not known: intervention_indicated; the grade may be 1 to 2",
        ),
        ({"diagnosed": "unknown", "death_due_to_iec_hs": "yes"}, 5),
        (
            {"diagnosed": "yes", "death_due_to_iec_hs": "unknown"},
            "not known: death_due_to_iec_hs; the grade may be 1 to 5",
        ),
        (
            {"diagnosed": "no", "death_due_to_iec_hs": "yes"},
            "death due to IEC-HS is recorded, and that IEC-HS is not diagnosed",
        ),
    ],
)
def test_what_is_not_known_is_tried_each_way(signs: dict[str, Any], expected: int | str) -> None:
    """It leaves the grade alone, or the reason names it with the range."""
    found = grade_iec_hs(IecHsObservation(**(QUIET | signs)))
    assert (found.value if isinstance(found, Grade) else found.reason) == expected


def test_signs_that_nobody_looked_at_leave_no_grade() -> None:
    """The defaults are unknown, but for death and severe signs of another kind."""
    found = grade_iec_hs(IecHsObservation(diagnosed="yes"))
    assert isinstance(found, NotGradable)
    assert found.reason.endswith("the grade may be 1 to 4")


def test_words_that_no_rule_knows() -> None:
    """Refused when the observation is built."""
    with pytest.raises(UsageError, match="dialysis"):
        IecHsObservation(diagnosed="yes", dialysis="maybe")  # type: ignore[arg-type]  # the point of the test


def test_episodes_have_onset_maximum_and_resolution() -> None:
    """1, 3, 0."""
    at = [datetime(2026, 3, day, tzinfo=UTC) for day in (1, 4, 6)]
    seen = [
        IecHsObservation(diagnosed="yes", at=at[0], **QUIET),
        IecHsObservation(diagnosed="yes", at=at[1], **(QUIET | {"bleeding_needing_transfusion": "yes"})),
        IecHsObservation(diagnosed="no", at=at[2], **QUIET),
    ]
    (episode,) = iec_hs_episodes(seen)
    assert (episode.onset, episode.maximum, episode.resolution) == (at[0], 3, at[2])

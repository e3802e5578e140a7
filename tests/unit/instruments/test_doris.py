"""DORIS remission: boundaries and flags, what is not known, what cannot be."""

from dataclasses import replace
from decimal import Decimal

import pytest

from celltrial.errors import UsageError
from celltrial.instruments import (
    DORIS_2017_CLINICAL_OFF,
    DORIS_2017_COMPLETE,
    DORIS_2021,
    DORIS_DRUG_FREE,
    RemissionVisit,
    assess_doris,
)
from celltrial.missing import NotEvaluable

VISIT = RemissionVisit(
    clinical_sledai=0,
    pga=Decimal("0.2"),
    prednisone_mg_per_day=Decimal("2.5"),
    on_antimalarial="yes",
    on_immunosuppressive="yes",
    on_biologic="no",
    is_treatment_stable="yes",
)
LOOSE = replace(DORIS_2021, is_pga_max_allowed=True)
STRICT = replace(DORIS_2021, is_prednisone_max_allowed=False)


@pytest.mark.parametrize(
    ("pga", "met", "met_when_inclusive"), [("0.49", "yes", "yes"), ("0.5", "no", "yes"), ("0.51", "no", "no")]
)
def test_pga_limit_is_strict_unless_told(pga: str, met: str, met_when_inclusive: str) -> None:
    visit = replace(VISIT, pga=Decimal(pga))
    assert assess_doris(visit).answer == met
    assert assess_doris(visit, LOOSE).answer == met_when_inclusive


@pytest.mark.parametrize(
    ("dose", "met", "met_when_strict"), [("4.99", "yes", "yes"), ("5", "yes", "no"), ("5.01", "no", "no")]
)
def test_glucocorticoid_limit_is_inclusive_unless_told(dose: str, met: str, met_when_strict: str) -> None:
    visit = replace(VISIT, prednisone_mg_per_day=Decimal(dose))
    assert assess_doris(visit).answer == met
    assert assess_doris(visit, STRICT).answer == met_when_strict


@pytest.mark.parametrize("rules", [DORIS_2021, LOOSE, STRICT], ids=["default", "loose", "strict"])
def test_a_value_on_a_disputed_limit_is_flagged_whatever_the_reading(rules: object) -> None:
    flags = assess_doris(replace(VISIT, pga=Decimal("0.50"), prednisone_mg_per_day=Decimal("5.0")), rules).flags
    assert [flag.split(":")[0] for flag in flags] == ["PGA is exactly 0.50", "glucocorticoid is exactly 5.0 mg/day"]


def test_no_flag_beside_the_limits_and_none_for_the_dose_off_treatment() -> None:
    assert assess_doris(VISIT).flags == ()
    assert assess_doris(replace(VISIT, prednisone_mg_per_day=Decimal(5)), DORIS_2017_CLINICAL_OFF).flags == ()


def test_an_incomplete_score_above_zero_decides_and_one_at_zero_does_not() -> None:
    scored = replace(VISIT, clinical_sledai=NotEvaluable("not known whether present: fever", lower_bound=4))
    assert assess_doris(scored).answer == "no"
    assert "at least 4 (not known whether present: fever)" in assess_doris(scored).reason
    for bound in (0, None):
        open_score = replace(VISIT, clinical_sledai=NotEvaluable("fever", lower_bound=bound))
        assert assess_doris(open_score).answer == "unknown"


def test_serology_matters_to_the_complete_forms_only() -> None:
    active = replace(VISIT, high_anti_dsdna="yes", low_complement="yes")
    assert assess_doris(active).answer == "yes"
    assert assess_doris(active, DORIS_2017_COMPLETE).answer == "no"
    assert assess_doris(VISIT, DORIS_2017_COMPLETE).answer == "unknown"
    assert assess_doris(replace(VISIT, high_anti_dsdna="yes"), DORIS_2017_COMPLETE).answer == "no"


def test_off_treatment_may_allow_hydroxychloroquine() -> None:
    visit = replace(VISIT, prednisone_mg_per_day=Decimal(0), on_immunosuppressive="no")
    assert assess_doris(visit, DORIS_2017_CLINICAL_OFF).answer == "yes"
    assert assess_doris(visit, DORIS_DRUG_FREE).answer == "no"
    assert assess_doris(visit, replace(DORIS_DRUG_FREE, is_antimalarial_allowed=True)).answer == "yes"
    assert assess_doris(replace(visit, on_antimalarial="unknown"), DORIS_DRUG_FREE).answer == "unknown"


def test_off_treatment_the_smallest_dose_counts() -> None:
    visit = replace(VISIT, prednisone_mg_per_day=Decimal("0.1"), on_immunosuppressive="no")
    assert assess_doris(visit, DORIS_2017_CLINICAL_OFF).answer == "no"


def test_the_conditions_are_told_in_the_published_order() -> None:
    names = [condition.name for condition in assess_doris(VISIT).conditions]
    assert names == ["clinical SLEDAI", "PGA", "glucocorticoid", "stable treatment"]


def test_what_cannot_be_is_told_all_at_once() -> None:
    with pytest.raises(UsageError) as told:
        RemissionVisit(
            clinical_sledai=106,
            pga=Decimal("3.1"),
            prednisone_mg_per_day=Decimal(-1),
            on_biologic="maybe",  # type: ignore[arg-type] # a word from outside
        )
    assert len(told.value.findings) == 4
    with pytest.raises(UsageError, match="PGA"):
        replace(VISIT, pga=Decimal("NaN"))
    with pytest.raises(UsageError, match="clinical SLEDAI"):
        replace(VISIT, clinical_sledai=NotEvaluable("fever", lower_bound=-1))


@pytest.mark.parametrize(
    ("taken", "stable", "answer"),
    [
        ("no", "no", "yes"),
        ("yes", "no", "no"),
        ("unknown", "no", "unknown"),
        ("unknown", "yes", "yes"),
        ("unknown", "unknown", "unknown"),
    ],
)
def test_stability_matters_only_where_something_is_taken(taken: str, stable: str, answer: str) -> None:
    words = {"on_antimalarial": taken, "on_immunosuppressive": "no", "is_treatment_stable": stable}
    assert assess_doris(replace(VISIT, **words)).answer == answer

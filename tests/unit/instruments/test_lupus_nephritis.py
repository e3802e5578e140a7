"""ISN/RPS classes, modified NIH indices, the trial's active class III or IV."""

from decimal import Decimal

import pytest

from celltrial.errors import UsageError
from celltrial.instruments import (
    GlomerularFindings,
    NephritisBiopsy,
    NihIndices,
    derive_isn_rps_class,
    judge_active_class_iii_or_iv,
    nih_components,
    parse_isn_rps_class,
    score_nih_extent,
    score_nih_indices,
)
from celltrial.missing import NotEvaluable

NAMES = [each.component for each in nih_components()]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("I", "I"),
        ("II", "II"),
        ("class iii", "III"),
        ("V + III", "III+V"),
        ("III (A/C) + V", "III (A/C)+V"),
        ("IV-G(A)", "IV-G (A)"),
        ("IV-S (C)", "IV-S (C)"),
        ("Classes IV A + V", "IV (A)+V"),
        ("V", "V"),
        ("VI", "VI"),
    ],
)
def test_classes_are_read_as_reports_write_them(text: str, shown: str) -> None:
    assert str(parse_isn_rps_class(text)) == shown


@pytest.mark.parametrize(
    "text", ["", "VII", "III+IV", "V (A)", "III-S", "II+V", "VI+V", "III+V+V", "2", "III/V", "II (C)"]
)
def test_what_the_classification_does_not_know_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="not a class"):
        parse_isn_rps_class(text)


def findings(
    involved: str | None, sclerosed: str | None = "0", membranous: str = "no", **more: str
) -> GlomerularFindings:
    return GlomerularFindings(
        involved_percent=None if involved is None else Decimal(involved),
        globally_sclerosed_percent=None if sclerosed is None else Decimal(sclerosed),
        membranous=membranous,  # type: ignore[arg-type]
        **more,  # type: ignore[arg-type]
    )


@pytest.mark.parametrize(
    ("found", "shown"),
    [
        (findings("49.9"), "III"),
        (findings("50"), "IV"),
        (findings("0.1"), "III"),
        (findings("49.9", membranous="yes"), "III+V"),
        (findings("50", membranous="yes"), "IV+V"),
        (findings("0", membranous="yes"), "V"),
        (findings("95", "90", residual_activity="no"), "VI"),
        (findings("95", "90", residual_activity="yes"), "IV"),
        (findings("95", "89.9"), "IV"),
        (findings("30", active_lesions="yes", chronic_lesions="no"), "III (A)"),
        (findings("30", active_lesions="yes", chronic_lesions="yes"), "III (A/C)"),
        (findings("60", active_lesions="no", chronic_lesions="yes"), "IV (C)"),
        (findings("60", active_lesions="yes"), "IV"),
        (findings("0", mesangial_deposits="yes", mesangial_hypercellularity="yes"), "II"),
        (findings("0", mesangial_deposits="yes", mesangial_hypercellularity="no"), "I"),
    ],
)
def test_classes_that_percentages_leave_no_choice_about(found: GlomerularFindings, shown: str) -> None:
    assert str(derive_isn_rps_class(found)) == shown


@pytest.mark.parametrize(
    ("found", "missing"),
    [
        (findings(None), "involved_percent"),
        (findings("60", None), "globally_sclerosed_percent"),
        (findings("95", "90"), "residual_activity"),
        (findings("60", membranous="unknown"), "membranous"),
        (findings("30", diffuse_wire_loops="yes"), "wire loops"),
        (findings("30", diffuse_wire_loops="unknown"), "wire loops"),
        (findings("0"), "mesangial_deposits"),
        (findings("0", mesangial_deposits="yes"), "mesangial_hypercellularity"),
        (findings("0", mesangial_deposits="no"), "none of the classes"),
    ],
)
def test_any_doubt_is_left_to_the_pathologist(found: GlomerularFindings, missing: str) -> None:
    result = derive_isn_rps_class(found)
    assert isinstance(result, NotEvaluable)
    assert missing in result.reason


def test_findings_that_cannot_be() -> None:
    with pytest.raises(UsageError) as caught:
        derive_isn_rps_class(findings("101", "-1", membranous="perhaps"))
    assert len(caught.value.findings) == 3


@pytest.mark.parametrize(
    ("percent", "score"), [("0", 0), ("0.1", 1), ("24.9", 1), ("25", 2), ("50", 2), ("50.1", 3), ("100", 3)]
)
def test_extent_of_a_lesion(percent: str, score: int) -> None:
    assert score_nih_extent(Decimal(percent)) == score


def test_extents_beyond_all_are_refused() -> None:
    for percent in ("-1", "100.1"):
        with pytest.raises(UsageError):
            score_nih_extent(Decimal(percent))


def test_necrosis_and_crescents_count_double() -> None:
    for name in NAMES:
        result = score_nih_indices(dict.fromkeys(NAMES, 0) | {name: 1})
        assert isinstance(result.activity, int)
        assert isinstance(result.chronicity, int)
        assert result.activity + result.chronicity == (2 if name in ("fibrinoid_necrosis", "cellular_crescents") else 1)
        assert result.contributing == (name,)


def test_a_missing_component_leaves_a_lower_bound() -> None:
    result = score_nih_indices({"fibrinoid_necrosis": 2})
    assert isinstance(result.activity, NotEvaluable)
    assert result.activity.lower_bound == 4
    assert "cellular_crescents" in result.activity.reason
    with pytest.raises(UsageError) as caught:
        score_nih_indices({"fibrinoid_necrosis": 4, "tubular_atrophy": -1})
    assert len(caught.value.findings) == 2


def indices(activity: int | NotEvaluable) -> NihIndices:
    return NihIndices(activity=activity, chronicity=0, contributing=())


@pytest.mark.parametrize(
    ("text", "activity", "answer"),
    [
        ("III (A)", None, "yes"),
        ("III (A/C)", None, "yes"),
        ("III (C)", None, "no"),
        ("IV-G (A)+V", None, "yes"),
        ("IV (C)+V", None, "no"),
        ("III", None, "unknown"),
        ("III", indices(0), "no"),
        ("III", indices(1), "yes"),
        ("IV+V", indices(NotEvaluable("?", lower_bound=1)), "yes"),
        ("IV+V", indices(NotEvaluable("?", lower_bound=0)), "unknown"),
        ("I", None, "no"),
        ("II", indices(3), "no"),
        ("V", None, "no"),
        ("VI", None, "no"),
    ],
)
def test_active_class_three_or_four(text: str, activity: NihIndices | None, answer: str) -> None:
    assert judge_active_class_iii_or_iv(parse_isn_rps_class(text), activity).answer == answer


def test_no_biopsy_is_unknown() -> None:
    assert judge_active_class_iii_or_iv(None).answer == "unknown"


@pytest.mark.parametrize(("text", "activity"), [("III (C)", 5), ("IV (A)", 0)])
def test_suffix_and_index_that_contradict_are_flagged(text: str, activity: int) -> None:
    assert judge_active_class_iii_or_iv(parse_isn_rps_class(text), indices(activity)).flags
    assert not judge_active_class_iii_or_iv(NephritisBiopsy(classes=("III",), suffix="A"), indices(2)).flags

"""What must hold of any GvHD, IEC-HS or HScore input, and of any stopping rule."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from celltrial.missing import NotGradable
from celltrial.safety import Grade, compute_stopping_boundaries, probability_rate_exceeds
from celltrial.safety.gvhd import (
    CHRONIC_ORGANS,
    AcuteGvhdObservation,
    ChronicSeverity,
    grade_acute_gvhd,
    grade_chronic_gvhd,
    grade_organ_stages,
    stage_acute_gvhd,
)
from celltrial.safety.hscore import HScoreFindings, score_hscore
from celltrial.safety.iec_hs import (
    IecHsObservation,
    assess_iec_hs,
    grade_iec_hs,
    iec_hs_grading_signs,
    iec_hs_numbers,
    iec_hs_signs,
)

YES_NO = ("no", "yes")
SEVERITIES = ("none", "mild", "moderate", "severe")
STAGES = {"skin": 4, "liver": 4, "upper_gi": 1, "lower_gi": 4}


def decimals(*texts: str) -> list[Decimal]:
    return [Decimal(text) for text in texts]


# each field of an assessment from mild to severe
ACUTE: dict[str, list[Any]] = {
    "rash_bsa_percent": decimals("0", "10", "25", "50", "51", "100"),
    "bullae": list(YES_NO),
    "desquamation_bsa_percent": decimals("0", "5", "6"),
    "bilirubin_mg_dl": decimals("1", "2", "3", "3.05", "6", "15", "16"),
    "upper_gi": ["none", "intermittent", "persistent"],
    "stool_ml_per_day": decimals("0", "499", "500", "999", "1000", "1500", "1501"),
    "stool_episodes_per_day": decimals("0", "2", "3", "4", "4.5", "5", "7", "8"),
    "severe_abdominal_pain": list(YES_NO),
    "grossly_bloody_stool": list(YES_NO),
}
SEEN = st.builds(AcuteGvhdObservation, **{name: st.sampled_from(levels) for name, levels in ACUTE.items()})
ORGAN_STAGES = st.fixed_dictionaries({organ: st.integers(0, highest) for organ, highest in STAGES.items()})
IEC_HS = st.builds(
    IecHsObservation,
    diagnosed=st.sampled_from(YES_NO),
    **dict.fromkeys(iec_hs_grading_signs(), st.sampled_from(YES_NO)),
).filter(lambda seen: not (seen.death_due_to_iec_hs == "yes" and seen.diagnosed == "no"))
HSCORE: dict[str, list[Any]] = {
    "immunosuppression": list(YES_NO),
    "temperature_c": decimals("37", "38.3", "38.4", "39.4", "39.5"),
    "hepatomegaly": list(YES_NO),
    "splenomegaly": list(YES_NO),
    "hemoglobin_g_l": decimals("120", "93", "92"),
    "leukocytes_10e9_l": decimals("6", "5.1", "5"),
    "platelets_10e9_l": decimals("200", "111", "110"),
    "ferritin_ug_l": decimals("100", "1999", "2000", "6000", "6001"),
    "triglycerides_mmol_l": decimals("1", "1.49", "1.5", "4", "4.01"),
    "fibrinogen_g_l": decimals("3", "2.51", "2.5"),
    "ast_u_l": decimals("10", "29", "30"),
    "haemophagocytosis": list(YES_NO),
}
FINDINGS = st.builds(HScoreFindings, **{name: st.sampled_from(levels) for name, levels in HSCORE.items()})


def value(grade: Grade | NotGradable) -> int:
    assert isinstance(grade, Grade)
    return grade.value


def told_range(reason: str) -> tuple[str, str]:
    """The two ends of "... may be A to B"."""
    low, _, high = reason.rpartition("may be ")[2].partition(" to ")
    return low, high


@given(stages=ORGAN_STAGES, organ=st.sampled_from(sorted(STAGES)))
def test_raising_a_stage_never_lowers_the_acute_grade(stages: dict[str, int], organ: str) -> None:
    """One organ from 0 to its highest stage, the rest equal."""
    grades = [value(grade_organ_stages(**(stages | {organ: stage}))) for stage in range(STAGES[organ] + 1)]
    assert grades == sorted(grades)


@given(seen=SEEN, field=st.sampled_from(sorted(ACUTE)))
def test_a_worse_sign_never_lowers_the_acute_grade(seen: AcuteGvhdObservation, field: str) -> None:
    """One sign from mild to severe, the rest equal."""
    grades = [value(grade_acute_gvhd(replace(seen, **{field: level})).grade) for level in ACUTE[field]]
    assert grades == sorted(grades)


@given(seen=SEEN, hidden=st.sets(st.sampled_from(sorted(set(ACUTE) - {"stool_ml_per_day", "stool_episodes_per_day"}))))
def test_a_hidden_sign_keeps_the_acute_grade_in_the_told_range(seen: AcuteGvhdObservation, hidden: set[str]) -> None:
    """The stages of every organ too. (Of volume and number one is enough, so hiding one is another measurement.)"""
    truth = grade_acute_gvhd(seen)
    unknown = {name: None if isinstance(getattr(seen, name), Decimal) else "unknown" for name in hidden}
    result = grade_acute_gvhd(replace(seen, **unknown))
    assert all(known.stage in organ.possible for known, organ in zip(truth.organs, result.organs, strict=True))
    if isinstance(result.grade, NotGradable):
        low, high = told_range(result.grade.reason)
        assert int(low) <= value(truth.grade) <= int(high)
    else:
        assert result.grade.value == value(truth.grade)


@given(seen=SEEN)
def test_hiding_all_stool_keeps_the_true_stage_possible(seen: AcuteGvhdObservation) -> None:
    """Nothing recorded is never stage 0."""
    true_stage = stage_acute_gvhd(seen)[3].stage
    hidden = stage_acute_gvhd(replace(seen, stool_ml_per_day=None, stool_episodes_per_day=None))[3]
    assert true_stage in hidden.possible


@given(
    scores=st.fixed_dictionaries(dict.fromkeys(CHRONIC_ORGANS, st.integers(0, 3))),
    organ=st.sampled_from(CHRONIC_ORGANS),
)
def test_chronic_severity_is_monotone_and_bounded(scores: dict[str, int | None], organ: str) -> None:
    """A higher score never lowers it; a hidden one keeps it in the told range."""
    found = [grade_chronic_gvhd(scores | {organ: score}) for score in range(4)]
    places = [SEVERITIES.index(each.value) for each in found if isinstance(each, ChronicSeverity)]
    assert len(places) == 4
    assert places == sorted(places)
    hidden = grade_chronic_gvhd(scores | {organ: None})
    if isinstance(hidden, NotGradable):
        assert told_range(hidden.reason) == (SEVERITIES[places[0]], SEVERITIES[places[-1]])
        assert places[0] != places[-1]
    else:
        assert set(places) == {SEVERITIES.index(hidden.value)}


@given(seen=IEC_HS, sign=st.sampled_from(sorted(set(iec_hs_grading_signs()) - {"death_due_to_iec_hs"})))
def test_iec_hs_is_monotone_in_each_sign(seen: IecHsObservation, sign: str) -> None:
    """A sign more never lowers the grade."""
    without, present = (value(grade_iec_hs(replace(seen, **{sign: word}))) for word in YES_NO)  # type: ignore[arg-type]  # words by name
    assert without <= present


@given(seen=IEC_HS, hidden=st.sets(st.sampled_from(("diagnosed", *iec_hs_grading_signs()))))
def test_a_hidden_sign_keeps_the_grade_of_iec_hs_in_the_told_range(seen: IecHsObservation, hidden: set[str]) -> None:
    """Whatever is hidden."""
    found = grade_iec_hs(replace(seen, **dict.fromkeys(hidden, "unknown")))  # type: ignore[arg-type]  # words by name
    if isinstance(found, NotGradable):
        low, high = told_range(found.reason)
        assert int(low) <= value(grade_iec_hs(seen)) <= int(high)
    else:
        assert found.value == value(grade_iec_hs(seen))


@given(
    numbers=st.fixed_dictionaries(dict.fromkeys(iec_hs_numbers(), st.integers(1, 40).map(Decimal))),
    signs=st.fixed_dictionaries(dict.fromkeys(iec_hs_signs(), st.sampled_from(YES_NO))),
    hidden=st.sets(st.sampled_from((*iec_hs_numbers(), *iec_hs_signs())), max_size=6),
)
def test_hidden_evidence_never_contradicts_the_truth(
    numbers: dict[str, Decimal | None], signs: dict[str, str], hidden: set[str]
) -> None:
    """A criterion with something missing keeps its answer or is unknown; with everything known none is unknown."""
    truth = assess_iec_hs(numbers, signs)
    assert truth.named("unknown") == ()
    less = assess_iec_hs(
        {name: number for name, number in numbers.items() if name not in hidden},
        {name: word for name, word in signs.items() if name not in hidden},
    )
    for known, seen in zip(truth.criteria, less.criteria, strict=True):
        assert seen.answer in (known.answer, "unknown")


@given(findings=FINDINGS, field=st.sampled_from(sorted(HSCORE)))
def test_a_worse_finding_never_lowers_the_hscore(findings: HScoreFindings, field: str) -> None:
    """One finding from normal to worst, the rest equal."""
    totals = [score_hscore(replace(findings, **{field: level})).lowest for level in HSCORE[field]]
    assert totals == sorted(totals)


@given(findings=FINDINGS, hidden=st.sets(st.sampled_from(sorted(HSCORE))))
def test_a_hidden_finding_keeps_the_hscore_in_the_told_range(findings: HScoreFindings, hidden: set[str]) -> None:
    """And the answer on the cut-off is never the wrong one."""
    truth = score_hscore(findings)
    unknown = {name: None if isinstance(HSCORE[name][0], Decimal) else "unknown" for name in hidden}
    result = score_hscore(replace(findings, **unknown))
    assert result.lowest <= truth.lowest == truth.highest <= result.highest
    assert result.reaches_cutoff in ("unknown", truth.reaches_cutoff)


@given(
    limit=st.floats(0.05, 0.6),
    cutoff=st.floats(0.6, 0.99),
    a=st.floats(0.2, 5),
    b=st.floats(0.2, 5),
)
def test_boundaries_separate_the_events_that_stop(limit: float, cutoff: float, a: float, b: float) -> None:
    """At the boundary the probability is over the cut-off, below it not; boundaries never fall with n."""
    rows = compute_stopping_boundaries(limit, cutoff=cutoff, max_n=8, prior=(a, b))
    for row in rows:
        over = [probability_rate_exceeds(limit, events=x, n=row.n, prior=(a, b)) > cutoff for x in range(row.n + 1)]
        assert (over.index(True) if True in over else None) == row.events
    known = [row.events for row in rows if row.events is not None]
    assert known == sorted(known)

"""Leaves on the person and on what people say: age, sex, scores, statements, judgements."""

from dataclasses import replace
from decimal import Decimal

import pytest

from celltrial.eligibility import Facts, Person, Score, screen
from eligibility_people import ANCHORS, AS_OF, day, eligible, judged, lab, one, result, run, said, with_lab

AGE = "age: {at: consent, from: 18, to: 60}"


@pytest.mark.parametrize(
    ("birth", "consent", "expected"),
    [
        ("1965-03-02", "2026-03-01", "met"),  # 60 until the day before the 61st birthday
        ("1965-03-01", "2026-03-01", "not met"),  # the 61st birthday
        ("2008-03-01", "2026-03-01", "met"),  # the 18th birthday
        ("2008-03-02", "2026-03-01", "not met"),
        ("1965-03", "2026-03-01", "unknown"),
        ("1965", "2026-03-01", "unknown"),
        ("1990", "2026-03-01", "met"),
        ("1950", "2026-03-01", "not met"),
        ("1965-03-02", "2026-03", "unknown"),
        ("2008-02-29", "2026-02-28", "not met"),  # completes on 1 March
        ("2008-02-29", "2026-03-01", "met"),
    ],
)
def test_age_in_completed_years_at_consent(birth: str, consent: str, expected: str) -> None:
    """18 to 60, both ends included; an incomplete date decides only where every day of it agrees."""
    facts = Facts(person=Person(birth=day(birth)))
    assert result(AGE, facts, anchors={"consent": consent}).words == expected


def test_age_needs_both_dates() -> None:
    """Without a birth date, or without a consent, the reason says which."""
    assert [each.why.value for each in result(AGE, Facts()).unknown] == ["no record"]
    anchors = {**ANCHORS, "consent": None}
    facts = Facts(person=Person(birth=day("1990-01-01")))
    found = screen(one(AGE), facts, stage="screening", anchors=anchors, as_of=AS_OF).results[0]
    assert [each.why.value for each in found.unknown] == ["anchor not dated"]


def test_sex_not_recorded_is_unknown() -> None:
    """Neither female nor male is assumed."""
    assert [result(f"sex: {sex}", Facts()).words for sex in ("female", "male")] == ["unknown", "unknown"]


SLEDAI = "score: sledai-2k\nat_least: 7\nwithin: 28 days before screening"


def sledai(total: int | None, *, low: int | None = None, high: int | None = None, on: str = "2026-03-02") -> Score:
    def number(value: int | None) -> Decimal | None:
        return None if value is None else Decimal(value)

    return Score(score="sledai-2k", total=number(total), lower=number(low), upper=number(high), assessed=day(on))


@pytest.mark.parametrize(
    ("scores", "expected"),
    [
        ((sledai(7),), "met"),
        ((sledai(6),), "not met"),
        ((sledai(None, low=7),), "met"),  # incomplete, and already enough
        ((sledai(None, low=6),), "unknown"),
        ((sledai(None, low=2, high=6),), "not met"),  # incomplete, and never enough
        ((sledai(None, low=2, high=7),), "unknown"),
        ((sledai(None),), "unknown"),
        ((sledai(8, on="2026-02-10"), sledai(6, on="2026-03-01")), "not met"),  # the latest
        ((sledai(8), sledai(6)), "not met"),  # the worst of a day
        ((sledai(8, on="2026-01-10"),), "unknown"),
        ((sledai(8, on="2026-02"), sledai(6, on="2026-02-20")), "unknown"),
        ((sledai(8, on="2026-02"), sledai(9, on="2026-02-20")), "met"),
        ((), "unknown"),
    ],
)
def test_sledai_at_seven(scores: tuple[Score, ...], expected: str) -> None:
    """Seven is enough; an incomplete score decides through its bounds."""
    assert result(SLEDAI, Facts(scores=scores)).words == expected


EULAR = "score: eular-acr-2019\nat_least: 10\nwith: [entry_ana, clinical_domain]\nwithin: by screening"


@pytest.mark.parametrize(
    ("total", "ana", "clinical", "expected"),
    [
        ("10", "yes", "yes", "met"),
        ("9", "yes", "yes", "not met"),
        ("12", "yes", "no", "not met"),  # enough points from antibodies alone are not enough
        ("12", "no", "yes", "not met"),
        ("12", "", "yes", "unknown"),
        ("9", "", "yes", "not met"),
    ],
)
def test_eular_acr_needs_entry_criterion_and_clinical_domain(
    total: str, ana: str, clinical: str, expected: str
) -> None:
    """Ten points, ANA, and one clinical domain: all three."""
    score = Score(
        score="eular-acr-2019",
        total=Decimal(total),
        flags={"entry_ana": ana, "clinical_domain": clinical},
        assessed=day("2026-03-01"),
    )
    assert result(EULAR, Facts(scores=(score,))).words == expected


CONTRACEPTION = """
attested: contraception_f
by: participant
covers: 28 days before lymphodepletion to 1 year after infusion
"""
LATER = {"lymphodepletion": "2026-04-01", "infusion": "2026-04-06"}


@pytest.mark.parametrize(
    ("statement", "anchors", "expected"),
    [
        (said("contraception_f"), {}, "met"),  # agreed; the dates are not known yet
        (said("contraception_f", "no"), {}, "not met"),
        (said("contraception_f", by="investigator"), {}, "unknown"),  # not the one to be asked
        (said("contraception_f", on="2026-03-04"), LATER, "met"),  # given 28 days before
        (said("contraception_f", on="2026-03-05"), LATER, "unknown"),  # in use since when?
        (said("contraception_f", on="2026-03-05", covers=("2026-03-04", "2027-04-06")), LATER, "met"),
        (said("contraception_f", on="2026-03-05", covers=("2026-03-05", "2027-04-06")), LATER, "not met"),
        (said("contraception_f", on="2026-03-01", covers=("2026-03-01", "2027-04-05")), LATER, "not met"),
    ],
)
def test_commitment_covers_its_span(statement: object, anchors: dict[str, str], expected: str) -> None:
    """From 28 days before lymphodepletion (4 March) until a year after infusion (6 April 2027), once dated."""
    facts = Facts(attestations=(statement,))  # type: ignore[arg-type]  # built by `said`
    assert result(CONTRACEPTION, facts, anchors=anchors).words == expected


def test_nobody_asked() -> None:
    """The reason is "not asked", and the next step is to ask."""
    found = result(CONTRACEPTION, Facts())
    assert [each.why.value for each in found.unknown] == ["not asked"]
    assert found.needs[0].unknown.do == "ask the participant about contraception f, and record the answer"


def test_the_latest_statement_counts() -> None:
    """A commitment taken back is no commitment."""
    facts = Facts(
        attestations=(said("contraception_f", "no", on="2026-03-02"), said("contraception_f", on="2026-03-01"))
    )
    assert result(CONTRACEPTION, facts).words == "not met"


ORGANS = """
judged: active_organ_involvement
by: investigator
answer: {any_of: [kidney, heart, lung, musculoskeletal, blood, vessels, other], not_only: [skin, mucosa]}
"""


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("kidney", "met"),
        ("skin; mucosa", "not met"),  # mucocutaneous only
        ("skin", "not met"),
        ("skin;kidney", "met"),
        ("no", "not met"),
        ("none", "not met"),
        ("liver", "unknown"),
        ("skin; liver", "unknown"),
        ("yes", "unknown"),
        ("", "unknown"),
    ],
)
def test_active_organs(answer: str, expected: str) -> None:
    """One of the organs named, not skin and mucosa alone; a word that is not on the list decides nothing."""
    assert result(ORGANS, Facts(judgements=(judged("active_organ_involvement", answer),))).words == expected


def test_judgement_is_awaited_with_the_evidence_shown() -> None:
    """A low platelet count is shown beside the question and answers nothing."""
    facts = with_lab(eligible(), lab("platelets", "12", "10*9/L"))
    found = run(facts).result("I08c")
    assert (found.words, [each.why.value for each in found.unknown]) == ("unknown", ["awaits judgement"])
    assert found.reasons[1].startswith(
        "to look at: platelets 12 10*9/L on 2026-03-02, the day of screening; needs below 30"
    )


def test_only_the_investigator_judges() -> None:
    """A judgement by somebody else is not one; yes and no are the only answers to a plain question."""
    leaf = "judged: disease_still_active\nby: investigator"
    by_nurse = replace(judged("disease_still_active", "yes"), given_by="coordinator")
    assert result(leaf, Facts(judgements=(by_nurse,))).words == "unknown"
    assert result(leaf, Facts(judgements=(judged("disease_still_active", "perhaps"),))).words == "unknown"
    assert result(leaf, Facts(judgements=(judged("disease_still_active", "no"),))).words == "not met"

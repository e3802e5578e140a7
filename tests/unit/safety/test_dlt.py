"""The DLT predicate: clauses, window, duration, relation, exclusions; it proposes and never decides."""

from typing import Any

import pytest

from celltrial.errors import UsageError
from celltrial.safety import DltProposal, Toxicity, propose_dlt
from celltrial.safety.dlt_rule import parse_clauses, parse_exclusions

CLAUSES: list[dict[str, object]] = [
    {"id": "D01", "kind": "crs", "grade_at_least": 4, "related": True},
    {"id": "D02", "kind": "crs", "grade_at_least": 3, "lasting_over": "72 hours", "related": True},
    {"id": "D06", "kind": "organ", "grade_at_least": 3, "lasting_over": "7 days", "related": True},
    {"id": "D08", "kind": "death"},
]
EXCLUSIONS: list[dict[str, object]] = [
    {"id": "X01", "kind": "licats"},
    {"id": "X02", "kind": "lymphodepletion_cytopenia"},
    {"id": "X03", "kind": "alopecia"},
    {"id": "X04", "kind": "isolated_lab"},
    {"id": "X07", "kind": "disease"},
]


def toxicity(**facts: Any) -> Toxicity:
    """A related CRS of grade 3 on study day 5, 4 days long, unless said otherwise."""
    usual = {"kind": "crs", "term": "CRS", "grade": 3, "onset_day": 5, "duration_hours": 96.0, "related": "yes"}
    return Toxicity(**(usual | facts))


def propose(*toxicities: Toxicity, **options: Any) -> DltProposal:
    return propose_dlt(toxicities, CLAUSES, EXCLUSIONS, **({"window_days": 28} | options))


def test_nothing_is_no() -> None:
    """No toxicity, no DLT proposed."""
    assert propose() == DltProposal(proposed="no", reasons=("no clause is met",), matches=())


def test_a_clause_met_is_yes_with_its_reason() -> None:
    """Grade 3 over 72 hours: clause D02 and why."""
    result = propose(toxicity(source="AE 1"))
    assert result.proposed == "yes"
    assert result.reasons == (
        "met: clause D02, CRS (AE 1): grade 3, onset on study day 5, lasted 96 h (over 72 h), related to the product",
    )


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"duration_hours": 72.0}, "no"),  # "over" is strict
        ({"duration_hours": 72.5}, "yes"),
        ({"duration_hours": None}, "unknown"),
        ({"duration_hours": None, "lasted_at_least_hours": 73.0}, "yes"),
        ({"duration_hours": None, "grade": 4}, "yes"),  # D01 asks for no duration
        ({"grade": 2}, "no"),
        ({"grade": None}, "unknown"),
        ({"related": "no"}, "no"),
        ({"related": "unknown"}, "unknown"),
        ({"onset_day": 29}, "yes"),  # the 28th day after the infusion
        ({"onset_day": 30}, "no"),
        ({"onset_day": -1}, "no"),
        ({"onset_day": None}, "unknown"),
        ({"kind": "organ", "term": "Hepatitis", "duration_hours": 169.0}, "yes"),
        ({"kind": "organ", "term": "Hepatitis", "duration_hours": 168.0}, "no"),
        ({"kind": "icans"}, "no"),  # no clause for it in this rule
        ({"kind": "organ", "term": "Sepsis", "grade": 5, "related": "no"}, "yes"),  # a death, and D08 asks no relation
    ],
)
def test_proposal(facts: dict[str, Any], expected: str) -> None:
    """Each element of a clause, at its edge and not known."""
    assert propose(toxicity(**facts)).proposed == expected


@pytest.mark.parametrize(
    ("facts", "clause"),
    [
        ({"is_licats": "yes"}, "X01"),
        ({"is_lymphodepletion_cytopenia": "yes"}, "X02"),
        ({"term": "Alopecia"}, "X03"),
        ({"is_isolated_lab": "yes"}, "X04"),
        ({"is_disease": "yes"}, "X07"),
    ],
)
def test_excluded_is_listed_for_adjudication(facts: dict[str, Any], clause: str) -> None:
    """An exclusion takes the toxicity out of the proposal and hands it to a person."""
    result = propose(toxicity(**({"kind": "organ", "term": "Rash", "duration_hours": 200.0} | facts)))
    assert result.proposed == "no"
    assert [match.exclusions for match in result.for_adjudication] == [(clause,)]
    assert "for adjudication" in result.reasons[0]


def test_an_exclusion_that_is_not_known_leaves_it_open() -> None:
    """Whether it is LICATS is not known: unknown, and said."""
    result = propose(toxicity(is_licats="unknown"))
    assert result.proposed == "unknown"
    assert "not known whether licats" in result.reasons[0]


def test_yes_outweighs_unknown_and_excluded() -> None:
    """One clear clause is enough; the rest is still listed."""
    result = propose(toxicity(grade=4), toxicity(duration_hours=None), toxicity(is_licats="yes"))
    assert result.proposed == "yes"
    assert {match.standing for match in result.matches} == {"met", "unknown", "excluded"}


def test_an_open_window_is_unknown() -> None:
    """Nothing yet on day 10 is not a no."""
    result = propose(observed_to_day=10)
    assert (result.proposed, result.reasons) == (
        "unknown",
        ("unknown: the window is open to study day 29, observed to day 10",),
    )
    assert propose(observed_to_day=29).proposed == "no"
    assert propose(toxicity(grade=4), observed_to_day=10).proposed == "yes"


def test_a_rule_that_cannot_be_read_tells_everything() -> None:
    """Unknown kinds, grades, spans, flags and misspelt keys: all findings at once."""
    bad: list[dict[str, object]] = [
        {"id": "D01", "kind": "cytokine", "grade_at_least": 7, "lasting_ovr": "72 hours"},
        {"kind": "crs", "grade_at_least": "3", "lasting_over": "3 months", "related": "yes"},
    ]
    with pytest.raises(UsageError) as caught:
        parse_clauses(bad)
    assert [each.message for each in caught.value.findings] == [
        "DLT rule: `kind` cannot be read",
        "DLT rule: `lasting_ovr` cannot be read",
        "DLT rule: `grade_at_least` cannot be read",
        "DLT rule: `id` is missing",
        "DLT rule: `lasting_over` cannot be read",
        "DLT rule: `related` cannot be read",
    ]
    with pytest.raises(UsageError, match="kind"):
        parse_exclusions([{"id": "X", "kind": "flare"}])


def test_grade_missing_only_for_death() -> None:
    """A clause needs its grade; a death is grade 5 of itself."""
    assert parse_clauses([{"id": "D", "kind": "death"}])[0].grade_at_least == 5
    with pytest.raises(UsageError, match="grade_at_least` is missing"):
        parse_clauses([{"id": "D", "kind": "crs"}])


def test_toxicity_words() -> None:
    """A kind or a flag that cannot be read is refused where it enters."""
    with pytest.raises(UsageError) as caught:
        toxicity(kind="CRS", related=True)
    assert [each.where for each in caught.value.findings] == ["related", "kind"]

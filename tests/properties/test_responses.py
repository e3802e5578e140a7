"""What must hold of any visit: missing is never met, what is definite stays so, and worse is never better."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from celltrial.instruments import (
    BICLA_EMBLEM,
    BICLA_TULIP,
    DORIS_2017_COMPLETE,
    DORIS_2017_COMPLETE_OFF,
    DORIS_2021,
    DORIS_DRUG_FREE,
    LLDAS_5,
    LLDAS_2016,
    LLDAS_DRUG_FREE,
    LldasVisit,
    RemissionVisit,
    ResponderConclusion,
    ResponderVisit,
    SriRules,
    TimeToEvent,
    assess_bicla,
    assess_doris,
    assess_lldas,
    assess_sri,
    bilag_systems,
    compute_flare_free_survival,
    compute_time_to_first_response,
    judge_durable_response,
    judge_maintained_response,
    judge_sustained_response,
)
from celltrial.missing import NotEvaluable

WORDS = st.sampled_from(["yes", "no"])
LOW_PGA = st.sampled_from(["0", "0.3", "0.49", "0.5", "0.51", "1", "1.01", "1.3", "3"]).map(Decimal)
DOSES = st.sampled_from(["0", "1", "5", "5.01", "7.5", "7.51", "20"]).map(Decimal)
NUMBERS = {"clinical_sledai", "sledai_2k", "pga", "prednisone_mg_per_day"}
DORIS_RULES = [DORIS_2021, DORIS_2017_COMPLETE, DORIS_2017_COMPLETE_OFF, DORIS_DRUG_FREE]
LLDAS_RULES = [LLDAS_2016, LLDAS_5, LLDAS_DRUG_FREE]
# where the better word is "yes"; of every other question the better word is "no"
GOOD = {"is_treatment_stable", "standard_doses"}


def visits_of(kind: type[Any]) -> st.SearchStrategy[Any]:
    """Visits at which everything is known, most of them near the limits."""
    parts: dict[str, st.SearchStrategy[Any]] = {}
    for field in fields(kind):
        better = "yes" if field.name in GOOD else "no"
        parts[field.name] = st.one_of(st.just(better), st.just(better), WORDS)
    numbers = {"pga": LOW_PGA, "prednisone_mg_per_day": DOSES}
    totals = {name: st.sampled_from([0, 0, 1, 4, 5, 8]) for name in ("clinical_sledai", "sledai_2k") if name in parts}
    return st.builds(kind, **(parts | numbers | totals))


def lose(visit: Any, lost: set[str]) -> Any:
    """The visit with the named fields not known."""
    return replace(visit, **{name: None if name in NUMBERS else "unknown" for name in lost})


def worsen(visit: Any, name: str) -> Any:
    """The visit with one field worse, or as it was where it is as bad as can be."""
    value = getattr(visit, name)
    if name in NUMBERS:
        limit = Decimal(3) if name == "pga" else 105
        return replace(visit, **{name: min(value + (1 if isinstance(value, int) else Decimal("0.5")), limit)})
    return replace(visit, **{name: "no" if name in GOOD else "yes"})


CASES = [(RemissionVisit, assess_doris, rules) for rules in DORIS_RULES]
CASES += [(LldasVisit, assess_lldas, rules) for rules in LLDAS_RULES]  # type: ignore[misc] # one list of two kinds
EACH = pytest.mark.parametrize(("kind", "assess", "rules"), CASES, ids=lambda each: getattr(each, "name", ""))


@EACH
@settings(max_examples=40)
@given(data=st.data())
def test_what_is_definite_without_everything_is_so_with_it(kind: type[Any], assess: Any, rules: Any, data: Any) -> None:
    visit = data.draw(visits_of(kind))
    lost = data.draw(st.sets(st.sampled_from([field.name for field in fields(kind)])))
    partial = assess(lose(visit, lost), rules).answer
    assert partial in ("unknown", assess(visit, rules).answer)


@EACH
@settings(max_examples=40)
@given(data=st.data())
def test_a_missing_number_is_never_met(kind: type[Any], assess: Any, rules: Any, data: Any) -> None:
    visit = data.draw(visits_of(kind))
    lost = data.draw(st.sampled_from([field.name for field in fields(kind) if field.name in NUMBERS]))
    assert assess(lose(visit, {lost}), rules).answer != "yes"


@EACH
@settings(max_examples=40)
@given(data=st.data())
def test_a_missing_word_that_could_matter_is_never_met(kind: type[Any], assess: Any, rules: Any, data: Any) -> None:
    visit = data.draw(visits_of(kind))
    name = data.draw(st.sampled_from([field.name for field in fields(kind) if field.name not in NUMBERS]))
    answers = {assess(replace(visit, **{name: word}), rules).answer for word in ("yes", "no")}
    partial = assess(lose(visit, {name}), rules).answer
    assert partial == ("unknown" if len(answers) > 1 else answers.pop())


@EACH
@settings(max_examples=40)
@given(data=st.data())
def test_worsening_one_input_never_makes_it_met(kind: type[Any], assess: Any, rules: Any, data: Any) -> None:
    visit = data.draw(visits_of(kind))
    name = data.draw(st.sampled_from([field.name for field in fields(kind)]))
    assert (assess(visit, rules).answer, assess(worsen(visit, name), rules).answer) != ("no", "yes")


@EACH
@settings(max_examples=40)
@given(data=st.data())
def test_an_incomplete_score_is_never_met(kind: type[Any], assess: Any, rules: Any, data: Any) -> None:
    visit = data.draw(visits_of(kind))
    name = "clinical_sledai" if kind is RemissionVisit else "sledai_2k"
    bound = data.draw(st.integers(0, getattr(visit, name)))
    partial = assess(replace(visit, **{name: NotEvaluable("an item", lower_bound=bound)}), rules).answer
    assert partial != "yes"
    assert partial in ("unknown", assess(visit, rules).answer)


GRADES = "ABCDE"


@dataclass(frozen=True)
class Pair:
    """A baseline and a visit at which everything is known."""

    baseline: ResponderVisit
    visit: ResponderVisit
    kept: Mapping[str, Any]


def assessments(grades: str) -> st.SearchStrategy[ResponderVisit]:
    return st.builds(
        ResponderVisit,
        sledai=st.integers(0, 14),
        bilag=st.fixed_dictionaries({system: st.sampled_from(grades) for system in bilag_systems()}),
        pga=st.sampled_from(["0", "0.1", "0.4", "1", "1.29", "1.3", "1.31", "3"]).map(Decimal),
        window_days=st.just(30),
    )


PAIRS = st.builds(
    Pair,
    assessments("ABCDDEE"),
    assessments("BCDDDEEE"),
    st.fixed_dictionaries(
        {name: st.sampled_from(["no", "no", "yes"]) for name in ("broke_medication_rules", "discontinued_early")}
    ),
)
RULES = [SriRules(points=points) for points in range(4, 9)] + [BICLA_TULIP, BICLA_EMBLEM]


def judge(pair: Pair, rules: Any) -> ResponderConclusion:
    assess: Any = assess_sri if isinstance(rules, SriRules) else assess_bicla
    return assess(pair.baseline, pair.visit, rules=rules, **pair.kept)  # type: ignore[no-any-return]


def lose_one(visit: ResponderVisit, lost: str) -> ResponderVisit:
    if lost in bilag_systems():
        return replace(visit, bilag={**visit.bilag, lost: ""})
    return replace(visit, **{lost: None})


INPUTS = ["sledai", "pga", *bilag_systems()]


@given(
    pair=PAIRS, rules=st.sampled_from(RULES), lost=st.sampled_from(INPUTS), when=st.sampled_from(["baseline", "visit"])
)
def test_a_missing_part_is_never_a_response_and_never_changes_a_definite_answer(
    pair: Pair, rules: Any, lost: str, when: str
) -> None:
    partial = judge(replace(pair, **{when: lose_one(getattr(pair, when), lost)}), rules)
    assert partial.answer in ("unknown", judge(pair, rules).answer)
    assert partial.answer != "yes"


@given(pair=PAIRS, rules=st.sampled_from(RULES), name=st.sampled_from(INPUTS))
def test_worsening_the_visit_never_makes_a_response(pair: Pair, rules: Any, name: str) -> None:
    visit = pair.visit
    if name in bilag_systems():
        worse = replace(visit, bilag={**visit.bilag, name: GRADES[max(GRADES.index(visit.bilag[name]) - 1, 0)]})
    elif name == "pga":
        worse = replace(visit, pga=min((visit.pga or Decimal(0)) + Decimal("0.1"), Decimal(3)))
    else:
        assert isinstance(visit.sledai, int)
        worse = replace(visit, sledai=visit.sledai + 1)
    before, after = judge(pair, rules), judge(replace(pair, visit=worse), rules)
    assert (before.answer, after.answer) != ("no", "yes")
    assert before.evaluable == after.evaluable


@given(pair=PAIRS)
def test_a_response_by_more_points_is_one_by_fewer(pair: Pair) -> None:
    answers = [judge(pair, SriRules(points=points)).answer for points in range(4, 9)]
    met = [answer == "yes" for answer in answers]
    assert met == sorted(met, reverse=True)


ANSWERS = st.lists(st.sampled_from(["yes", "no", "unknown"]), max_size=6).map(
    lambda words: [(28 * (i + 1), word) for i, word in enumerate(words)]
)


@given(answers=ANSWERS, data=st.data())
def test_a_completed_course_has_its_event_within_the_interval_told(answers: Any, data: Any) -> None:
    """Whatever the unknown visits were, the first event lies after `known_free_until` and not after an event's day."""
    full = [(day, data.draw(st.sampled_from(["yes", "no"])) if word == "unknown" else word) for day, word in answers]
    events = [day for day, word in full if word == "yes"]
    for compute in (compute_time_to_first_response, compute_flare_free_survival):
        told = compute(answers)
        if isinstance(told, TimeToEvent):
            assert all(day > (told.known_free_until or 0) for day in events)
            assert not told.is_event or events[0] <= told.day


@given(answers=ANSWERS, data=st.data())
def test_a_lasting_response_that_is_definite_stays_so(answers: Any, data: Any) -> None:
    full = [(day, data.draw(st.sampled_from(["yes", "no"])) if word == "unknown" else word) for day, word in answers]

    def judged(course: Any) -> list[str]:
        return [
            judge_durable_response(course, visits=2, is_follow_up_complete=True).answer,
            judge_maintained_response(course, days=56, is_follow_up_complete=True).answer,
            judge_sustained_response(course, from_day=56, until_day=112).answer,
        ]

    for partial, complete in zip(judged(answers), judged(full), strict=True):
        assert partial in ("unknown", complete)

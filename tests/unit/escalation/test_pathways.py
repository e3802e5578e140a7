"""Dose-transition pathways as data: complete, in order, each step with its decision."""

import pytest

from celltrial.errors import UsageError
from celltrial.escalation import Counts, Design, design_named, enumerate_trials
from celltrial.escalation.notation import read_history
from celltrial.escalation.pathways import Pathways, find_pathways


def boin(max_n: int = 9, **more: object) -> Pathways:
    return find_pathways(design_named("boin", target=0.30), levels=3, cohort_size=3, max_n=max_n, **more)


@pytest.mark.parametrize(
    ("name", "parameters", "levels", "max_n", "cohort_size"),
    [
        ("3+3", {"variant": "stop"}, 4, 24, 3),
        ("3+3", {"variant": "six"}, 3, 18, 3),
        ("boin", {}, 3, 12, 3),
        ("boin", {"titration": 3}, 3, 9, 3),
        ("crm", {}, 3, 9, 3),
        ("blrm", {"doses": "3 4.5 6"}, 3, 9, 3),
        ("keyboard", {}, 3, 8, 2),
    ],
)
def test_as_many_courses_as_the_enumeration_counts(
    name: str, parameters: dict[str, float | str], levels: int, max_n: int, cohort_size: int
) -> None:
    """The tree is walked here and merged there: two ways to the same number."""
    design = design_named(name, target=0.30, parameters=parameters)
    found = find_pathways(design, levels=levels, cohort_size=cohort_size, max_n=max_n)
    counted = enumerate_trials(design, levels=levels, cohort_size=cohort_size, max_n=max_n)
    assert found.count == len(list(found.paths())) == counted.paths


def test_the_published_numbers_of_courses_of_three_plus_three() -> None:
    """With a highest level that must have six: 46 courses of two levels, 154 of three (Norris, precautionary)."""
    design = design_named("3+3", target=0.30, parameters={"variant": "six"})
    counts = [find_pathways(design, levels=k, cohort_size=3, max_n=6 * k).count for k in (2, 3, 4, 5)]
    assert counts == [46, 154, 442, 1162]


def test_a_step_has_its_cohort_decision_and_reasons() -> None:
    found = boin()
    course = next(path for path in found.paths() if path.outcomes.startswith("1NNN 2NNT 2NTT"))
    assert [node.describe() for node in course.nodes] == ["escalate to 2", "stay at 2", "full: MTD 2"]
    assert course.last.counts == Counts(n=(3, 6, 0), dlt=(0, 3, 0), current=2)
    assert course.last.decision.reasons == (
        "3/6: 0.500 > lambda_d 0.359",
        "Pr(p > 0.30) = 0.87 < 0.95, so not eliminated",
    )


def test_every_decision_is_that_of_the_design() -> None:
    design = design_named("crm", target=0.25)
    found = find_pathways(design, levels=3, cohort_size=2, max_n=6)
    assert {node.decision == design.decide(node.counts) for node in found.nodes} == {True}


def test_a_stop_ends_a_course_and_a_full_trial_too() -> None:
    ends = {path.outcomes: (path.last.ends, path.last.selected) for path in boin().paths()}
    assert ends["1TTT"] == ("stop", None)
    assert ends["1NNN 2NNN 3NNN"] == ("full", 3)


def test_a_horizon_leaves_courses_open() -> None:
    found = boin(max_n=30, cohorts=2)
    assert found.depth == 2
    assert {node.ends for node in found.nodes if node.depth == 2} == {"horizon", "stop"}
    assert all(node.selected is None for node in found.nodes if node.ends == "horizon")


def test_a_trial_in_progress_goes_on_from_what_has_been_seen() -> None:
    begin = read_history("1NNN 2NNT", levels=3)
    found = boin(max_n=12, begin=begin)
    assert found.nodes[0].cohort == "2NNN"
    assert found.nodes[0].counts.n == (3, 6, 0)
    assert found.depth == 2


@pytest.mark.parametrize("history", ["1TTT", "1NNN 2NNT 2NNT"])
def test_a_trial_at_its_end_has_no_pathways(history: str) -> None:
    with pytest.raises(UsageError, match="the trial is at its end"):
        boin(begin=read_history(history, levels=3))


def test_the_last_cohort_is_smaller_where_there_is_no_room() -> None:
    assert {node.n for node in boin(max_n=8).nodes if node.depth == 3} == {2}


def test_merged_courses_keep_their_number_and_their_sources() -> None:
    """1NNT 1NNN and 1NNN 1... meet where counts, level and depth are the same."""
    found = find_pathways(design_named("crm", target=0.30), levels=3, cohort_size=3, max_n=12)
    merged = found.merge()
    assert sum(each.ways for each in merged) == len(found.nodes)
    assert len(merged) < len(found.nodes)
    assert all(max(each.before, default=-1) < each.place for each in merged)
    by_depth = {depth: sum(each.ways for each in merged if each.node.depth == depth) for depth in range(1, 5)}
    assert by_depth == {1: 4, 2: 16, 3: 64, 4: 256}


def test_what_cannot_be_is_refused() -> None:
    with pytest.raises(UsageError, match="too many pathways"):
        boin(max_n=30, max_nodes=100)
    with pytest.raises(UsageError, match="cohort size"):
        find_pathways(design_named("boin", target=0.30), levels=3, cohort_size=0, max_n=9)
    with pytest.raises(UsageError, match="when participants arrive"):
        find_pathways(design_named("boin", target=0.30, rules=[("backfill", {})]), levels=3, cohort_size=3, max_n=9)


def test_as_one_document() -> None:
    document = boin().to_json()
    assert document["count"] == len(document["paths"]) == 40
    assert document["nodes"][1] == {
        "id": 1,
        "parent": 0,
        "cohort": "2NNN",
        "level": 2,
        "n": 3,
        "dlts": 0,
        "seen": {"n": [3, 3, 0], "dlt": [0, 0, 0]},
        "action": "escalate",
        "next_level": 3,
        "reasons": ["0/3: 0.000 < lambda_e 0.236", "Pr(p > 0.30) = 0.24 < 0.95, so not eliminated"],
        "ends": None,
        "selected": None,
    }
    assert document["paths"][-1] == {
        "outcomes": "1TTT",
        "levels": [1],
        "dlts": [3],
        "ends": "stop",
        "next_level": None,
        "selected": None,
    }


def test_the_cohort_seen_last_matters_to_a_coherent_crm() -> None:
    """2/3 in the last cohort forbids an escalation that the data at the level alone would allow."""
    design = design_named("crm", target=0.30, parameters={"coherence": "last-cohort"})
    assert isinstance(design, Design)
    found = find_pathways(design, levels=3, cohort_size=3, max_n=9)
    assert {node.counts.last for node in found.nodes if node.cohort == "1NNT"} == {(1, 3)}

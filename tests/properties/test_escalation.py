"""Properties of the dose-finding designs, over any counts a trial can show."""

from dataclasses import replace
from itertools import pairwise

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings

from celltrial.escalation import (
    Action,
    APlusB,
    BaseRule,
    Boin,
    Counts,
    Decision,
    DeescalationLevel,
    Design,
    Eliminate,
    ExtraSafe,
    I3Plus3,
    Keyboard,
    MaxN,
    MinAtDose,
    MinToEscalate,
    MTpi,
    MTpi2,
    NoSkip,
    PrecisionStop,
    Rule,
    Sentinel,
    StopAtN,
    StopBelowLowest,
    StopWhenFull,
    ThreePlusThree,
    TooToxic,
    Tpi,
    add_level,
    compute_oc,
    enumerate_trials,
    prob_above,
    select_mtd,
    upper_bound,
)
from celltrial.escalation.batch import Batch, decide_many
from celltrial.escalation.mtd import select_by_rules
from celltrial.escalation.mtd_batch import select_many

targets = st.sampled_from([0.10, 0.17, 0.20, 0.25, 0.30, 0.33, 0.40])
bases = st.one_of(
    st.builds(Boin, target=targets),
    st.builds(I3Plus3, target=targets),
    st.builds(ThreePlusThree, target=targets, variant=st.sampled_from(["stop", "de-escalate", "six"])),
    st.builds(APlusB, target=targets, variant=st.sampled_from(["stop", "de-escalate", "six"]), e=st.integers(0, 2)),
    *(st.builds(base, target=targets) for base in (Keyboard, MTpi, MTpi2, Tpi)),
)
by_columns: st.SearchStrategy[BaseRule] = st.one_of(
    *(st.builds(base, target=targets) for base in (Boin, I3Plus3, Keyboard, MTpi, MTpi2, Tpi))
)


@st.composite
def all_counts(draw: st.DrawFn) -> Counts:
    """Counts over one to five levels, in no order a design would choose: people override."""
    levels = draw(st.integers(1, 5))
    n = tuple(draw(st.integers(0, 12)) for _ in range(levels))
    dlt = tuple(draw(st.integers(0, each)) for each in n)
    return Counts(n=n, dlt=dlt, current=draw(st.integers(1, levels)))


def rules_for(target: float) -> st.SearchStrategy[tuple[Rule, ...]]:
    """Any set of wrappers, in any order."""
    cutoffs = st.sampled_from([0.80, 0.90, 0.95])
    each: list[st.SearchStrategy[Rule]] = [
        st.just(NoSkip()),
        st.builds(Eliminate, target=st.just(target), cutoff=cutoffs, min_n=st.integers(1, 4)),
        st.builds(ExtraSafe, target=st.just(target), cutoff=cutoffs),
        st.just(StopBelowLowest()),
        st.builds(StopAtN, n=st.integers(3, 12)),
        st.builds(StopWhenFull, n=st.integers(3, 12)),
        st.builds(MaxN, n=st.integers(3, 30)),
        st.builds(StopAtN, n=st.integers(3, 12), when=st.just("any")),
        st.builds(TooToxic, limit=st.just(target), cutoff=cutoffs, level=st.sampled_from([1, 2, "any"])),
        st.builds(MinToEscalate, n=st.integers(2, 7)),
        st.builds(DeescalationLevel, n=st.integers(2, 7)),
        st.builds(Sentinel, cohort_size=st.integers(1, 4)),
        st.builds(MinAtDose, n=st.integers(2, 9)),
        st.builds(PrecisionStop, width=st.sampled_from([0.4, 0.6])),
    ]
    some = st.lists(st.sampled_from(range(len(each))), unique=True)
    return some.flatmap(lambda places: st.tuples(*(each[place] for place in places)))


designs = bases.flatmap(lambda base: rules_for(base.target).map(lambda rules: Design(base=base, rules=rules)))


def with_dlt(counts: Counts, level: int, *, more_n: int) -> Counts:
    """One more DLT at a level: in one more participant, or in one that had none so far."""
    n, dlt = list(counts.n), list(counts.dlt)
    n[level - 1] += more_n
    dlt[level - 1] += 1
    return replace(counts, n=tuple(n), dlt=tuple(dlt))


@given(designs, all_counts())
def test_a_decision_is_well_formed(design: Design, counts: Counts) -> None:
    """A level of the list unless the proposal is to stop; never an eliminated one; the action names the step."""
    decision = design.decide(counts)
    assert (decision.level is None) is (decision.action is Action.STOP)
    if decision.level is not None:
        assert 1 <= decision.level <= counts.levels
        assert decision.level not in decision.eliminated
        step = (decision.level > counts.current) - (decision.level < counts.current)
        assert step == {Action.ESCALATE: 1, Action.STAY: 0, Action.DE_ESCALATE: -1}[decision.action]
    assert decision.mtd is None or (decision.action is Action.STOP and decision.mtd not in decision.eliminated)


@given(designs, all_counts(), st.data())
def test_adding_a_dlt_never_escalates_further(design: Design, counts: Counts, data: st.DataObject) -> None:
    """One more DLT, in an evaluable participant or in a further one, never leads to a higher level."""
    level = data.draw(st.integers(1, counts.levels))
    dlts, n = counts.at(level)
    more_n = data.draw(st.integers(0 if dlts < n else 1, 1))
    before, after = design.decide(counts), design.decide(with_dlt(counts, level, more_n=more_n))
    # a stop may give way to a de-escalation (a full level found too toxic), never to a higher level
    assert after.level is None or after.level <= (counts.current if before.level is None else before.level)


@given(designs, all_counts())
def test_wrappers_never_raise_the_dose(design: Design, counts: Counts) -> None:
    """With its wrappers a design is never above its base rule, nor goes on where that stops."""
    bare, wrapped = Design(base=design.base).decide(counts), design.decide(counts)
    assert wrapped.level is None or (bare.level is not None and wrapped.level <= bare.level)


@given(designs, all_counts(), st.randoms(use_true_random=False))
def test_the_order_of_wrappers_changes_no_decision(design: Design, counts: Counts, random: object) -> None:
    """Order shows in the reasons only."""

    def outcome(decision: Decision) -> tuple[object, ...]:
        return decision.action, decision.level, decision.eliminated, decision.mtd

    shuffled = list(design.rules)
    random.shuffle(shuffled)  # type: ignore[attr-defined]  # Hypothesis gives a random.Random
    assert outcome(design.decide(counts)) == outcome(replace(design, rules=tuple(shuffled)).decide(counts))


with_columns = by_columns.flatmap(
    lambda base: rules_for(base.target).map(
        lambda rules: Design(base=base, rules=tuple(rule for rule in rules if hasattr(rule, "apply_many")))
    )
)


@given(with_columns, st.lists(all_counts(), min_size=1, max_size=4))
def test_columns_decide_as_single_states_do(design: Design, states: list[Counts]) -> None:
    """`decide_many` against `decide`, for counts that no enumeration would reach as well."""
    assert design.has_columns
    for counts in states:
        batch = Batch(n=np.array([counts.n]), dlt=np.array([counts.dlt]), current=np.array([counts.current]))
        many, one = decide_many(design, batch), design.decide(counts)
        assert bool(many.stop[0]) is (one.level is None)
        assert int(many.out[0]) == (one.eliminated[0] if one.eliminated else counts.levels + 1)
        if one.level is not None:
            assert (int(many.level[0]), int(many.size[0])) == (one.level, one.size or 0)


@given(all_counts(), targets, st.sampled_from([None, 0.05]), st.booleans())
def test_columns_select_as_single_states_do(
    counts: Counts, target: float, offset: float | None, bound_mtd: bool
) -> None:
    """The max-min formula against pooling adjacent violators."""
    rules: list[Rule] = [Eliminate(target=target)]
    rules += [] if offset is None else [ExtraSafe(target=target, offset=offset)]
    bound = dict(Boin(target=target).figures)["lambda_d"] if bound_mtd else None
    batch = Batch(n=np.array([counts.n]), dlt=np.array([counts.dlt]), current=np.array([counts.current]))
    one = select_by_rules(counts, target=target, rules=rules, bound=bound).level
    assert int(select_many(batch, target=target, rules=rules, bound=bound)[0]) == (one or 0)


@given(all_counts(), st.data())
def test_a_new_level_keeps_what_was_seen(counts: Counts, data: st.DataObject) -> None:
    """Adding a level changes neither the counts of the others nor the dose the trial is at."""
    above = data.draw(st.integers(0, counts.levels))
    more = add_level(counts, above=above)
    assert (more.n[above], more.dlt[above]) == (0, 0)
    assert more.n[:above] + more.n[above + 1 :] == counts.n
    assert more.dlt[:above] + more.dlt[above + 1 :] == counts.dlt
    assert more.at(more.current) == counts.at(counts.current)
    assert more.current != above + 1


@given(all_counts(), targets)
def test_the_selected_level_was_tried_and_not_eliminated(counts: Counts, target: float) -> None:
    """An MTD has data, is not too toxic, and the estimates rise with the dose."""
    selection = select_mtd(counts.n, counts.dlt, target=target)
    if selection.level is not None:
        assert counts.n[selection.level - 1] > 0
        assert selection.level not in selection.eliminated
    rates = [rate for rate in selection.estimates if isinstance(rate, float)]
    assert all(low <= high + 1e-12 for low, high in pairwise(rates))
    assert len(rates) == sum(each > 0 for each in counts.n)


@given(st.integers(0, 20), st.integers(1, 20), targets)
def test_probability_of_toxicity_rises_with_dlts(dlts: int, n: int, target: float) -> None:
    """And lies strictly between 0 and 1."""
    if dlts < n:
        assert 0 < prob_above(target, dlts, n) < prob_above(target, dlts + 1, n) < 1


@given(st.integers(1, 20), st.integers(1, 60))
def test_more_participants_without_dlt_say_more(n: int, more: int) -> None:
    """The upper bound for no DLT falls with n."""
    few, many = upper_bound(0, n), upper_bound(0, n + more)
    assert isinstance(few, float)
    assert isinstance(many, float)
    assert many < few


@settings(max_examples=25)
@given(designs, st.integers(1, 3), st.integers(1, 12), st.data())
def test_exact_probabilities_sum_to_one(design: Design, cohort_size: int, max_n: int, data: st.DataObject) -> None:
    """Selections and no selection make up all; nobody beyond the maximum; DLTs within participants."""
    levels = data.draw(st.integers(1, 3))
    truth = sorted(data.draw(st.floats(0, 1)) for _ in range(levels))
    start = min(2, levels)
    if any(isinstance(rule, DeescalationLevel) for rule in design.rules) and start == 1:
        return
    oc = compute_oc(enumerate_trials(design, levels=levels, cohort_size=cohort_size, max_n=max_n, start=start), truth)
    assert oc.none + sum(oc.selection) == pytest.approx(1, abs=1e-12)
    assert 0 < oc.expected_n <= max_n + 1e-9
    assert all(0 <= dlts <= n + 1e-12 for dlts, n in zip(oc.dlts, oc.patients, strict=True))

"""TITE-BOIN: the two estimates, the suspension, and what goes first."""

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

from celltrial.errors import UsageError
from celltrial.escalation import Counts, PartialCounts, PartialDecision, TiteBoin, decide_partial, design_named


def partial(n: int, dlts: int, pending: int, follow_up: float, level: int = 2) -> PartialCounts:
    """Three levels; these counts at one of them, 0/3 below, nobody above."""
    place = level - 1
    return PartialCounts(
        n=tuple([3] * place + [n] + [0] * (2 - place)),
        dlt=tuple([0] * place + [dlts] + [0] * (2 - place)),
        pending=tuple([0] * place + [pending] + [0] * (2 - place)),
        follow_up=tuple([0.0] * place + [follow_up] + [0.0] * (2 - place)),
        current=level,
    )


def decide(state: PartialCounts, rules: tuple[str, ...] = (), **parameters: str | float) -> PartialDecision:
    """TITE-BOIN with target 0.30."""
    named = [(rule, {"n": 6} if rule == "stop_at_n" else {}) for rule in rules]
    return decide_partial(design_named("tite-boin", target=0.30, parameters=parameters, rules=named), state)


def test_the_two_estimates_by_hand() -> None:
    """1 DLT in 6, 2 pending for 0.5 windows together."""
    assert TiteBoin(target=0.30).estimate(1, 6, 2, 0.5) == pytest.approx(1 / 4.5)
    imputed = TiteBoin(target=0.30, variant="single-mean-imputation")
    # q = 1.15 / 5 = 0.23, odds 0.2987, (1 + 0.2987 x 1.5) / 6
    assert imputed.estimate(1, 6, 2, 0.5) == pytest.approx(0.241342, abs=1e-6)


@pytest.mark.parametrize("variant", ["effective-sample-size", "single-mean-imputation"])
def test_with_full_follow_up_the_estimate_is_the_observed_rate(variant: str) -> None:
    """A pending participant on the last day of the window counts as one without DLT."""
    assert TiteBoin(target=0.30, variant=variant).estimate(1, 6, 2, 2.0) == pytest.approx(1 / 6)


def test_the_reason_has_the_numbers() -> None:
    """Rate, boundary, pending and follow-up."""
    decision = decide(partial(6, 1, 2, 1.5))
    assert decision.level == 3
    assert decision.reasons[0] == "1/6 with 2 pending for 1.50 windows: 0.182 < lambda_e 0.236"


def test_too_many_pending_suspend() -> None:
    """More than half, not half."""
    held = decide(partial(6, 0, 4, 3.9))
    assert (held.hold, held.stop, held.level) == (True, False, None)
    assert held.reasons[0] == "4 of 6 at level 2 are pending, more than 0.5 of them"
    assert held.reasons[-1] == "enrolment is suspended: 4 pending at level 2"
    assert decide(partial(6, 0, 3, 0.0)).level == 3


def test_max_pending_is_compared_as_a_decimal() -> None:
    """0.3 of 10 is 3, which binary numbers do not say."""
    assert not decide(partial(10, 0, 3, 0.0), max_pending=0.3).hold
    assert decide(partial(10, 0, 4, 0.0), max_pending=0.3).hold


def test_what_goes_first_is_an_option() -> None:
    """3 DLTs in 8 are above lambda_d whatever the 5 pending show."""
    state = partial(8, 3, 5, 0.0)
    assert decide(state).hold
    assert decide(state, certain="de-escalate").level == 1
    assert decide(state, variant="single-mean-imputation").level == 1
    assert decide(state, variant="single-mean-imputation", certain="suspend").hold


def test_an_elimination_goes_before_a_suspension() -> None:
    """4 DLTs in 6 rule the level out though 2 are pending."""
    decision = decide(partial(6, 4, 2, 0.0))
    assert (decision.level, decision.hold, decision.eliminated) == (1, False, (2, 3))


def test_below_the_lowest_level_with_somebody_pending_it_waits() -> None:
    """2 DLTs in 5 at level 1: down, but there is no level, and 1 is pending."""
    state = partial(5, 2, 1, 0.5, level=1)
    decision = decide(state)
    assert (decision.level, decision.hold) == (None, True)
    assert decide(partial(5, 2, 0, 0.0, level=1)).level == 1
    assert decide(state, rules=("stop_below_lowest",)).stop


def test_a_stop_for_size_waits_for_the_suspension() -> None:
    """Six at the level and nothing to change: stop; with four pending: wait first."""
    assert decide(partial(6, 2, 0, 0.0), rules=("stop_at_n",)).stop
    assert decide(partial(6, 1, 4, 1.0), rules=("stop_at_n",)).hold


def test_nobody_at_the_level_yet() -> None:
    """Treat there first."""
    assert decide(partial(0, 0, 0, 0.0)).level == 2


def test_at_the_highest_level_it_stays() -> None:
    """There is no level 4."""
    assert decide(partial(6, 0, 2, 1.0, level=3)).level == 3


@given(st.integers(1, 12), st.data(), st.sampled_from(["effective-sample-size", "single-mean-imputation"]))
@settings(max_examples=150)
def test_follow_up_never_lowers_and_a_dlt_never_raises_the_level(n: int, data: st.DataObject, variant: str) -> None:
    """A longer follow-up without DLT goes up or stays; a pending participant's DLT goes down or stays."""
    dlts = data.draw(st.integers(0, n))
    pending = data.draw(st.integers(0, n - dlts))
    follow_up = data.draw(st.floats(0, pending))
    more = data.draw(st.floats(follow_up, pending))
    now, later = (decide(partial(n, dlts, pending, each), variant=variant) for each in (follow_up, more))
    if now.level is not None and later.level is not None:
        assert later.level >= now.level
    if pending:
        shorter = min(follow_up, pending - 1)
        after = decide(partial(n, dlts + 1, pending - 1, shorter), variant=variant)
        if now.level is not None and after.level is not None:
            assert after.level <= now.level


def test_without_pending_participants_it_is_boin() -> None:
    """Every count up to nine."""
    boin, tite = design_named("boin", target=0.30), design_named("tite-boin", target=0.30)
    for n in range(1, 10):
        for dlts in range(n + 1):
            counts = Counts(n=(3, n, 0), dlt=(0, dlts, 0), current=2)
            assert tite.decide(counts).level == boin.decide(counts).level
            assert decide_partial(tite, partial(n, dlts, 0, 0.0)).level == boin.decide(counts).level


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"variant": "km"}, "no such variant of TITE-BOIN"),
        ({"certain": "maybe"}, "no such certain of TITE-BOIN"),
        ({"max_pending": 1.0}, "max_pending of TITE-BOIN is not a share below 1"),
        ({"p_saf": 0.4}, "the rates of BOIN are not in order"),
    ],
)
def test_options_that_do_not_exist_are_refused(parameters: dict[str, str | float], message: str) -> None:
    """Each with its finding."""
    with pytest.raises(UsageError, match=message):
        design_named("tite-boin", target=0.30, parameters=parameters)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"pending": (0, 4, 0)}, "impossible number of pending participants"),
        ({"follow_up": (0.0, 1.5, 0.0)}, "the follow-up does not fit"),
        ({"pending": (0, 1)}, "not given for every level"),
        ({"dlt": (0, 4, 0)}, "impossible counts of DLTs"),
    ],
)
def test_partial_counts_that_cannot_be_are_refused(change: dict[str, tuple[int, ...]], message: str) -> None:
    """Pending among those without DLT, follow-up among the pending."""
    good = {"n": (3, 3, 0), "dlt": (0, 1, 0), "pending": (0, 1, 0), "follow_up": (0.0, 0.5, 0.0), "current": 2}
    PartialCounts(**good)
    with pytest.raises(UsageError, match=message):
        PartialCounts(**good | change)


def test_a_design_for_complete_outcomes_holds_until_they_are_known() -> None:
    """BOIN with one pending waits; with none it decides."""
    boin = design_named("boin", target=0.30)
    waiting = decide_partial(boin, partial(3, 0, 1, 0.9))
    assert waiting.hold
    assert waiting.reasons == ("1 of 3 at level 2 are pending: this design decides on complete outcomes",)
    assert decide_partial(boin, partial(3, 0, 0, 0.0)).level == 3

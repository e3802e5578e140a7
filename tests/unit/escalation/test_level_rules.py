"""The wrappers about levels and cohorts, and those that wait: one by one, with the reasons they give."""

import pytest

from celltrial.errors import UsageError
from celltrial.escalation import Decision, count_cohorts, design_named, enumerate_trials, exact_oc, parse_outcomes

Rules = list[tuple[str, dict[str, float | str]]]


def decide(outcomes: str, rules: Rules, *, design: str = "boin", levels: int = 3, start: int = 1) -> Decision:
    """A design at a target of 0.30 inside these wrappers."""
    counts = count_cohorts(parse_outcomes(outcomes), levels=levels, start=start)
    return design_named(design, target=0.30, rules=rules).decide(counts)


def test_an_intermediate_level_opens_when_the_level_above_it_was_tried() -> None:
    """Passed on the way up, gone to on the way down, then a level like any other."""
    rules: Rules = [("intermediate", {"level": 2})]
    assert decide("1NNN", rules).level == 3
    assert decide("1NNN 3NTT", rules).level == 2
    assert decide("1NNN 3NTT 2NNN", rules).level == 3
    assert decide("1NNN 3TTT 2NNN", rules).level == 2
    assert decide("1NNN", [*rules, ("no_skip", {})]).level == 3


def test_an_intermediate_level_may_be_put_at_the_bottom_of_three_plus_three() -> None:
    """3+3 goes by the open levels too."""
    rules: Rules = [("intermediate", {"level": 2})]
    assert decide("1NNN", rules, design="3+3").level == 3
    assert decide("1NNN 3NTT", rules, design="3+3").level == 2


def test_a_de_escalation_level_keeps_the_trial_until_it_is_complete() -> None:
    """From level 2 down to the retreat, and up again with six."""
    rules: Rules = [("deescalation_level", {"n": 6})]
    assert decide("2NTT", rules).level == 1
    kept = decide("2NTT 1NNN", rules)
    assert kept.level == 1
    assert kept.reasons[-1] == "level 1 is a de-escalation level with 3 of 6 to go up again: stay"
    assert decide("2NTT 1NNN 1NNN", rules).level == 2


def test_a_trial_does_not_start_at_a_de_escalation_level() -> None:
    """A finding, and no enumeration."""
    design = design_named("boin", target=0.30, rules=[("deescalation_level", {})])
    with pytest.raises(UsageError, match="the trial starts at a de-escalation level"):
        enumerate_trials(design, levels=3, cohort_size=3, max_n=9, start=1)
    assert exact_oc(design, (0.1, 0.2, 0.3), cohort_size=3, max_n=3, start=2).patients == pytest.approx((0, 3, 0))


def test_a_sentinel_goes_first_at_each_new_level() -> None:
    """One, then two, then whole cohorts; after a DLT in the sentinel the design decides."""
    rules: Rules = [("sentinel", {})]
    first, rest, whole = (decide(each, rules) for each in ("", "1N", "1N 1NT"))
    assert (first.level, first.size) == (1, 1)
    assert (rest.level, rest.size) == (1, 2)
    assert rest.reasons[-1] == "the sentinel at level 1 has no DLT: complete the cohort of 3"
    assert (whole.level, whole.size) == (1, None)
    assert (decide("1N 1NN", rules).level, decide("1N 1NN", rules).size) == (2, 1)
    assert (decide("1N 1NN 2T", rules).level, decide("1N 1NN 2T", rules).size) == (1, None)


def test_going_up_may_need_more_participants() -> None:
    """0/3 stays until there are six."""
    rules: Rules = [("min_to_escalate", {"n": 6})]
    assert decide("1NNN", rules).reasons[-1] == "level 1 has 3 of 6 to go up: stay"
    assert (decide("1NNN", rules).level, decide("1NNN 1NNN", rules).level) == (1, 2)
    assert decide("1NNN 2NTT", rules).level == 1


def test_too_toxic_stops_with_no_dose() -> None:
    """At its own limit: 2/3 at the lowest level, Pr(p > 0.20) = 0.97."""
    rules: Rules = [("too_toxic", {"limit": 0.20, "cutoff": 0.90})]
    stopped = decide("1NTT", rules)
    assert (stopped.level, stopped.eliminated) == (None, (1, 2, 3))
    assert "too toxic: level 1 has 2/3, Pr(p > 0.20) = 0.97 > 0.90" in stopped.reasons
    assert decide("1NNN 2NTT", rules).level == 1
    anywhere: Rules = [("too_toxic", {"limit": 0.20, "cutoff": 0.90, "level": "any"})]
    assert decide("1NNN 2NTT", anywhere).level is None
    assert exact_oc(design_named("boin", target=0.3, rules=anywhere), (0.1, 0.9), cohort_size=3, max_n=9).none > 0.5


def test_stops_for_sufficiency_wait_for_the_minimum_at_the_dose() -> None:
    """The maximum waits for nobody."""
    rules: Rules = [("stop_at_n", {"n": 3}), ("min_at_dose", {"n": 6}), ("max_n", {"n": 9})]
    held = decide("1NNT", rules)
    assert (held.level, held.reasons[-1]) == (1, "level 1 has 3 of the 6 it must have: no stop yet")
    assert decide("1NNT 1NNT", rules).level is None
    assert decide("1NNN 2NNN 3NNT", rules).reasons[-1] == "9 evaluable of at most 9: stop"


def test_a_stop_at_n_may_look_at_any_decision() -> None:
    """Six at a level that would be left: BOIN's rule goes on, the simple one stops."""
    assert decide("1NNN 1NNN", [("stop_at_n", {"n": 6})]).level == 2
    stopped = decide("1NNN 1NNN", [("stop_at_n", {"n": 6, "when": "any"})])
    assert (stopped.level, stopped.reasons[-1]) == (None, "level 1 has 6 evaluable of 6: stop")


def test_a_precise_estimate_stops() -> None:
    """1/6 has the 90 % interval 0.05 to 0.52 (scipy.stats.beta.ppf)."""
    stopped = decide("1NNN 1NNT 2NNN 2NNT 3NNT 3NNT", [("precision_stop", {"width": 0.6})])
    assert stopped.reasons[-1].startswith(
        "level 3 would come next: 2/6, 90 % interval 0.13 to 0.66, width 0.53 <= 0.60"
    )
    assert decide("1NNT 1NNT", [("precision_stop", {"width": 0.5})]).level == 1
    stopped = decide("1NNT 1NNT", [("target_prob_stop", {"low": 0.2, "high": 0.5, "probability": 0.6})])
    assert stopped.reasons[-1] == ("level 1 would come next: 2/6, Pr(0.20 <= p <= 0.50) = 0.63 >= 0.60: stop")


def test_an_expansion_fills_the_declared_mtd() -> None:
    """3+3 declares level 2; three more there; 2/9 stays under a third, 3/9 does not."""
    rules: Rules = [("expansion", {"n": 12})]
    start = "1NNN 2NNN 3NTT 2NNN"
    assert decide(start, [], design="3+3").mtd == 2
    assert decide(start, rules, design="3+3").level == 2
    on = decide(f"{start} 2NTT", rules, design="3+3")
    assert (on.level, on.reasons[0]) == (2, "level 2 is in expansion: 2/9 = 0.22 < 0.33")
    done = decide(f"{start} 2NNN 2NNN", rules, design="3+3")
    assert (done.level, done.mtd) == (None, 2)
    down = decide(f"{start} 2TTT", rules, design="3+3")
    assert (down.level, down.reasons[0]) == (1, "level 2 was in expansion: 3/9 = 0.333 >= 0.330, no longer the MTD")


def test_an_expansion_that_is_cut_short_has_its_mtd() -> None:
    """The maximum sample size comes before the expansion is full: no trial loses its selection."""
    plain = design_named("3+3", target=0.30)
    more = design_named("3+3", target=0.30, rules=[("expansion", {"n": 12})])
    before = exact_oc(plain, (0.1, 0.2), cohort_size=3, max_n=12)
    after = exact_oc(more, (0.1, 0.2), cohort_size=3, max_n=13)
    assert after.expected_n > before.expected_n
    assert after.none < 0.2


def test_backfill_is_a_marker_and_has_no_exact_result() -> None:
    """Decisions pass; an enumeration says why it cannot be."""
    assert decide("1NNN", [("backfill", {})]).level == 2
    design = design_named("boin", target=0.30, rules=[("backfill", {})])
    with pytest.raises(UsageError, match=r"depends on when participants arrive.*simulate in calendar time"):
        enumerate_trials(design, levels=3, cohort_size=3, max_n=9)

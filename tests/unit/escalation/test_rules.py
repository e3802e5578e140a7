"""The wrappers, one by one, with the reasons they give."""

import pytest

from celltrial.errors import UsageError
from celltrial.escalation import (
    Boin,
    Counts,
    Decision,
    Design,
    Eliminate,
    ExtraSafe,
    MaxN,
    NoSkip,
    Proposal,
    Rule,
    StopAtN,
    StopBelowLowest,
    StopWhenFull,
    count_cohorts,
    parse_outcomes,
)


def decide(outcomes: str, *rules: Rule, levels: int = 3) -> Decision:
    """BOIN at a target of 0.30 inside these wrappers."""
    counts = count_cohorts(parse_outcomes(outcomes), levels=levels)
    return Design(base=Boin(target=0.30), rules=rules).decide(counts)


def test_no_skip_holds_a_base_rule_that_jumps() -> None:
    """None of ours does; a rule that would is held to one level above the current one."""
    counts = Counts(n=(3, 0, 0, 0), dlt=(0, 0, 0, 0), current=1)
    held = NoSkip().apply(Proposal(level=4, reasons=("jump",)), counts)
    assert (held.level, held.reasons) == (2, ("jump", "no level is skipped: level 2, not 4"))
    kept = Proposal(level=2)
    assert NoSkip().apply(kept, counts) is kept


def test_eliminate_takes_the_level_and_all_above_out() -> None:
    """3/3: Pr(p > 0.30) = 0.99."""
    decision = decide("1NNN 2TTT", Eliminate(target=0.30))
    assert (decision.action, decision.level, decision.eliminated) == ("de-escalate", 1, (2, 3))
    assert decision.reasons == ("3/3: 1.000 > lambda_d 0.359", "Pr(p > 0.30) = 0.99 > 0.95, so eliminated")


def test_eliminate_stops_an_escalation_into_an_eliminated_level() -> None:
    """Back at level 1 with no DLT in six, level 2 stays out."""
    decision = decide("1NNN 2TTT 1NNN", Eliminate(target=0.30))
    assert (decision.action, decision.level) == ("stay", 1)
    assert decision.reasons[1:] == (
        "Pr(p > 0.30) = 0.08 < 0.95, so not eliminated",
        "level 2 and above are eliminated: 3/3, Pr(p > 0.30) = 0.99 > 0.95, so eliminated",
        "level 2 is eliminated: level 1",
    )


def test_eliminate_at_the_lowest_level_stops_the_trial() -> None:
    """No dose is acceptable."""
    decision = decide("1TTT", Eliminate(target=0.30))
    assert (decision.action, decision.level, decision.eliminated) == ("stop", None, (1, 2, 3))
    assert decision.reasons[-1] == "level 1 is eliminated, the lowest: no dose is acceptable, stop"


def test_eliminate_lowers_a_stay() -> None:
    """A strict cutoff takes out a level at which the base rule would stay: 1/3 has Pr(p > 0.30) = 0.65."""
    decision = decide("1NNN 2NNT", Eliminate(target=0.30, cutoff=0.6))
    assert (decision.action, decision.level, decision.eliminated) == ("de-escalate", 1, (2, 3))
    assert decision.reasons[-1] == "level 2 is eliminated: level 1"


def test_eliminate_waits_for_enough_participants() -> None:
    """2/2 is beyond the cutoff for nobody before the third participant, as in BOIN."""
    assert decide("1TT", Eliminate(target=0.30)).eliminated == ()
    assert decide("1TT", Eliminate(target=0.30, min_n=2)).eliminated == (1, 2, 3)
    assert "not judged for elimination before 3 evaluable" in decide("1TT", Eliminate(target=0.30)).reasons


def test_a_probability_on_the_cutoff_is_not_beyond_it() -> None:
    """0/1 at a target of 0.50: Pr = 1/4 exactly."""
    rule = Eliminate(target=0.50, cutoff=0.25, min_n=1)
    assert not rule.is_eliminated(0, 1)
    assert rule.reason(0, 1) == "Pr(p > 0.50) = 0.25 = 0.25, so not eliminated"


def test_extra_safe_looks_at_the_lowest_level_only() -> None:
    """2/3 at level 1 has Pr = 0.92: over 0.90, under 0.95."""
    rules = (Eliminate(target=0.30), ExtraSafe(target=0.30))
    stopped = decide("1NTT", *rules)
    assert (stopped.action, stopped.eliminated) == ("stop", (1, 2, 3))
    assert "extra safe: level 1 has 2/3, Pr(p > 0.30) = 0.92 > 0.90" in stopped.reasons
    assert decide("1NNN 2NTT", *rules).action == "de-escalate"


def test_below_the_lowest_level_the_trial_stops_where_that_is_asked() -> None:
    """2/3 at level 1: BOIN alone stays, with the rule it stops."""
    assert decide("1NTT").action == "stay"
    stopped = decide("1NTT", StopBelowLowest())
    assert (stopped.action, stopped.level) == ("stop", None)
    assert stopped.reasons[-1] == "de-escalation below level 1, the lowest, after 2/3 there: stop"
    assert decide("1NNN 2NTT", StopBelowLowest()).action == "de-escalate"


def test_stop_at_n_stops_only_where_the_trial_would_stay() -> None:
    """Nine at the current level and one more cohort there: stop; otherwise go on."""
    rule = StopAtN(n=9)
    stopped = decide("1NNN 2NNT 2NNT 2NNT", rule)
    assert stopped.reasons[-1] == "level 2 has 9 evaluable of 9 and would get more: stop"
    assert stopped.action == "stop"
    assert decide("1NNN 2NNT 2NNT", rule).action == "stay"
    assert decide("1NNN 2NNN 2NNN 2NNN", rule).action == "escalate"
    assert decide("1NNT 1NNT 1NNT 2NTT", rule).action == "de-escalate"


def test_stop_when_full_looks_at_the_level_that_comes_next() -> None:
    """De-escalation to a level that has nine already."""
    stopped = decide("1NNT 1NNT 1NNT 2NTT", StopWhenFull(n=9))
    assert (stopped.action, stopped.reasons[-1]) == ("stop", "level 1 would come next and has 9 of 9: stop")
    assert decide("1NNN 2NNN 2NNN 2NNN", StopWhenFull(n=9)).action == "escalate"


def test_max_n_counts_all_levels() -> None:
    """Twelve evaluable."""
    stopped = decide("1NNN 2NNT 2NNT 3NNN", MaxN(n=12))
    assert (stopped.action, stopped.reasons[-1]) == ("stop", "12 evaluable of at most 12: stop")
    assert decide("1NNN 2NNT 2NNT 3NN", MaxN(n=12)).action == "stay"


def test_a_stop_does_not_hide_an_elimination() -> None:
    """Written before `eliminate` or after it: a full level found too toxic is left, and said to be eliminated."""
    for rules in (
        (StopAtN(n=3), Eliminate(target=0.30)),
        (Eliminate(target=0.30), StopAtN(n=3)),
    ):
        decision = decide("1NNN 2TTT", *rules)
        assert (decision.action, decision.level, decision.eliminated) == ("de-escalate", 1, (2, 3))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Eliminate(target=0.3, cutoff=95), "the cutoff of eliminate is not a rate"),
        (lambda: Eliminate(target=0.3, min_n=0), "min_n is not a number of participants"),
        (lambda: ExtraSafe(target=0.3, cutoff=0.95, offset=0.95), "cutoff - offset of extra_safe is not a rate"),
        (lambda: ExtraSafe(target=0.3, cutoff=2), "the cutoff of extra_safe is not a rate"),
        (lambda: StopAtN(n=0), "n of stop_at_n is not a number of participants"),
        (lambda: StopWhenFull(n=-1), "n of stop_when_full is not a number of participants"),
        (lambda: MaxN(n=0), "n of max_n is not a number of participants"),
    ],
)
def test_numbers_that_cannot_be_are_refused(make: object, message: str) -> None:
    """Cutoffs are rates, numbers of participants are positive."""
    with pytest.raises(UsageError, match=message):
        make()  # type: ignore[operator]  # a constructor with its arguments

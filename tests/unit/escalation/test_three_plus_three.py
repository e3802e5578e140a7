"""3+3 in its three variants, in field notation."""

import pytest

from celltrial.errors import UsageError
from celltrial.escalation import ThreePlusThree, count_cohorts, design_named, parse_outcomes


def decide(variant: str, outcomes: str, *, levels: int = 3) -> tuple[str, int | None, int | None]:
    """Action, next level and declared MTD after cohorts."""
    design = design_named("3+3", target=0.30, parameters={"variant": variant})
    decision = design.decide(count_cohorts(parse_outcomes(outcomes), levels=levels))
    return decision.action.value, decision.level, decision.mtd


@pytest.mark.parametrize("variant", ["stop", "de-escalate", "six"])
@pytest.mark.parametrize(
    ("outcomes", "expected"),
    [
        ("1NNN", ("escalate", 2, None)),
        ("1NNT", ("stay", 1, None)),
        ("1NNT 1NNN", ("escalate", 2, None)),
        ("1NNT 1NNT", ("stop", None, None)),
        ("1NTT", ("stop", None, None)),
        ("1N", ("stay", 1, None)),
        ("1NNN 2TT", None),
        ("1NNNN", ("escalate", 2, None)),
        ("1NNTN", ("stay", 1, None)),
        ("1NNT 1NNNN", ("escalate", 2, None)),
    ],
)
def test_what_all_variants_share(
    variant: str, outcomes: str, expected: tuple[str, int | None, int | None] | None
) -> None:
    """The cells; two DLTs of two cannot become fewer, so every variant turns back (how is its own affair)."""
    found = decide(variant, outcomes)
    assert found == expected if expected else found[0] in ("de-escalate", "stop")


@pytest.mark.parametrize(
    ("variant", "outcomes", "expected"),
    [
        # two DLTs above a level with three
        ("stop", "1NNN 2NTT", ("stop", None, 1)),
        ("de-escalate", "1NNN 2NTT", ("de-escalate", 1, None)),
        ("six", "1NNN 2NTT", ("de-escalate", 1, None)),
        # that level completed
        ("de-escalate", "1NNN 2NTT 1NNN", ("stop", None, 1)),
        ("de-escalate", "1NNN 2NTT 1NTN", ("stop", None, 1)),
        ("de-escalate", "1NNN 2NTT 1NTT", ("stop", None, None)),
        # two DLTs above a level with six
        ("de-escalate", "1NNT 1NNN 2NTT", ("stop", None, 1)),
        # the highest level
        ("stop", "1NNN 2NNN 3NNN", ("stop", None, 3)),
        ("de-escalate", "1NNN 2NNN 3NNN", ("stop", None, 3)),
        ("six", "1NNN 2NNN 3NNN", ("stay", 3, None)),
        ("six", "1NNN 2NNN 3NNN 3NNT", ("stop", None, 3)),
        # on the way down a level with five of six is completed before it is declared
        ("de-escalate", "1NNN 2NNN 3NTT 2NN", ("stay", 2, None)),
    ],
)
def test_where_the_variants_differ(variant: str, outcomes: str, expected: tuple[str, int | None, int | None]) -> None:
    """After two DLTs, and at the highest level."""
    assert decide(variant, outcomes) == expected


def test_a_trial_that_started_above_goes_down_to_an_untried_level() -> None:
    """`stop` cannot declare a level nobody was given."""
    assert decide("stop", "2NTT") == ("de-escalate", 1, None)


def test_a_late_dlt_below_turns_the_trial_back() -> None:
    """A second DLT at level 1, known only after level 2 was begun: level 1 and all above are too toxic."""
    design = design_named("3+3", target=0.30)
    decision = design.decide(count_cohorts(parse_outcomes("1NNT 1NNT 2NNN"), levels=3))
    assert decision.action == "stop"
    assert decision.reasons[0] == "level 1, below the current one, has 2 DLTs"


def test_cells_the_rule_does_not_have_say_so() -> None:
    """Only 3 and 6 participants are in the published rule."""
    rule = ThreePlusThree(target=0.30)
    noted = [n for n in range(1, 9) if rule.cell(0, n).reason.endswith("(not a cell of the published rule)")]
    assert noted == [1, 2, 4, 5, 7, 8]


def test_an_unknown_variant_lists_those_there_are() -> None:
    """And the target is checked at the same time."""
    with pytest.raises(UsageError) as caught:
        ThreePlusThree(target=3, variant="rolling")  # type: ignore[arg-type]  # what a user may type
    assert [each.message for each in caught.value.findings] == [
        "the target DLT rate is not a rate",
        "no such variant of 3+3",
    ]
    assert caught.value.findings[1].expected == "stop, de-escalate, six"

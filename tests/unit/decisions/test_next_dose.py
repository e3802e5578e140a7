"""The next dose from the record: who counts, what is proposed, what stands in its way."""

import pytest

from celltrial.decisions.next_dose import propose_next_dose, signed_decisions
from trial_builder import Story, ct1192


def three_at_dl1(dlts: int = 0) -> Story:
    """Three participants at DL1, windows complete and adjudicated, `dlts` of them with a DLT."""
    story = Story()
    story.decide("start", "DL1", day=0)
    for number, day in enumerate((30, 50, 70)):
        story.dose(f"01-00{number + 1}", "DL1", day=day)
    for number in range(3):
        story.adjudicate(f"01-00{number + 1}", day=100, dlt="yes" if number < dlts else "no")
    return story


def test_the_first_proposal_is_to_start_at_the_start_level() -> None:
    """Before anyone is dosed the answer is start, with its reason."""
    story = Story()
    proposal = propose_next_dose(story.study, story.state, as_of=story.now)
    assert (proposal.action, proposal.level) == ("start", "DL1")
    assert "no participant has been dosed" in proposal.reasons[0]


@pytest.mark.parametrize(
    ("dlts", "action", "level", "cell"),
    [
        # BOIN 0.30 at n = 3: escalate if <= 0, de-escalate if >= 2, eliminate at 3 (Liu and Yuan 2015, table 1)
        (0, "escalate", "DL2", "0/3 at DL1: escalate"),
        (1, "stay", "DL1", "1/3 at DL1: stay"),
        (3, "stop", "", "3/3 at DL1: stop"),
    ],
)
def test_the_proposal_follows_the_designs_table(dlts: int, action: str, level: str, cell: str) -> None:
    """Counts come from the adjudicated assessments; the cell of the table is named."""
    story = three_at_dl1(dlts)
    proposal = propose_next_dose(story.study, story.state, as_of=story.now)
    assert (proposal.action, proposal.level, proposal.table_cell) == (action, level, cell)
    assert proposal.blocked == ()
    assert proposal.evaluable["DL1"] == 3
    assert proposal.dlts["DL1"] == dlts


def test_one_who_is_not_evaluable_is_named_and_not_counted() -> None:
    """The denominator holds evaluable participants only."""
    story = three_at_dl1()
    story.dose("01-004", "DL1", day=110)
    story.adjudicate("01-004", day=140, evaluable="no")
    proposal = propose_next_dose(story.study, story.state, as_of=story.now)
    assert proposal.evaluable["DL1"] == 3
    assert proposal.not_evaluable == ("01-004",)


def test_an_open_window_blocks_and_says_who_and_until_when() -> None:
    """Day 28 after the infusion is the last day of the window."""
    story = three_at_dl1()
    story.dose("01-004", "DL1", day=110)
    story.at(120)
    proposal = propose_next_dose(story.study, story.state, as_of=story.now)
    assert proposal.incomplete == ("01-004",)
    assert [finding.message for finding in proposal.blocked] == [
        f"the DLT window of 01-004 at DL1 is open until {story.day(138)} (day 28)"
    ]


def test_a_closed_window_without_adjudication_blocks_too() -> None:
    """A DLT is adjudicated by a person; the end of the window alone does not count anyone."""
    story = three_at_dl1()
    story.dose("01-004", "DL1", day=110)
    story.at(140)
    proposal = propose_next_dose(story.study, story.state, as_of=story.now)
    assert "has not been adjudicated" in proposal.blocked[0].message


def test_a_later_assessment_replaces_the_earlier_one() -> None:
    """The latest adjudication of a participant is the one that counts."""
    story = three_at_dl1()
    story.adjudicate("01-001", day=101, dlt="yes")
    proposal = propose_next_dose(story.study, story.state, as_of=story.now)
    assert proposal.dlts["DL1"] == 1


def test_a_decision_is_in_force_only_when_signed() -> None:
    """An unsigned decision opens nothing."""
    story = Story()
    story.decide("start", "DL1", day=0, sign=False)
    assert signed_decisions(story.state) == ()
    story.sign(story.state.length)
    assert [entry.body.number for entry in signed_decisions(story.state)] == ["1"]


def test_the_same_proposal_has_the_same_content_hash() -> None:
    """The hash covers what was shown: another count is another hash."""
    story = three_at_dl1()
    first = propose_next_dose(story.study, story.state, as_of=story.now)
    again = propose_next_dose(story.study, story.state, as_of=story.now)
    story.adjudicate("01-001", day=101, dlt="yes")
    changed = propose_next_dose(story.study, story.state, as_of=story.now)
    assert first.content_hash == again.content_hash != changed.content_hash


def test_three_plus_three_and_i3_plus_3_are_one_line_away() -> None:
    """The study file names the design; any of the three answers from the same record."""
    from dataclasses import replace

    story = three_at_dl1(1)
    for design, action in (("3+3", "stay"), ("i3+3", "stay")):
        settings = replace(ct1192().escalation, design=design, parameters={})
        proposal = propose_next_dose(replace(ct1192(), escalation=settings), story.state, as_of=story.now)
        assert (proposal.design, proposal.action) == (design, action)

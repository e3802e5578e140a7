"""Replay of signed decisions under another design: read only, on the data of each cut."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from celltrial.codes import PersonId, SubjectId
from celltrial.decisions import signable_hash
from celltrial.decisions.next_dose import propose_next_dose
from celltrial.decisions.replay import replay_decisions, with_design
from celltrial.errors import UsageError
from celltrial.record import Author, DataCut, Draft, Record, Signature, SrcDecision
from celltrial.study import Study
from trial_builder import CHAIR, INVESTIGATOR, START, Story, ct1192

OPENED = Author(person=PersonId("sponsor.rep"), role="sponsor", site="01")


class Recorded(Story):
    """The story of trial_builder.py, written to a record on disk so that its cuts can be found again."""

    def __init__(self, path: Path) -> None:
        self.study = ct1192()
        self.record = Record.create(path, self.study, author=OPENED, at=START, simulated="yes", seed="1")
        self.now = START

    @property
    def state(self):
        return self.record.state()

    def write(self, body, subject=None, *, author=INVESTIGATOR, why="test") -> int:
        draft = Draft(body=body, subject=SubjectId(subject) if subject else None, why=why)
        return self.record.append([draft], author=author, at=self.now)[0].seq

    def decide(self, action: str, level: str, *, day: int, override: str = "", sign: bool = True) -> None:
        self.at(day)
        state, number = self.state, str(len(self.state.entries(SrcDecision)) + 1)
        cut = DataCut(
            cut=f"cut-{number}",
            as_of=self.now.isoformat(),
            head=state.head,
            events=str(state.length),
            purpose="dose decision",
        )
        self.write(cut)
        proposal = propose_next_dose(self.study, state, as_of=self.now)
        seq = self.write(
            SrcDecision(
                number=number,
                cut=cut.cut,
                design=proposal.design,
                proposed_action=proposal.action,
                proposed_level=proposal.level,
                action=action,
                level=level,
                override_reason=override,
                content_hash=proposal.content_hash,
            ),
            author=CHAIR,
        )
        if sign:
            entry = self.state.entry(seq)
            assert entry is not None
            hashed = signable_hash([entry])
            self.write(
                Signature(covers=(seq,), meaning="agreed", printed_name="Chair", content_hash=hashed), author=CHAIR
            )


@pytest.fixture
def story(tmp_path: Path) -> Recorded:
    """Two of three with a DLT at DL1 after the start; BOIN stays at DL1, the committee too."""
    story = Recorded(tmp_path / "record.db")
    story.decide("start", "DL1", day=0)
    for number, day in enumerate((30, 50, 70)):
        story.dose(f"01-00{number + 1}", "DL1", day=day)
    for number in range(3):
        story.adjudicate(f"01-00{number + 1}", day=100, dlt="yes" if number < 2 else "no")
    story.decide("stay", "DL1", day=101, override="")
    return story


def other(study: Study, name: str, **more) -> Study:
    return with_design(study, name, **more)


def test_each_decision_stands_beside_both_proposals(story: Recorded) -> None:
    rows = replay_decisions(story.study, story.record, other(story.study, "3+3"))
    assert [(row.number, row.current, row.action) for row in rows] == [("1", "", "start"), ("2", "DL1", "stay")]
    second = rows[1]
    assert (second.evaluable["DL1"], second.dlts["DL1"]) == (3, 2)
    assert (second.own.action, second.own.level) == ("stay", "DL1")
    # 3+3 with two DLTs at its lowest level is at its end; BOIN stays, since 2/3 does not eliminate
    assert (second.other.design, second.other.action) == ("3+3", "stop")
    assert (rows[0].differs, second.differs) == (False, True)
    document = second.to_json()
    assert document["other"]["action"] == "stop"
    assert document["decided"] == {"action": "stay", "level": "DL1", "override": False}


def test_what_came_after_a_cut_does_not_count(story: Recorded) -> None:
    """The first decision was taken when nobody was dosed."""
    first = replay_decisions(story.study, story.record, other(story.study, "3+3"))[0]
    assert sum(first.evaluable.values()) == 0
    assert first.other.action == "start"


def test_nothing_is_written(story: Recorded) -> None:
    before = (story.record.length, story.state.head)
    replay_decisions(story.study, story.record, other(story.study, "crm"))
    assert (story.record.length, story.state.head) == before


def test_a_decision_that_nobody_signed_is_not_replayed(story: Recorded) -> None:
    story.decide("stay", "DL1", day=110, sign=False)
    assert len(replay_decisions(story.study, story.record, other(story.study, "3+3"))) == 2


def test_a_cut_that_is_missing_is_told(story: Recorded) -> None:
    story.at(120)
    body = SrcDecision(
        number="3", cut="cut-9", design="boin", proposed_action="stay", proposed_level="DL1", action="stay",
        level="DL1", content_hash="0" * 64,
    )  # fmt: skip
    seq = story.write(body, author=CHAIR)
    entry = story.state.entry(seq)
    assert entry is not None
    signature = Signature(covers=(seq,), meaning="agreed", printed_name="Chair", content_hash=signable_hash([entry]))
    story.write(signature, author=CHAIR)
    with pytest.raises(UsageError, match="data cut of SRC decision 3 is not in the record"):
        replay_decisions(story.study, story.record, other(story.study, "3+3"))


def test_a_blrm_takes_the_cells_of_the_study() -> None:
    study = with_design(ct1192(), "blrm")
    assert study.escalation.parameters["doses"] == "3 4.5 6"
    assert study.escalation.rules == ct1192().escalation.rules
    named = with_design(ct1192(), "blrm", parameters={"doses": "1 2 3"}, rules=[("no_skip", {})])
    assert (named.escalation.parameters["doses"], named.escalation.rules) == ("1 2 3", (("no_skip", {}),))


def test_the_clock_is_that_of_the_cut(story: Recorded) -> None:
    row = replay_decisions(story.study, story.record, other(story.study, "3+3"))[1]
    assert row.decided_on == datetime(2025, 10, 20, 1, 0, tzinfo=UTC)

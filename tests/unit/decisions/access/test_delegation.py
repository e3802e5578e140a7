"""The delegation log: nobody is asked for before it begins; from its first line on only those in it write."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from celltrial.codes import PersonId, SubjectId
from celltrial.decisions.access import delegations, has_delegation_log, review_access
from celltrial.decisions.gates import gates
from celltrial.errors import RefusedError
from celltrial.record import Author, Draft, Record
from celltrial.record.bodies import (
    Body,
    Consent,
    Correction,
    Person,
    RoleEnd,
    RoleGrant,
    SiteActivation,
    StudyStatus,
    Training,
    Withdrawal,
)
from trial_builder import START, ct1192

TOPICS = ct1192().access.training
SPONSOR = Author(person=PersonId("sponsor.rep"), role="sponsor", site="01")
INVESTIGATOR = Author(person=PersonId("li"), role="investigator", site="01")
COORDINATOR = Author(person=PersonId("chen"), role="coordinator", site="01")
CONSENT = Consent(signed_at="2025-07-12", document_version="1.0")


class Log:
    """A record with all gates; each `write` a day later, in the name of its author."""

    def __init__(self, folder: Path) -> None:
        study = ct1192()
        self.record = Record.create(folder / "r.db", study, author=SPONSOR, at=START, guards=gates(study))
        self.now = START + timedelta(days=1)

    def write(self, *bodies: Body, author: Author = SPONSOR, subject: str = "", why: str = "for a test") -> int:
        who = SubjectId(subject) if subject else None
        drafts = [Draft(body=body, subject=who, why=why) for body in bodies]
        self.now += timedelta(minutes=1)
        return self.record.append(drafts, author=author, at=self.now)[-1].seq

    def refuses(self, *bodies: Body, author: Author = SPONSOR, subject: str = "", why: str = "for a test") -> str:
        length = self.record.length
        with pytest.raises(RefusedError) as refused:
            self.write(*bodies, author=author, subject=subject, why=why)
        assert self.record.length == length
        return str(refused.value)


def day(offset: int) -> str:
    return f"{START + timedelta(days=offset):%Y-%m-%d}"


def known(person: str) -> Person:
    return Person(person=person, printed_name=person.title(), identity_checked="passport seen")


def trained(person: str, role: str, **fields: str) -> list[Training]:
    given = {"on": day(-10), "evidence": "certificate"} | fields
    return [Training(person=person, topic=topic, **given) for topic in TOPICS[role]]


def grant(person: str, role: str, **fields: str) -> RoleGrant:
    return RoleGrant(**({"person": person, "role": role, "site": "01", "starts_on": day(0)} | fields))


SITE = SiteActivation(site="01", name="Ward", status="active", on=day(0), approvals="ethics 12/25")


@pytest.fixture
def log(tmp_path: Path) -> Log:
    """Sponsor, investigator and coordinator in the log, each trained; the site active."""
    log = Log(tmp_path)
    people = {"sponsor.rep": "sponsor", "li": "investigator", "chen": "coordinator"}
    log.write(StudyStatus(status="open", on=day(0)), SITE, *(known(each) for each in people))
    log.write(*(each for person, role in people.items() for each in trained(person, role)))
    log.write(*(grant(person, role) for person, role in people.items()))
    return log


def test_without_a_log_roles_are_taken_as_claimed(tmp_path: Path) -> None:
    """As in release 0.1.0: anybody, in any role that may write the event; the site need not be active."""
    log = Log(tmp_path)
    assert not has_delegation_log(log.record.state())
    log.write(CONSENT, author=replace(COORDINATOR, person=PersonId("whoever")), subject="01-001")


def test_who_is_in_the_log_writes_and_nobody_else(log: Log) -> None:
    """The coordinator may, a stranger may not, and nobody in a role they were not given."""
    log.write(CONSENT, author=COORDINATOR, subject="01-001")
    stranger = replace(COORDINATOR, person=PersonId("whoever"))
    assert "whoever has no standing grant of the role coordinator" in log.refuses(
        CONSENT, author=stranger, subject="01-002"
    )
    other_role = replace(COORDINATOR, role="investigator")
    assert "no standing grant of the role investigator" in log.refuses(CONSENT, author=other_role, subject="01-002")
    other_name = replace(COORDINATOR, printed_name="Li")
    assert "is 'Chen' in the record, not 'Li'" in log.refuses(CONSENT, author=other_name, subject="01-002")


def test_the_first_line_must_let_its_writer_go_on(tmp_path: Path) -> None:
    """A first grant to somebody else, or without the training, would shut everybody out: it is refused."""
    log = Log(tmp_path)
    log.write(SITE, known("sponsor.rep"), known("chen"))
    assert "must let its writer go on: it is not the writer's own role" in log.refuses(grant("chen", "coordinator"))
    assert "must let its writer go on: no training in GCP" in log.refuses(grant("sponsor.rep", "sponsor"))
    log.write(*trained("sponsor.rep", "sponsor"))
    log.write(grant("sponsor.rep", "sponsor"))


def test_a_role_is_held_up_by_missing_and_by_ended_training(log: Log) -> None:
    """A grant without the training opens nothing; a training that has ended closes the role again."""
    log.write(known("nurse.qin"), grant("nurse.qin", "coordinator"))
    nurse = replace(COORDINATOR, person=PersonId("nurse.qin"))
    assert "no training in GCP" in log.refuses(CONSENT, author=nurse, subject="01-003")
    log.write(*trained("nurse.qin", "coordinator", valid_until=day(20)))
    log.write(CONSENT, author=nurse, subject="01-003")
    log.now = START + timedelta(days=20)
    log.write(Withdrawal(on=day(20), scope="screening", reason="investigator"), author=nurse, subject="01-003")
    log.now = START + timedelta(days=21)
    assert f"training in GCP ended on {day(20)}" in log.refuses(CONSENT, author=nurse, subject="01-004")


def test_a_role_ends_on_its_day_and_by_another_hand(log: Log) -> None:
    """role_end closes it from that day on; nobody ends, grants, trains or corrects a line of their own."""
    assert "nobody ends a role of their own" in log.refuses(
        RoleEnd(person="li", role="investigator", site="01", on=day(1)), author=INVESTIGATOR
    )
    assert "nobody grants a role to themselves" in log.refuses(grant("sponsor.rep", "monitor"))
    assert "nobody records their own training" in log.refuses(*trained("sponsor.rep", "sponsor"))
    line = next(each.seq for each in log.record.state().entries(RoleGrant) if each.body.person == "li")
    own = Correction(target=line, replace={"ends_on": day(400)})
    assert "about themselves" in log.refuses(own, author=INVESTIGATOR, why="wants to stay")
    log.write(RoleEnd(person="chen", role="coordinator", site="01", on=day(1)))
    assert "was given to chen until" in log.refuses(CONSENT, author=COORDINATOR, subject="01-001")
    log.write(grant("chen", "coordinator", starts_on=day(1)))
    log.write(CONSENT, author=COORDINATOR, subject="01-001")


def test_a_closed_site_takes_nothing_about_participants(log: Log) -> None:
    """The study itself can still be worked on, so that the site can be opened again."""
    log.write(replace(SITE, status="closed", on=day(1)))
    assert "site 01 is not active" in log.refuses(CONSENT, author=COORDINATOR, subject="01-001")
    log.write(replace(SITE, on=day(1)))
    log.write(CONSENT, author=COORDINATOR, subject="01-001")


def test_an_id_is_never_given_to_somebody_else(log: Log) -> None:
    """Not by a second event, not after the first was entered in error, not by a correction."""
    seq = log.write(known("qin"))
    assert "already" in log.refuses(replace(known("qin"), printed_name="Qian"))
    manager = Author(person=PersonId("wu"), role="data_manager", site="01")
    log.write(known("wu"), *trained("wu", "data_manager"), grant("wu", "data_manager"))
    renamed = Correction(target=seq, replace={"person": "qian"})
    assert "id of a person is not corrected" in log.refuses(renamed, author=manager, why="typed wrongly")
    log.write(Correction(target=seq, entered_in_error="yes"), author=manager, why="never worked here")
    assert "was given to 'Qin'" in log.refuses(replace(known("qin"), printed_name="Qian"))
    log.write(known("qin"))


def test_the_log_cannot_be_shut_off_again(tmp_path: Path) -> None:
    """A line entered in error is still a log: roles are not taken as claimed from then on."""
    log = Log(tmp_path)
    log.write(SITE, known("li"), known("sponsor.rep"), *trained("li", "investigator"))
    seq = log.write(grant("li", "investigator"), author=INVESTIGATOR)
    fix = Correction(target=seq, entered_in_error="yes")
    assert "about themselves" in log.refuses(fix, author=INVESTIGATOR, why="not meant")
    assert has_delegation_log(log.record.state())


def test_the_review_shows_who_wrote_last_and_what_ends_soon(log: Log) -> None:
    """A role that ends within 60 days is named; one that nobody used says so."""
    log.write(known("qin"), *trained("qin", "monitor", valid_until=day(30)), grant("qin", "monitor", ends_on=day(50)))
    log.write(CONSENT, author=COORDINATOR, subject="01-001")
    state, events = log.record.state(), log.record.events()
    lines = {each.person: each for each in review_access(ct1192(), state, events, log.now.date())}
    assert lines["chen"].last_write == log.now
    assert lines["qin"].last_write is None
    assert f"the role ends on {day(50)}" in lines["qin"].notices
    assert f"training in GCP ends on {day(30)}" in lines["qin"].notices
    late = {each.person: each.status for each in delegations(ct1192(), state, (START + timedelta(days=51)).date())}
    assert (late["qin"], late["chen"]) == ("ended", "active")

"""The delegation log of a virtual trial: the site, its people, their training and roles, and the state of the study."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from celltrial.record import Author, Draft
from celltrial.record.bodies import Body, Person, RoleGrant, SiteActivation, StudyStatus, Training
from celltrial.simulate.calendar import Run, write
from celltrial.simulate.staff import author, staff

__all__ = ["set_status", "write_delegation_log"]

_TRAINED_DAYS_BEFORE = 14
# by topic: how long a training holds, in days; the others have no end
_HOLDS_DAYS = {"GCP": 3 * 365, "data system": 540}


def write_delegation_log(run: Run, now: datetime) -> None:
    """Set-up: the site with its approvals, everyone with identity and training, then the roles, the sponsor's first.

    From the first line on nobody writes who is not in the log, trained for the role, at the active site.
    """
    site, people = run.trial.study.site, staff(run.trial.study.site.id)
    sponsor = author("sponsor", site.id)
    today = now.date().isoformat()
    activation = SiteActivation(
        site=site.id,
        name=site.name,
        status="active",
        on=today,
        approvals="simulated: ethics committee, regulator, contract",
        study_version=run.trial.study.version,
    )
    known = [_person(each) for each in people]
    trained = [body for each in people for body in _training(run, each, now)]
    roles = [_grant(each, today) for each in (sponsor, *(each for each in people if each != sponsor))]
    bodies: list[Body] = [StudyStatus(status="set-up", on=today), activation, *known, *trained, *roles]
    write(run, "sponsor", now, [Draft(body=body, why="simulated: set-up of the study") for body in bodies])


def set_status(run: Run, status: str, now: datetime, *, why: str) -> None:
    """The sponsor moves the study to another state."""
    body = StudyStatus(status=status, on=now.date().isoformat())  # type: ignore[arg-type]  # a word of the table
    write(run, "sponsor", now, [Draft(body=body, why=why)])


def _person(each: Author) -> Person:
    how = "simulated: identity card seen in person"
    return Person(person=str(each.person), printed_name=each.printed_name, identity_checked=how)


def _training(run: Run, each: Author, now: datetime) -> Iterator[Training]:
    done = now.date() - timedelta(days=_TRAINED_DAYS_BEFORE)
    for topic in run.trial.study.access.training.get(each.role, ()):
        holds = _HOLDS_DAYS.get(topic)
        yield Training(
            person=str(each.person),
            topic=topic,
            on=done.isoformat(),
            valid_until=(done + timedelta(days=holds)).isoformat() if holds else "",
            evidence="simulated: certificate on file",
        )


def _grant(each: Author, today: str) -> RoleGrant:
    return RoleGrant(person=str(each.person), role=each.role, site=each.site, starts_on=today)

"""Signing in a virtual trial: the verdict of an eligibility stage, and events that a person signs with a meaning."""

from collections.abc import Sequence
from datetime import datetime

from celltrial.codes import PersonId
from celltrial.decisions import screen_subject
from celltrial.decisions.access import SigningRequest, sign
from celltrial.record import Draft, EligibilitySignature, Event
from celltrial.record.bodies import Stage
from celltrial.simulate.calendar import Participant, Run, write
from celltrial.simulate.staff import author

__all__ = ["sign_events", "sign_stage"]


def sign_events(
    run: Run, who: str, at: datetime, covers: Sequence[int], *, meaning: str, why: str = "signature"
) -> Event:
    """That member of staff signs events; nobody real is asked to prove who they are, and the signature says so."""
    run.clock = max(run.clock, at)
    signer = author(who, run.trial.study.site.id)
    return sign(
        run.trial.record,
        covers,
        meaning=meaning,
        author=signer,
        at=run.clock,
        reauthenticate=_simulated,
        why=why,
    )


def _simulated(_person: PersonId, _request: SigningRequest) -> str:
    return "simulated: no real person"


def sign_stage(run: Run, participant: Participant, stage: Stage, now: datetime) -> str:
    """Screen for a stage and sign the verdict; an unknown verdict is not signed. Returns the verdict."""
    # the moment of signing is the moment of screening: the gate screens again and compares
    now = max(now, run.clock)
    state = run.trial.record.state()
    screening = screen_subject(run.trial.study, state, participant.subject, stage=stage, as_of=now)
    if screening.verdict in ("eligible", "not eligible"):
        signature = EligibilitySignature(
            stage=stage,
            verdict="eligible" if screening.verdict == "eligible" else "not eligible",
            criteria_hash=screening.criteria_hash,
            content_hash=screening.content_hash,
        )
        write(run, "investigator", now, [Draft(body=signature, subject=participant.subject)])
    return str(screening.verdict)

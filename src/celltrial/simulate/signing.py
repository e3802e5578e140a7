"""Signing the verdict of an eligibility stage, as the record stands."""

from datetime import datetime

from celltrial.decisions import screen_subject
from celltrial.record import Draft, EligibilitySignature
from celltrial.record.bodies import Stage
from celltrial.simulate.calendar import Participant, Run, write

__all__ = ["sign_stage"]


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

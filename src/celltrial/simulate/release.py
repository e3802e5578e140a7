"""The product of a virtual participant: released by the pharmacist before the infusion, given as released."""

from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np

from celltrial.record import Draft, Infusion
from celltrial.record.bodies import ProductRelease
from celltrial.simulate.calendar import Participant, Run, write
from celltrial.simulate.streams import Topic, stream

__all__ = ["as_released", "release_product"]

# thawed on the day; a postponed infusion takes place within days
_EXPIRES_AFTER = timedelta(days=150)


def release_product(run: Run, participant: Participant, given: Infusion, now: datetime) -> None:
    """Release what is to be given, once; a release that stands is used again when the infusion is postponed."""
    if run.trial.record.state().latest(ProductRelease, participant.subject) is not None:
        return
    rng = stream(run.seed, Topic.VISIT, participant.person.index, 903)
    body = ProductRelease(
        released_at=now.strftime("%Y-%m-%dT%H:%M"),
        lot=given.lot,
        donor=given.donor,
        cells=given.actual_cells,
        viability_percent=f"{float(np.clip(rng.normal(88, 3), 78, 97)):.1f}",
        expires_at=(now + _EXPIRES_AFTER).date().isoformat(),
        certificate=f"COA-{given.lot}-{participant.subject}",
    )
    write(run, "pharmacist", now, [Draft(body=body, subject=participant.subject)])


def as_released(run: Run, participant: Participant, given: Infusion) -> Infusion:
    """The infusion of what was released for this participant."""
    released = run.trial.record.state().latest(ProductRelease, participant.subject)
    return replace(given, lot=released.body.lot, donor=released.body.donor) if released else given

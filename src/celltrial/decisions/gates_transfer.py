"""Gate on transfers: an import, export or print whose counts do not add up is no transfer."""

from collections.abc import Sequence
from datetime import datetime

from celltrial.errors import Finding
from celltrial.record import Author, Draft, TrialState
from celltrial.record.bodies import Transfer
from celltrial.record.transfers import check_transfer
from celltrial.study import Study

__all__ = ["check_reconciled"]


def check_reconciled(
    _study: Study, state: TrialState, draft: Draft, _author: Author, _at: datetime
) -> Sequence[Finding]:
    """As many records counted afterwards as there were to move; the hash is one; the events are in the record."""
    assert isinstance(draft.body, Transfer)
    return tuple(check_transfer(state, draft.body))

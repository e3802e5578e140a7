"""A data cut: the record as of one time, named by its length and the head of its chain, so that it can be had again."""

from collections import Counter
from collections.abc import Mapping

from celltrial.errors import Finding, InputError
from celltrial.record.bodies import DataCut
from celltrial.record.state import TrialState

__all__ = ["count_entries", "make_data_cut"]


def make_data_cut(state: TrialState, *, now: TrialState, purpose: str) -> DataCut:
    """The cut that freezes `state`; `now` is the record as it stands, which numbers the cut.

    Raises InputError where there is no event to freeze.
    """
    if state.as_of is None or not state.length:
        raise InputError(
            Finding(
                message="no event was recorded by then",
                found=f"as of {state.as_of}",
                expected="a time at or after the first event of the record",
                next_step="choose a later time",
            )
        )
    cuts = [*now.entries(DataCut), *(entry for entry in now.voided if entry.event.type == DataCut.TYPE)]
    return DataCut(
        cut=f"CUT-{len(cuts) + 1:03d}",
        as_of=state.as_of.isoformat(),
        head=state.head,
        events=str(state.length),
        purpose=purpose,
    )


def count_entries(state: TrialState) -> Mapping[str, int]:
    """How many standing entries the state has of each type, and how many were entered in error."""
    counts = Counter(entry.event.type for entry in state.all_entries())
    return dict(sorted(counts.items())) | {"entered in error": len(state.voided)}

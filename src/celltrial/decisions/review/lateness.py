"""Late entries: how long after it happened, or was first written down elsewhere, something was entered here.

An entry counts from `source_at` where it was first written down on paper or in another system; else from the time it
tells of, but not from before the participant's consent, and not from before its own visit: what a candidate brings
along was not known to the site before. A follow-up report of an adverse event counts only from its `source_at`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from celltrial.decisions.review.places import SOURCED, kind_of
from celltrial.errors import DateError
from celltrial.record import Entry, TrialState
from celltrial.record.bodies import AdverseEvent, Consent, FormEntry, Visit
from celltrial.study import Study
from celltrial.studyday import parse_partial_date

__all__ = ["Lateness", "happened_by", "lateness"]

# the field that says when it happened; of a form, when it was taken, seen or said
_HAPPENED: Mapping[str, str] = {
    "adverse_event": "onset",
    "completion": "on",
    "consent": "signed_at",
    "crs_assessment": "at",
    "icans_assessment": "at",
    "infusion": "infused_at",
    "kinetics_sample": "collected_at",
    "lymphodepletion": "started_on",
    "product_release": "released_at",
    "screening": "screened_on",
    "visit": "on",
    "withdrawal": "on",
}
_ITEMS = ("collected", "assessed", "given_on")


@dataclass(frozen=True, slots=True, kw_only=True)
class Lateness:
    """How late one entry is: `days` from `since` (by `basis`) to when it was recorded; late when over `limit_days`."""

    event: int
    kind: str
    basis: Literal["written down", "happened"]
    since: datetime
    days: float
    limit_days: int

    @property
    def is_late(self) -> bool:
        return self.days > self.limit_days


def lateness(study: Study, state: TrialState, entry: Entry[Any]) -> Lateness | None:
    """How late an entry of a participant was first made; None where nothing says when it happened."""
    if not isinstance(entry.body, SOURCED) or entry.subject is None:
        return None
    event = entry.event
    if event.source_at:
        since, basis = _latest(study, event.source_at), "written down"
    else:
        since, basis = _happened(study, state, entry), "happened"
    if since is None:
        return None
    kind = kind_of(entry.body)
    return Lateness(
        event=entry.seq,
        kind=kind,
        basis="written down" if basis == "written down" else "happened",
        since=since,
        days=max((event.recorded_at - since).total_seconds() / 86400, 0.0),
        limit_days=study.review.late_after(kind),
    )


def happened_by(study: Study, state: TrialState, entry: Entry[Any], moment: datetime) -> bool:
    """Whether an entry of a participant, as it stands, tells of something that had happened by `moment`."""
    if not isinstance(entry.body, SOURCED) or entry.subject is None:
        return False
    if isinstance(entry.body, FormEntry):
        when = _happened(study, state, entry)
    else:
        when = _latest(study, str(getattr(entry.body, _HAPPENED[entry.body.TYPE])))
    return when is not None and when <= moment


def _happened(study: Study, state: TrialState, entry: Entry[Any]) -> datetime | None:
    assert entry.subject is not None
    body, payload = entry.body, entry.event.payload
    if isinstance(body, AdverseEvent) and _is_follow_up(state, entry):
        return None
    if isinstance(body, FormEntry):
        items = payload["items"]
        assert isinstance(items, Mapping)
        texts = [str(items[name]) for name in _ITEMS if items.get(name)]
        visits = (each for each in state.entries(Visit, entry.subject) if each.body.visit == body.visit)
        texts += [str(each.event.payload["on"]) for each in visits][:1]
    else:
        texts = [str(payload[_HAPPENED[body.TYPE]])]
    moments = [moment for text in texts if (moment := _latest(study, text)) is not None]
    if not moments:
        return None
    if not isinstance(body, Consent):
        consents = state.entries(Consent, entry.subject)
        moments += [moment for each in consents[:1] if (moment := _latest(study, each.body.signed_at)) is not None]
    return max(moments)


def _is_follow_up(state: TrialState, entry: Entry[Any]) -> bool:
    reports = state.entries(AdverseEvent, entry.subject)
    return any(each.body.number == entry.body.number and each.seq < entry.seq for each in reports)


def _latest(study: Study, text: str) -> datetime | None:
    """The end of what a date may stand for: a day is taken whole."""
    try:
        return parse_partial_date(text, study.site.zone).latest
    except DateError:
        return None

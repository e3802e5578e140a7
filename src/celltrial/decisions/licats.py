"""LICATS for adjudication: where the investigator's word and the features in the record differ. Nothing is changed."""

from celltrial.codes import SubjectId
from celltrial.errors import Finding
from celltrial.record import TrialState
from celltrial.record.toxicity import propose_licats
from celltrial.study import Study

__all__ = ["check_licats"]


def check_licats(study: Study, state: TrialState, subject: SubjectId) -> tuple[Finding, ...]:
    """A finding for each adverse event that is recorded as LICATS and lacks a feature of it, or the other way round.

    What is not known is no difference: it stands in the table of the report.
    """
    return tuple(
        Finding(
            message="recorded as LICATS, which a feature in the record speaks against"
            if each.recorded == "yes"
            else "has the features of LICATS and is not recorded as LICATS",
            where=f"subject {subject}, AE {each.entry.body.number} {each.entry.body.term}",
            found=f"recorded: {each.recorded}; by the record: {each.flag.answer} ({each.flag.reason})",
            rule="Hagen 2025: organ affected before, B-cell aplasia, no other explanation",
            next_step="adjudicate; correct the event or write down why not",
        )
        for each in propose_licats(study, state, subject)
        if each.agreement == "differ"
    )

"""RELREC: which parameters were computed from which concentrations, profile by profile."""

from celltrial.datasets.context import open_casebook, trace
from celltrial.datasets.dataset import Dataset, Row, build_dataset
from celltrial.datasets.terms import analyte_term
from celltrial.record import KineticsSample, TrialState
from celltrial.study import Study

__all__ = ["derive_relrec", "profile_group"]


def profile_group(testcd: str, specimen: str) -> str:
    """The group of a profile's records: the same in PC and in PP.

    >>> profile_group("CARTG", "blood")
    'CARTG-BLOOD'
    """
    return f"{testcd}-{specimen.upper()}"[:40]


def derive_relrec(study: Study, state: TrialState) -> Dataset:
    """For each profile of an infused participant: its group in PC and its group in PP."""
    book = open_casebook(study, state)
    rows: list[Row] = []
    for case in book.cases:
        samples = state.entries(KineticsSample, case.subject) if case.infused.day else ()
        groups = {_group_of(entry.body): entry for entry in reversed(samples)}
        for group, entry in sorted(groups.items()):
            common = {"STUDYID": study.id, "USUBJID": case.usubjid, "IDVARVAL": group, "RELID": f"KINETICS {group}"}
            for domain in ("PC", "PP"):
                rows.append(common | {"RDOMAIN": domain, "IDVAR": f"{domain}GRPID"} | trace(entry))
    return build_dataset("RELREC", rows)


def _group_of(body: KineticsSample) -> str:
    return profile_group(analyte_term(body.analyte, "PC")[0].testcd, body.specimen)

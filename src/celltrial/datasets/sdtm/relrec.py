"""RELREC: which parameters were computed from which concentrations, profile by profile."""

from celltrial.datasets.context import Case, Casebook, open_casebook, trace
from celltrial.datasets.dataset import Dataset, Row, build_dataset
from celltrial.datasets.profiles import infusion_number
from celltrial.datasets.terms import analyte_term
from celltrial.errors import Finding
from celltrial.record import Entry, KineticsSample, TrialState
from celltrial.study import Study

__all__ = ["derive_relrec", "profile_group"]


def profile_group(testcd: str, specimen: str, infusion: int = 1) -> str:
    """The group of a profile's records: the same in PC and in PP; a later infusion has its own.

    >>> profile_group("CARTG", "blood"), profile_group("CARTG", "blood", 2)
    ('CARTG-BLOOD', 'CARTG-BLOOD-2')
    """
    suffix = f"-{infusion}" if infusion > 1 else ""
    return f"{testcd}-{specimen.upper()}"[: 40 - len(suffix)] + suffix


def derive_relrec(study: Study, state: TrialState) -> Dataset:
    """For each profile of an infused participant: its group in PC and its group in PP."""
    book = open_casebook(study, state)
    rows: list[Row] = []
    for case in book.cases:
        samples = state.entries(KineticsSample, case.subject) if case.infused.day else ()
        groups = {_group_of(book, case, entry): entry for entry in reversed(samples)}
        for group, entry in sorted(groups.items()):
            common = {"STUDYID": study.id, "USUBJID": case.usubjid, "IDVARVAL": group, "RELID": f"KINETICS {group}"}
            for domain in ("PC", "PP"):
                rows.append(common | {"RDOMAIN": domain, "IDVAR": f"{domain}GRPID"} | trace(entry))
    return build_dataset("RELREC", rows)


def _group_of(book: Casebook, case: Case, entry: Entry[KineticsSample]) -> str:
    # what is wrong with the time is reported by PC
    unused: list[Finding] = []
    number = infusion_number(book, case, book.moment(entry.body.collected_at, "", unused))
    return profile_group(analyte_term(entry.body.analyte, "PC")[0].testcd, entry.body.specimen, number)

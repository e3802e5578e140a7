"""TA, TE and TV: the trial as planned, from the study file alone.

One arm a dose level. An arm has four elements; who goes to which is the safety review committee's decision.
"""

from collections.abc import Iterator, Mapping

from celltrial.datasets.context import ELEMENTS, Casebook, open_casebook
from celltrial.datasets.dataset import Dataset, Row, build_dataset
from celltrial.record import TrialState
from celltrial.study import ScheduledVisit, Study

__all__ = ["derive_ta", "derive_te", "derive_tv"]

_ANCHORS: Mapping[str, str] = {
    "screening": "the screening visit",
    "lymphodepletion": "the first day of lymphodepletion",
    "infusion": "the infusion",
}
# element -> the rule by which it begins
_BEGINS: Mapping[str, str] = {
    "SCRN": "Informed consent",
    "LD": "First dose of lymphodepletion",
    "CART": "Infusion of the product",
    "FU": "Day after the end of the DLT window",
}


def derive_ta(study: Study, state: TrialState) -> Dataset:
    """Trial arms: each dose level with its elements in order."""
    book = open_casebook(study, state)
    return build_dataset("TA", _arms(book))


def _arms(book: Casebook) -> Iterator[Row]:
    for arm in book.arms.values():
        for code, (name, epoch, order) in ELEMENTS.items():
            yield {
                "STUDYID": book.study.id,
                "DOMAIN": "TA",
                "ARMCD": arm.code,
                "ARM": arm.label,
                "TAETORD": order,
                "ETCD": code,
                "ELEMENT": name,
                "TABRANCH": f"Assigned to {arm.code} by the safety review committee" if code == "SCRN" else None,
                "EPOCH": epoch,
            }


def derive_te(study: Study, state: TrialState) -> Dataset:
    """Trial elements and how each begins and ends."""
    book = open_casebook(study, state)
    ends = [_BEGINS[code] for code in list(ELEMENTS)[1:]] + ["End of participation"]
    rows = [
        {
            "STUDYID": book.study.id,
            "DOMAIN": "TE",
            "ETCD": code,
            "ELEMENT": name,
            "TESTRL": _BEGINS[code],
            "TEENRL": end,
        }
        for (code, (name, _, _)), end in zip(ELEMENTS.items(), ends, strict=True)
    ]
    return build_dataset("TE", rows)


def derive_tv(study: Study, state: TrialState) -> Dataset:
    """Trial visits: the schedule of activities, the same for all arms."""
    book = open_casebook(study, state)
    return build_dataset("TV", [_visit(book, visit) for visit in study.visits])


def _visit(book: Casebook, visit: ScheduledVisit) -> Row:
    anchor = _ANCHORS[visit.anchor]
    window = f", up to {visit.before} days before or {visit.after} after" if visit.before or visit.after else ""
    return {
        "STUDYID": book.study.id,
        "DOMAIN": "TV",
        **book.visit_columns(str(visit.id)),
        "TVSTRL": f"{visit.label}: day {visit.day} counted from {anchor} (day 1){window}",
    }

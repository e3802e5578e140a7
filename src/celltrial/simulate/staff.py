"""The people who write in a virtual trial, each in the role that `study.yaml` lets write that kind of event."""

from celltrial.codes import PersonId
from celltrial.record import Author

__all__ = ["author", "staff"]

_STAFF = {
    "investigator": ("investigator.li", "investigator", "Li Min"),
    "coordinator": ("coordinator.chen", "coordinator", "Chen Yu"),
    "data_manager": ("datamanager.wu", "data_manager", "Wu Jing"),
    "pharmacist": ("pharmacist.sun", "pharmacist", "Sun Hao"),
    "chair": ("src.chair", "src_member", "Zhou Ping"),
    "member": ("src.member2", "src_member", "Gao Lan"),
    "statistician": ("statistician.zhao", "statistician", "Zhao Rui"),
    "pharmacologist": ("pharmacologist.he", "pharmacologist", "He Fang"),
    "monitor": ("monitor.lin", "monitor", "Lin Hong"),
    "sponsor": ("sponsor.rep", "sponsor", "Simulated sponsor"),
}


def author(who: str, site: str) -> Author:
    """The author of that place in the staff list, at the site. All names are made up."""
    person, role, name = _STAFF[who]
    return Author(person=PersonId(person), role=role, site=site, printed_name=name)


def staff(site: str) -> tuple[Author, ...]:
    """Everyone who may write, in the order of the list."""
    return tuple(author(who, site) for who in _STAFF)

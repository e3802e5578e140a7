"""Who may work in the study: sites, people, roles, training, and the state that the study is in."""

from dataclasses import dataclass
from typing import ClassVar, Literal

from celltrial.record.bodies.base import Closed, EventSeq

__all__ = [
    "Person",
    "RoleEnd",
    "RoleGrant",
    "SiteActivation",
    "StudyStatus",
    "Training",
    "Transfer",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyStatus(Closed):
    """The study enters a state; what each role may do in it is in the table of permissions."""

    TYPE: ClassVar[str] = "study_status"
    VERSION: ClassVar[int] = 1
    status: Literal["set-up", "open", "recruitment closed", "suspended", "locked", "archived"]
    on: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteActivation(Closed):
    """A site may begin, or has ended: the approvals it rests on and the version of the study files it works by."""

    TYPE: ClassVar[str] = "site_activation"
    VERSION: ClassVar[int] = 1
    site: str
    name: str
    status: Literal["active", "closed"]
    on: str
    approvals: str
    study_version: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person(Closed):
    """A person who works in the study; `person` is never given to anybody else. How the identity was checked."""

    TYPE: ClassVar[str] = "person"
    VERSION: ClassVar[int] = 1
    person: str
    printed_name: str
    identity_checked: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleGrant(Closed):
    """A line of the delegation log: this person, in this role, at this site, from this day (to that day)."""

    TYPE: ClassVar[str] = "role_grant"
    VERSION: ClassVar[int] = 1
    person: str
    role: str
    site: str
    starts_on: str
    ends_on: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleEnd(Closed):
    """The person no longer has this role at this site."""

    TYPE: ClassVar[str] = "role_end"
    VERSION: ClassVar[int] = 1
    person: str
    role: str
    site: str
    on: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Training(Closed):
    """The person was trained in a topic; a role is not active before the training it asks for."""

    TYPE: ClassVar[str] = "training"
    VERSION: ClassVar[int] = 1
    person: str
    topic: str
    on: str
    valid_until: str = ""
    evidence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer(Closed):
    """Data that came in or went out: what, under which hash, how many records; read back and counted."""

    TYPE: ClassVar[str] = "transfer"
    VERSION: ClassVar[int] = 1
    direction: Literal["import", "export", "print"]
    what: str
    sha256: str
    records: str
    counted: str
    through: EventSeq

"""How work on the data is looked at in a study: what is late, what a lock asks for, what an audit review looks for.

The table `review` of `study.yaml`: what it may say, and the settings it becomes. Every key may be left out and then has
its default; a table that is there names its assumptions.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from celltrial.errors import Finding
from celltrial.study.findings import problem
from celltrial.study.nodes import Node, Scalar, Table, entries, find, scalar, scalars
from celltrial.study.schema import Keys, OneOrMore, choice, flag, keys, listing, pattern, table, text, whole
from celltrial.study.vocabulary import EVENT_TYPES

__all__ = ["ReviewSettings", "build_review", "check_review", "review_keys"]

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
# of everything that has no number of its own
DEFAULT = "default"
_LATE = {DEFAULT: 7, "adverse_event": 3, "kinetics_sample": 21}


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewSettings:
    """How late entries, locks and the audit trail are judged in this study.

    late_after_days: by form or kind of event, and `default`. works_from, works_to: hours of the site's day in which
    entries are expected (to: the first hour in which they are not), on works_on (0 is Monday). before_decision_hours:
    how long before a data cut or a dose decision a change is looked at. many_changes: by one person on one day.
    repeated_changes: of one field. lock_signed, lock_verified: kinds of entries of the scope, each of which a signature
    must cover, or the monitor have compared with its source, before it is locked. frozen_open_to: the roles that may
    still write into frozen data. answerer_may_close: whether who answered a query may close it.
    """

    late_after_days: Mapping[str, int] = field(default_factory=_LATE.copy)
    works_from: int = 6
    works_to: int = 22
    works_on: tuple[int, ...] = (0, 1, 2, 3, 4, 5, 6)
    before_decision_hours: int = 48
    many_changes: int = 10
    repeated_changes: int = 3
    lock_signed: tuple[str, ...] = ("dlt_assessment",)
    lock_verified: tuple[str, ...] = ()
    frozen_open_to: tuple[str, ...] = ("data_manager",)
    answerer_may_close: bool = False

    def late_after(self, kind: str) -> int:
        """After how many days an entry of this form or kind of event is late."""
        return self.late_after_days.get(kind, self.late_after_days[DEFAULT])


def review_keys(assumptions: OneOrMore) -> Keys:
    """What `review` may say."""
    name = pattern(r"[a-z][a-z0-9_]*", "a form, a kind of event, or 'default'")
    hours = keys({"from": whole(0, 23), "to": whole(1, 24)}, {"days": listing(choice(*_DAYS))})
    lock = keys({}, {"signed": listing(text(), at_least=0), "verified": listing(text(), at_least=0)})
    return keys(
        {"assumption": assumptions},
        {
            "late_after_days": table(name, whole(0, 366)),
            "working_hours": hours,
            "before_decision_hours": whole(0, 720),
            "many_changes": whole(2, 1000),
            "repeated_changes": whole(2, 100),
            "lock": lock,
            "frozen_open_to": listing(text(), at_least=0),
            "answerer_may_close": flag(),
        },
    )


def check_review(nodes: Mapping[str, Node]) -> Iterator[Finding]:
    """The names that `review` gives to forms, kinds of events and roles, and that lead nowhere."""
    review = find(nodes["study.yaml"], "review")
    forms = [key for key, _ in entries(nodes["forms.yaml"])]
    roles = [key for key, _ in entries(find(nodes["study.yaml"], "roles"))]
    for name, child in entries(find(review, "late_after_days")):
        if name not in (DEFAULT, *forms, *EVENT_TYPES):
            yield problem("neither a form nor a kind of event", child, name, f"{DEFAULT}, a form or a kind of event")
    for path in (("lock", "signed"), ("lock", "verified")):
        for each in scalars(find(review, *path)):
            if each.text not in (*forms, *EVENT_TYPES):
                yield problem("neither a form nor a kind of event", each, each.text, "a form or a kind of event")
    for each in scalars(find(review, "frozen_open_to")):
        if each.text not in roles:
            yield problem("no role of the study", each, each.text, ", ".join(roles))


def build_review(node: Node | None) -> ReviewSettings:
    """The settings of a table that has passed its specification; without one, the defaults."""
    found: dict[str, object] = {}
    late = find(node, "late_after_days")
    if isinstance(late, Table):
        given = {key: int(scalar(child)) for key, child in entries(late)}
        found["late_after_days"] = {DEFAULT: _LATE[DEFAULT], **given}
    numbers = {
        "works_from": ("working_hours", "from"),
        "works_to": ("working_hours", "to"),
        "before_decision_hours": ("before_decision_hours",),
        "many_changes": ("many_changes",),
        "repeated_changes": ("repeated_changes",),
    }
    for name, path in numbers.items():
        if isinstance(child := find(node, *path), Scalar):
            found[name] = int(child.text)
    lists = {
        "lock_signed": ("lock", "signed"),
        "lock_verified": ("lock", "verified"),
        "frozen_open_to": ("frozen_open_to",),
    }
    for name, path in lists.items():
        if (child := find(node, *path)) is not None:
            found[name] = tuple(each.text for each in scalars(child))
    if (days := find(node, "working_hours", "days")) is not None:
        found["works_on"] = tuple(_DAYS.index(each.text) for each in scalars(days))
    if isinstance(child := find(node, "answerer_may_close"), Scalar):
        found["answerer_may_close"] = child.text == "true"
    return ReviewSettings(**found)  # type: ignore[arg-type]  # read by name from a table that has passed its check

"""Errors of data entry: a row typed wrongly, and the correction that follows some days later, with its reason."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

import numpy as np

from celltrial.record import Draft, FormEntry
from celltrial.simulate.calendar import Participant

__all__ = ["Mistake", "make_mistake"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mistake:
    """A mistake in a batch: the drafts as typed, which of them is wrong, and how it will be put right.

    repair: the fields of the correction with their right values; empty where the row should not be there at all.
    """

    drafts: tuple[Draft, ...]
    position: int
    repair: dict[str, str]
    reason: str
    days_until_seen: int


def make_mistake(rng: np.random.Generator, participant: Participant, drafts: Sequence[Draft]) -> Mistake | None:
    """Type one laboratory row of the batch wrongly: a unit, a date, two digits, or the row twice.

    None where the batch has no row that this can happen to.
    """
    kind = str(rng.choice(("unit", "date", "digits", "twice")))
    wanted = {"unit": "hemoglobin", "digits": "platelets"}.get(kind, "creatinine")
    days = int(rng.integers(2, 10))
    for position, draft in enumerate(drafts):
        body = draft.body
        if not (isinstance(body, FormEntry) and body.form == "labs" and body.items["analyte"] == wanted):
            continue
        if kind == "twice":
            twin = replace(body, row=participant.take_row("labs"))
            return Mistake(
                drafts=(*drafts, replace(draft, body=twin)),
                position=len(drafts),
                repair={},
                reason=f"row entered twice (row {body.row} is the same result)",
                days_until_seen=days,
            )
        wrong, item, reason = _mistyped(kind, body, int(rng.integers(1, 4)))
        if wrong == body.items[item]:
            return None
        typed = replace(draft, body=replace(body, items={**body.items, item: wrong}))
        return Mistake(
            drafts=(*drafts[:position], typed, *drafts[position + 1 :]),
            position=position,
            repair={f"items.{item}": body.items[item]},
            reason=reason,
            days_until_seen=days,
        )
    return None


def _mistyped(kind: str, body: FormEntry, weeks: int) -> tuple[str, str, str]:
    """The wrong text, its item, and what the correction will say."""
    value, unit = body.items["value"], body.items["unit"]
    match kind:
        case "unit" if unit == "g/L":
            wrong = f"{Decimal(value) / 10:.1f}"
            return wrong, "value", f"typed in g/dL beside the unit g/L; the laboratory report says {value} g/L"
        case "digits" if len(value) == 3:
            return (
                value[1] + value[0] + value[2],
                "value",
                f"digits transposed; the laboratory report says {value} {unit}",
            )
        case "date":
            day = date.fromisoformat(body.items["collected"][:10]) - timedelta(weeks=weeks)
            wrong = day.isoformat() + body.items["collected"][10:]
            return wrong, "collected", "date of an earlier sample typed; date taken from the laboratory report"
        case _:
            return value, "value", ""

"""Medication of a virtual participant: before screening, around lymphodepletion, and the taper after infusion."""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

__all__ = [
    "Therapy",
    "anakinra",
    "baseline_therapies",
    "immunoglobulin",
    "methylprednisolone",
    "steroid_plan",
    "supportive_therapies",
    "tocilizumab",
]

# drug, class, one dose, unit, doses a day: usual oral doses for lupus (general clinical knowledge, rounded)
_SUPPRESSANTS = (
    ("mycophenolate mofetil", "750", "mg", "2"),
    ("tacrolimus", "1", "mg", "2"),
    ("cyclosporine", "75", "mg", "2"),
    ("leflunomide", "20", "mg", "1"),
    ("azathioprine", "50", "mg", "2"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Therapy:
    """One drug at one dose, as a row of the `medications` form; `ended` None while it goes on."""

    drug: str
    drug_class: str
    dose: str
    unit: str
    per_day: str
    route: str
    start: date
    ended: date | None
    indication: str

    def items(self) -> dict[str, str]:
        """The row as typed; the investigator calls the usual dose of an immunosuppressant a standard one."""
        standard = {"standard_dose": "yes"} if self.drug_class == "immunosuppressant" else {}
        return standard | {
            "drug": self.drug,
            "drug_class": self.drug_class,
            "dose": self.dose,
            "unit": self.unit,
            "per_day": self.per_day,
            "route": self.route,
            "start": self.start.isoformat(),
            "ended": self.ended.isoformat() if self.ended else "",
            "ongoing": "no" if self.ended else "yes",
            "indication": self.indication,
        }


def baseline_therapies(rng: np.random.Generator, *, screened_on: date, card: str) -> tuple[Therapy, ...]:
    """Glucocorticoid (with its last change of dose), one immunosuppressant and, in most, hydroxychloroquine.

    The dose has been stable for three to ten weeks, except with the card `steroid_unstable`: changed 3-9 days ago.
    """
    dose = int(rng.choice((10, 15, 20, 25, 30), p=(0.25, 0.30, 0.25, 0.12, 0.08)))
    months = int(rng.integers(5, 60))
    stable_days = int(rng.integers(21, 70))
    recent = int(rng.integers(3, 10))
    changed = screened_on - timedelta(days=recent if card == "steroid_unstable" else stable_days)
    begun = changed - timedelta(days=30 * months)
    drug, single, unit, per_day = _SUPPRESSANTS[int(rng.integers(len(_SUPPRESSANTS)))]
    suppressant_since = screened_on - timedelta(days=int(rng.integers(110, 700)))
    rows = [
        _oral("prednisone", "glucocorticoid", str(dose + 10), "mg", "1", begun, changed - timedelta(days=1)),
        _oral("prednisone", "glucocorticoid", str(dose), "mg", "1", changed, None),
        _oral(drug, "immunosuppressant", single, unit, per_day, suppressant_since, None),
    ]
    if rng.random() < 0.75:
        since = screened_on - timedelta(days=int(rng.integers(200, 1500)))
        rows.append(_oral("hydroxychloroquine", "antimalarial", "200", "mg", "2", since, None))
    return tuple(rows)


def steroid_plan(rng: np.random.Generator, *, response: str, flare_day: int | None) -> tuple[tuple[int, str], ...]:
    """Prednisone after infusion: (day since infusion, mg a day from then on), `0` = stopped."""
    shift = int(rng.integers(0, 7))
    plan = [(-4, "10"), (29 + shift, "7.5"), (61 + shift, "5")]
    if response != "partial":
        plan += [(92 + shift, "2.5"), (184 + shift, "0")]
    if flare_day is not None:
        plan = [step for step in plan if step[0] < flare_day] + [(flare_day + 2, "20"), (flare_day + 60, "10")]
    return tuple(plan)


def supportive_therapies(*, from_day: date) -> tuple[Therapy, ...]:
    """Prophylaxis from the first day of lymphodepletion, as most programmes give it."""
    return (
        _oral("aciclovir", "anti_infective_systemic", "400", "mg", "2", from_day, None, "prophylaxis"),
        _oral(
            "sulfamethoxazole-trimethoprim", "anti_infective_systemic", "480", "mg", "1", from_day, None, "prophylaxis"
        ),
    )


def tocilizumab(*, on: date, weight_kg: float) -> Therapy:
    """One dose of 8 mg/kg, 800 mg at most, for CRS of grade 2 or more (US label of tocilizumab)."""
    dose = str(min(800, round(8 * weight_kg)))
    return _given("tocilizumab", "anticytokine", dose, "intravenous", on, on, "cytokine release syndrome")


def immunoglobulin(*, on: date, weight_kg: float) -> Therapy:
    """One dose of 0.4 g/kg, in whole grams: usual replacement."""
    dose = str(1000 * round(0.4 * weight_kg))
    return _given("human immunoglobulin", "other", dose, "intravenous", on, on, "hypogammaglobulinaemia")


def methylprednisolone(*, on: date, until: date, weight_kg: float) -> Therapy:
    """1 mg/kg a day, usual for acute GvHD of grade II."""
    return _given("methylprednisolone", "glucocorticoid", str(round(weight_kg)), "intravenous", on, until, "acute GvHD")


def anakinra(*, on: date, until: date) -> Therapy:
    """200 mg a day in two doses, as centres give it for IEC-HS."""
    return _given("anakinra", "anticytokine", "100", "subcutaneous", on, until, "IEC-HS", per_day="2")


def _given(
    drug: str, drug_class: str, dose: str, route: str, start: date, ended: date, why: str, *, per_day: str = "1"
) -> Therapy:
    return Therapy(
        drug=drug,
        drug_class=drug_class,
        dose=dose,
        unit="mg",
        per_day=per_day,
        route=route,
        start=start,
        ended=ended,
        indication=why,
    )


def _oral(
    drug: str, drug_class: str, dose: str, unit: str, per_day: str, start: date, ended: date | None, why: str = "SLE"
) -> Therapy:
    return Therapy(
        drug=drug,
        drug_class=drug_class,
        dose=dose,
        unit=unit,
        per_day=per_day,
        route="oral",
        start=start,
        ended=ended,
        indication=why,
    )

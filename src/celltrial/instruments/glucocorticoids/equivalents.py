"""Daily doses of glucocorticoids in prednisone: the equivalence table, routes, intervals, several drugs, per kilogram.

A dose that cannot be converted has a reason and no number: it is never left out of a sum in silence. A local route
counts 0 and says so. Source: `equivalents.csv` and `routes.csv`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cache
from types import MappingProxyType
from typing import Literal

from celltrial.instruments.renal_function.checks import check_positive, require
from celltrial.instruments.renal_function.exact import Exact, show_exact
from celltrial.missing import NotEvaluable
from celltrial.tables import read_package_table

__all__ = [
    "DoseTotal",
    "PrednisoneDose",
    "Route",
    "compute_prednisone_equivalent",
    "compute_prednisone_per_kg",
    "convert_glucocorticoid",
    "glucocorticoid_equivalents",
    "glucocorticoid_routes",
    "normal_drug",
    "total_prednisone_equivalent",
]

_PACKAGE = "celltrial.instruments.glucocorticoids"
_NONE: Mapping[str, Decimal] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """How a route counts: `systemic` is converted, `local` counts 0, `unconverted` has no number."""

    rule: Literal["systemic", "local", "unconverted"]
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PrednisoneDose:
    """A daily dose in mg of prednisone, averaged over the interval; `is_counted` is no for a local route (0 mg)."""

    mg_per_day: Fraction
    is_counted: bool
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DoseTotal:
    """The sum over drugs: exact, or NotEvaluable with the sum of what is known as lower bound."""

    mg_per_day: Fraction | NotEvaluable
    known_mg_per_day: Fraction
    reasons: tuple[str, ...]


@cache
def glucocorticoid_equivalents() -> Mapping[str, Fraction]:
    """Milligrams equal to prednisone 5 mg, by drug (`equivalents.csv`)."""
    return {row["drug"]: Fraction(row["equivalent_mg"]) for row in read_package_table(_PACKAGE, "equivalents.csv")}


@cache
def glucocorticoid_routes() -> Mapping[str, Route]:
    """How each known route counts (`routes.csv`)."""
    rules: Mapping[str, Literal["systemic", "local", "unconverted"]] = {
        "systemic": "systemic",
        "local": "local",
        "unconverted": "unconverted",
    }
    rows = read_package_table(_PACKAGE, "routes.csv")
    return {row["route"]: Route(rule=rules[row["rule"]], reason=row["reason"]) for row in rows}


def normal_drug(name: str) -> str:
    """A drug's name as the table spells it.

    >>> normal_drug(" Cortisone acetate")
    'cortisone_acetate'
    """
    return name.strip().lower().replace(" ", "_")


def convert_glucocorticoid(
    mg: Fraction, drug: str, target: str = "prednisone", *, equivalents: Mapping[str, Decimal] = _NONE
) -> Fraction | None:
    """`mg` of a drug in mg of another, exactly; None where the table has no such drug.

    Args:
        equivalents: drug -> mg equal to prednisone 5 mg, in place of the table's: `{"betamethasone": Decimal("0.75")}`.

    >>> convert_glucocorticoid(Fraction(4), "methylprednisolone")
    Fraction(5, 1)
    """
    require(check_positive("glucocorticoids", equivalents))
    table = dict(glucocorticoid_equivalents()) | {normal_drug(each): Fraction(own) for each, own in equivalents.items()}
    source, end = table.get(normal_drug(drug)), table.get(normal_drug(target))
    return None if source is None or end is None else mg * end / source


def compute_prednisone_equivalent(
    *,
    drug: str | None,
    mg: Decimal | None,
    per_day: Decimal | None,
    route: str | None,
    interval_days: Decimal = Decimal(1),
    equivalents: Mapping[str, Decimal] = _NONE,
) -> PrednisoneDose | NotEvaluable:
    """The daily dose of one drug line in mg of prednisone.

    Args:
        mg: one dose. per_day: doses on a day of treatment. interval_days: 2 for every other day: the dose is averaged.
        route: a word of `routes.csv`. equivalents: see convert_glucocorticoid.
    Returns:
        PrednisoneDose; NotEvaluable naming everything that is missing, or why the drug or route has no equivalent.
    Raises:
        UsageError: a dose below 0, an interval of 0.

    >>> day, twice = Decimal(1), Decimal(2)
    >>> compute_prednisone_equivalent(
    ...     drug="prednisone", mg=Decimal(15), per_day=day, interval_days=twice, route="oral"
    ... ).mg_per_day
    Fraction(15, 2)
    """
    numbers = {"mg": mg, "per_day": per_day, "interval_days": interval_days}
    require(check_positive("prednisone equivalent", numbers, or_zero=("mg", "per_day")))
    known_route = glucocorticoid_routes().get((route or "").strip().lower())
    if known_route is not None and known_route.rule == "local":
        return PrednisoneDose(mg_per_day=Fraction(0), is_counted=False, reason=known_route.reason)
    problems = [] if drug else ["drug not known"]
    problems += [f"{name} not known" for name, value in (("mg", mg), ("per_day", per_day)) if value is None]
    if not route:
        problems.append("route not known")
    elif known_route is None:
        problems.append(f"no rule for the route {route!r}")
    elif known_route.rule == "unconverted":
        problems.append(f"{route}: {known_route.reason}")
    amount = Fraction(mg or 0) * Fraction(per_day or 0) / Fraction(interval_days)
    converted = convert_glucocorticoid(amount, drug, equivalents=equivalents) if drug else None
    if drug and converted is None:
        problems.append(f"{drug!r} is not in the table of glucocorticoids")
    if problems or converted is None:
        return NotEvaluable("; ".join(problems))
    return PrednisoneDose(
        mg_per_day=converted,
        is_counted=True,
        reason=f"{drug} {mg} mg x {per_day}/day{_every(interval_days)} = prednisone {show_exact(converted)} mg/day",
    )


def total_prednisone_equivalent(doses: Iterable[PrednisoneDose | NotEvaluable]) -> DoseTotal:
    """The sum of drug lines; one line without a number leaves the total open, with what is known as its lower bound.

    >>> total_prednisone_equivalent([]).mg_per_day
    Fraction(0, 1)
    """
    lines = tuple(doses)
    known = sum((each.mg_per_day for each in lines if isinstance(each, PrednisoneDose)), Fraction(0))
    unknown = [each.reason for each in lines if isinstance(each, NotEvaluable)]
    return DoseTotal(
        mg_per_day=NotEvaluable("; ".join(unknown), lower_bound=float(known)) if unknown else known,
        known_mg_per_day=known,
        reasons=tuple(each.reason for each in lines),
    )


def compute_prednisone_per_kg(mg_per_day: Exact | NotEvaluable, weight_kg: Decimal | None) -> Fraction | NotEvaluable:
    """mg/kg/day at the current weight.

    >>> compute_prednisone_per_kg(Fraction(30), Decimal(60))
    Fraction(1, 2)
    """
    require(check_positive("prednisone per kg", {"weight_kg": weight_kg}))
    if isinstance(mg_per_day, NotEvaluable):
        return mg_per_day
    if weight_kg is None:
        return NotEvaluable("weight_kg not known")
    return Fraction(mg_per_day) / Fraction(weight_kg)


def _every(interval_days: Decimal) -> str:
    return "" if interval_days == 1 else f" every {show_exact(interval_days)} days"

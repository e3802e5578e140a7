"""HScore: how likely a reactive haemophagocytic syndrome is, as points; what is not known leaves a range.

Derived in adults at the first suspicion of the syndrome, not after cell therapy. Treated lupus always scores for
immunosuppression, and its fever, cytopenias and large spleen score too: specificity is poor there. The probability that
the authors' calculator prints is left out: its formula could not be verified.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from decimal import Decimal
from functools import cache

from celltrial.answers import Operator, YesNoUnknown, hold_against
from celltrial.errors import Finding, UsageError
from celltrial.missing import NotEvaluable
from celltrial.safety.grades import require_words
from celltrial.tables import read_package_table

__all__ = ["HScore", "HScoreFindings", "score_hscore"]

_SIGNS = ("immunosuppression", "hepatomegaly", "splenomegaly", "haemophagocytosis")
_PLAUSIBLE_C = (Decimal(30), Decimal(45))
# under this a haemoglobin is hardly one in g/L
_LEAST_HAEMOGLOBIN_G_L = Decimal(25)


@dataclass(frozen=True, slots=True, kw_only=True)
class HScoreFindings:
    """What is known at one time. None and `unknown` are things not known.

    immunosuppression: HIV infection or long-term immunosuppressive treatment (glucocorticoids among it).
    haemophagocytosis: in the bone marrow.
    """

    immunosuppression: YesNoUnknown = "unknown"
    temperature_c: Decimal | None = None
    hepatomegaly: YesNoUnknown = "unknown"
    splenomegaly: YesNoUnknown = "unknown"
    hemoglobin_g_l: Decimal | None = None
    leukocytes_10e9_l: Decimal | None = None
    platelets_10e9_l: Decimal | None = None
    ferritin_ug_l: Decimal | None = None
    triglycerides_mmol_l: Decimal | None = None
    fibrinogen_g_l: Decimal | None = None
    ast_u_l: Decimal | None = None
    haemophagocytosis: YesNoUnknown = "unknown"

    def __post_init__(self) -> None:
        findings = _out_of_range(self)
        words = [(name, str(getattr(self, name)), ("yes", "no", "unknown")) for name in _SIGNS]
        try:
            require_words("HScore", words)
        except UsageError as error:
            findings += error.findings
        if findings:
            raise UsageError(findings)


@dataclass(frozen=True, slots=True, kw_only=True)
class HScore:
    """The range of the total that the known items leave, item by item.

    points: item -> (lowest, highest). reaches_cutoff: whether the total is `cutoff` or more. unknown: what is not known
    and could change the points.
    """

    points: Mapping[str, tuple[int, int]]
    cutoff: int
    unknown: tuple[str, ...]
    flags: tuple[str, ...]

    @property
    def lowest(self) -> int:
        """The total where nothing that is not known scores."""
        return sum(low for low, _ in self.points.values())

    @property
    def highest(self) -> int:
        """The total where everything that is not known scores most."""
        return sum(high for _, high in self.points.values())

    @property
    def total(self) -> int | NotEvaluable:
        """The total; NotEvaluable with its lower bound where it is not known."""
        if self.lowest == self.highest:
            return self.lowest
        reason = f"not known: {', '.join(self.unknown)}; the score may be {self.lowest} to {self.highest}"
        return NotEvaluable(reason, lower_bound=self.lowest)

    @property
    def reaches_cutoff(self) -> YesNoUnknown:
        """Yes or no where the whole range lies on one side of the cut-off."""
        if self.lowest >= self.cutoff:
            return "yes"
        return "no" if self.highest < self.cutoff else "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    item: str
    input: str
    operator: Operator
    limit: Decimal
    points: int


def score_hscore(findings: HScoreFindings, *, cutoff: int = 169) -> HScore:
    """The HScore of one moment, 0 to 337.

    Source: Fardet L et al., Arthritis Rheumatol 2014;66:2613-20; 169 or more is its best cut-off.

    >>> seen = HScoreFindings(immunosuppression="yes", temperature_c=Decimal("39.5"), ferritin_ug_l=Decimal(7000))
    >>> score_hscore(seen).lowest, score_hscore(seen).highest, score_hscore(seen).reaches_cutoff
    (117, 337, 'unknown')
    """
    amounts = _amounts(findings)
    points = {item: _points(item, amounts) for item in _items()}
    uncertain = {item for item, (low, high) in points.items() if low != high}
    unknown = tuple(name for item in points if item in uncertain for name in _missing_inputs(item, findings))
    return HScore(points=points, cutoff=cutoff, unknown=unknown, flags=_flags(findings))


def _amounts(findings: HScoreFindings) -> dict[str, tuple[Decimal, ...]]:
    """Each input of the item table with the numbers that are possible; none where any number is."""
    lineages = [_is_cytopenic(findings, row) for row in read_package_table("celltrial.safety.hscore", "lineages.csv")]
    amounts: dict[str, tuple[Decimal, ...]] = {
        "immunosuppression": _count([findings.immunosuppression]),
        "haemophagocytosis": _count([findings.haemophagocytosis]),
        "enlarged_organs": _count([findings.hepatomegaly, findings.splenomegaly]),
        "cytopenic_lineages": _count(lineages),
    }
    for name in ("temperature_c", "ferritin_ug_l", "triglycerides_mmol_l", "fibrinogen_g_l", "ast_u_l"):
        value = getattr(findings, name)
        amounts[name] = () if value is None else (value,)
    return amounts


def _count(answers: list[YesNoUnknown]) -> tuple[Decimal, ...]:
    """How many may be yes."""
    certain = answers.count("yes")
    return tuple(Decimal(number) for number in range(certain, certain + answers.count("unknown") + 1))


def _is_cytopenic(findings: HScoreFindings, row: Mapping[str, str]) -> YesNoUnknown:
    value = getattr(findings, row["input"])
    return hold_against("", value, row["operator"], Decimal(row["limit"])).answer  # type: ignore[arg-type]  # the table's signs


def _points(item: str, amounts: Mapping[str, tuple[Decimal, ...]]) -> tuple[int, int]:
    rows = [row for row in _rows() if row.item == item]
    possible = amounts[rows[0].input]
    if not possible:
        return 0, max(row.points for row in rows)
    scored = [_points_of(rows, value) for value in possible]
    return min(scored), max(scored)


def _points_of(rows: list[_Row], value: Decimal) -> int:
    holding = (row.points for row in rows if hold_against("", value, row.operator, row.limit).answer == "yes")
    return next(holding, 0)


@cache
def _rows() -> tuple[_Row, ...]:
    return tuple(
        _Row(
            item=row["item"],
            input=row["input"],
            operator=row["operator"],  # type: ignore[arg-type]  # the table's own signs, held by a test
            limit=Decimal(row["limit"]),
            points=int(row["points"]),
        )
        for row in read_package_table("celltrial.safety.hscore", "items.csv")
    )


@cache
def _items() -> tuple[str, ...]:
    return tuple(dict.fromkeys(row.item for row in _rows()))


def _missing_inputs(item: str, findings: HScoreFindings) -> tuple[str, ...]:
    asked = {
        "organomegaly": ("hepatomegaly", "splenomegaly"),
        "cytopenias": ("hemoglobin_g_l", "leukocytes_10e9_l", "platelets_10e9_l"),
    }.get(item, tuple(row.input for row in _rows() if row.item == item)[:1])
    return tuple(name for name in asked if getattr(findings, name) in (None, "unknown"))


def _flags(findings: HScoreFindings) -> tuple[str, ...]:
    flags = []
    if findings.immunosuppression == "yes":
        flags.append("18 points are for immunosuppression, which treated lupus always has: poor specificity")
    haemoglobin = findings.hemoglobin_g_l
    if haemoglobin is not None and haemoglobin < _LEAST_HAEMOGLOBIN_G_L:
        flags.append(f"haemoglobin {haemoglobin} g/L: check the unit")
    return tuple(flags)


def _out_of_range(given: HScoreFindings) -> list[Finding]:
    findings = []
    for name in (each.name for each in fields(given) if each.name not in _SIGNS):
        value: Decimal | None = getattr(given, name)
        lowest, highest = _PLAUSIBLE_C if name == "temperature_c" else (Decimal(0), None)
        if value is not None and (value < lowest or (highest is not None and value > highest)):
            findings.append(
                Finding(
                    message=f"HScore: {name} is a number that makes no sense",
                    where=name,
                    found=str(value),
                    expected=f"{lowest} to {highest}" if highest is not None else f"{lowest} or more",
                    next_step="correct the entry",
                )
            )
    return findings

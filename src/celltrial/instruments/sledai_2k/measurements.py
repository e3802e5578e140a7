"""The descriptors of SLEDAI-2K that a measured value decides: tri-state, unrounded, strict thresholds, with the reason.

A value says that a descriptor is present, never that it is due to lupus: fever of CRS, counts after lymphodepletion and
pyuria of an infection are present too, and their attribution is asked apart.
"""

from dataclasses import dataclass, fields
from decimal import Decimal
from typing import Literal

from celltrial.answers import Condition, YesNoUnknown, any_of, hold_against
from celltrial.errors import Finding, UsageError

__all__ = ["LaboratoryValues", "derive_arthritis", "derive_laboratory_items"]

_COMPLEMENT = ("c3", "c4", "ch50")
_WARMEST, _COLDEST = Decimal(45), Decimal(30)


@dataclass(frozen=True, slots=True, kw_only=True)
class LaboratoryValues:
    """The values within the window; None is not measured. The caller picks the worst of several.

    Complement, with its lower limit, and anti-dsDNA, with its upper limit, are in the unit of their laboratory: the
    same for value and limit. Platelets and white cells: 10*9/L. Protein: g/24 h; UPCR: g/g (mg/mmol x 0.00884).
    Cells of the urine: per high-power field. Temperature: degrees Celsius.
    """

    c3: Decimal | None = None
    c3_lln: Decimal | None = None
    c4: Decimal | None = None
    c4_lln: Decimal | None = None
    ch50: Decimal | None = None
    ch50_lln: Decimal | None = None
    anti_dsdna: Decimal | None = None
    anti_dsdna_uln: Decimal | None = None
    platelets_10e9_l: Decimal | None = None
    white_cells_10e9_l: Decimal | None = None
    protein_g_24h: Decimal | None = None
    upcr_g_g: Decimal | None = None
    red_cells_per_hpf: Decimal | None = None
    white_cells_per_hpf: Decimal | None = None
    temperature_c: Decimal | None = None

    def __post_init__(self) -> None:
        given = {field.name: getattr(self, field.name) for field in fields(self)}
        findings = [
            _senseless(name, value, "0 or more")
            for name, value in given.items()
            if value is not None and not (value.is_finite() and value >= 0)
        ]
        warmth = self.temperature_c
        if not findings and warmth is not None and not _COLDEST <= warmth <= _WARMEST:
            findings.append(_senseless("temperature_c", warmth, "30 to 45 degrees Celsius"))
        if findings:
            raise UsageError(findings)


def derive_laboratory_items(
    values: LaboratoryValues,
    *,
    anti_dsdna_multiple: Decimal = Decimal(1),
    complement_needed: tuple[Literal["c3", "c4", "ch50"], ...] = ("c3", "c4"),
) -> dict[str, Condition]:
    """Whether each descriptor that a value decides is present: item id -> Condition, with the reason.

    Args:
        anti_dsdna_multiple: how many times the upper limit anti-dsDNA must pass; 1 as published, 2 in some centres that
            use ELISA.
        complement_needed: the components without which complement is not known to be normal. One low component of the
            three is enough for yes, whichever. Our reading, the descriptor does not say: C3 and C4, since CH50 is
            rarely measured.
    Proteinuria: the 24-hour collection prevails; the ratio of protein to creatinine (also over 0.5 g/g) stands in where
    there is none. At the threshold exactly nothing scores.

    Source: Gladman DD et al., J Rheumatol 2002;29:288-91, definitions 12 to 14 and 20 to 24.

    >>> values = LaboratoryValues(platelets_10e9_l=Decimal(100), c4=Decimal(9), c4_lln=Decimal(10))
    >>> derived = derive_laboratory_items(values)
    >>> derived["thrombocytopenia"].answer, derived["low_complement"].answer, derived["leukopenia"].answer
    ('no', 'yes', 'unknown')
    """
    conditions = (
        _hold("hematuria", values.red_cells_per_hpf, ">", Decimal(5), "/hpf"),
        _proteinuria(values),
        _hold("pyuria", values.white_cells_per_hpf, ">", Decimal(5), "/hpf"),
        _complement(values, complement_needed),
        _anti_dsdna(values, anti_dsdna_multiple),
        _hold("fever", values.temperature_c, ">", Decimal(38), "degC"),
        _hold("thrombocytopenia", values.platelets_10e9_l, "<", Decimal(100), "x10*9/L"),
        _hold("leukopenia", values.white_cells_10e9_l, "<", Decimal("3.0"), "x10*9/L"),
    )
    return {condition.name: condition for condition in conditions}


def derive_arthritis(
    inflamed_joints: int | None, *, wording: Literal["at least 2", "more than 2"] = "at least 2"
) -> Condition:
    """Arthritis from the number of joints with pain and signs of inflammation; None is not counted.

    wording: `at least 2` as SLEDAI-2K is printed in most places; `more than 2` as in the original SLEDAI,
        SELENA-SLEDAI and some prints of the 2K.

    >>> derive_arthritis(2).answer, derive_arthritis(2, wording="more than 2").answer
    ('yes', 'no')
    """
    if inflamed_joints is not None and inflamed_joints < 0:
        raise UsageError(_senseless("inflamed_joints", inflamed_joints, "0 or more"))
    if wording == "at least 2":
        return hold_against("arthritis", inflamed_joints, ">=", 2, "joints")
    return hold_against("arthritis", inflamed_joints, ">", 2, "joints")


def _hold(name: str, value: Decimal | None, operator: Literal["<", ">"], limit: Decimal, unit: str) -> Condition:
    return hold_against(name, value, operator, limit, unit)


def _proteinuria(values: LaboratoryValues) -> Condition:
    if values.protein_g_24h is None and values.upcr_g_g is not None:
        return _hold("proteinuria", values.upcr_g_g, ">", Decimal("0.5"), "g/g")
    return _hold("proteinuria", values.protein_g_24h, ">", Decimal("0.5"), "g/24 h")


def _complement(values: LaboratoryValues, needed: tuple[str, ...]) -> Condition:
    answers: dict[str, YesNoUnknown] = {}
    reasons = []
    for name in _COMPLEMENT:
        value, limit = getattr(values, name), getattr(values, f"{name}_lln")
        if value is not None and limit is not None:
            condition = hold_against(name, value, "<", limit)
            answers[name] = condition.answer
            reasons.append(f"{name.upper()} {condition.reason}")
        elif value is not None or name in needed:
            answers[name] = "unknown"
            reasons.append(f"{name.upper()} {'without its lower limit' if value is not None else 'not known'}")
    if not answers:
        return Condition(name="low_complement", answer="unknown", reason="no component measured")
    return Condition(name="low_complement", answer=any_of(answers.values()), reason="; ".join(reasons))


def _anti_dsdna(values: LaboratoryValues, multiple: Decimal) -> Condition:
    name = "high_dna_binding"
    if values.anti_dsdna is not None and values.anti_dsdna_uln is None:
        return Condition(name=name, answer="unknown", reason=f"{values.anti_dsdna} without its upper limit")
    if values.anti_dsdna is None or values.anti_dsdna_uln is None:
        return Condition(name=name, answer="unknown", reason="not known")
    return hold_against(name, values.anti_dsdna, ">", values.anti_dsdna_uln * multiple)


def _senseless(name: str, value: object, expected: str) -> Finding:
    return Finding(
        message=f"SLEDAI-2K: {name} has a value that makes no sense",
        where=name,
        found=str(value),
        expected=expected,
        next_step="correct the entry",
    )

"""Whether a visit is in DORIS remission: activity, global assessment, glucocorticoid, other treatment, serology."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from celltrial.answers import Conclusion, Condition, YesNoUnknown, any_of, conclude, hold_against, negate
from celltrial.instruments.doris.rules import DORIS_2021, DorisRules
from celltrial.instruments.visit_values import (
    ActivityTotal,
    find_bad_values,
    find_bad_words,
    hold_total_at_most,
    require_none,
)

__all__ = ["RemissionVisit", "assess_doris"]

_FLAGS = (
    "on_antimalarial",
    "on_immunosuppressive",
    "on_biologic",
    "is_treatment_stable",
    "high_anti_dsdna",
    "low_complement",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RemissionVisit:
    """What the definitions of remission read at one visit; None and `unknown` are things not known.

    clinical_sledai: SLEDAI-2K without low complement and anti-dsDNA (`score_clinical_sledai_2k`).
    pga: physician's global assessment, 0 to 3. prednisone_mg_per_day: systemic daily prednisone equivalent.
    is_treatment_stable: antimalarials, immunosuppressives and biologics at stable maintenance doses; not read where the
        visit says that none is taken. The infused cells, and immunoglobulin given as replacement, are not counted as
        treatment of lupus (our reading; the definitions are silent).
    high_anti_dsdna, low_complement: serology, read by the complete forms only.
    """

    clinical_sledai: ActivityTotal
    pga: Decimal | None
    prednisone_mg_per_day: Decimal | None
    on_antimalarial: YesNoUnknown = "unknown"
    on_immunosuppressive: YesNoUnknown = "unknown"
    on_biologic: YesNoUnknown = "unknown"
    is_treatment_stable: YesNoUnknown = "unknown"
    high_anti_dsdna: YesNoUnknown = "unknown"
    low_complement: YesNoUnknown = "unknown"

    def __post_init__(self) -> None:
        where = "DORIS"
        require_none(
            find_bad_words(where, {name: getattr(self, name) for name in _FLAGS})
            + find_bad_values(
                where,
                totals={"clinical SLEDAI": self.clinical_sledai},
                pga=self.pga,
                prednisone_mg_per_day=self.prednisone_mg_per_day,
            )
        )


def assess_doris(visit: RemissionVisit, rules: DorisRules = DORIS_2021) -> Conclusion:
    """Whether the visit is in remission; one visit is enough, DORIS sets no duration.

    Met only where every value the rules read is known; not met as soon as one condition fails, also where a clinical
    SLEDAI is incomplete but already above 0. Flags name a value that lies exactly on a limit the prints disagree on.

    Raises UsageError (by RemissionVisit): a value outside its range or a word no rule knows, all at once.
    Source: van Vollenhoven RF et al., Lupus Sci Med 2021;8:e000538; variants: see `rules.py`.

    >>> visit = RemissionVisit(clinical_sledai=0, pga=Decimal("0.5"), prednisone_mg_per_day=Decimal("5"),
    ...                        is_treatment_stable="yes")
    >>> assess_doris(visit).answer, assess_doris(visit).reason
    ('no', 'PGA: 0.5, needs < 0.5')
    """
    conditions = [
        hold_total_at_most("clinical SLEDAI", visit.clinical_sledai, 0),
        hold_against("PGA", visit.pga, "<=" if rules.is_pga_max_allowed else "<", rules.pga_max),
    ]
    conditions += _on_treatment(visit, rules) if rules.treatment == "on" else _off_treatment(visit, rules)
    if rules.needs_quiet_serology:
        conditions.append(_quiet_serology(visit))
    return conclude(conditions, _boundary_flags(visit, rules))


def _on_treatment(visit: RemissionVisit, rules: DorisRules) -> list[Condition]:
    taken = any_of((visit.on_antimalarial, visit.on_immunosuppressive, visit.on_biologic))
    known = visit.is_treatment_stable
    words = {"yes": "stable", "no": "changed", "unknown": "not known whether stable"}
    reason = "no other treatment of lupus" if taken == "no" else words[known]
    if taken == "unknown" and known != "yes":
        reason += "; not known whether any is taken"
    stable = Condition(name="stable treatment", answer=any_of((negate(taken), known)), reason=reason)
    prednisone = hold_against(
        "glucocorticoid",
        visit.prednisone_mg_per_day,
        "<=" if rules.is_prednisone_max_allowed else "<",
        rules.prednisone_max_mg_per_day,
        "mg/day",
    )
    return [prednisone, stable]


def _off_treatment(visit: RemissionVisit, rules: DorisRules) -> list[Condition]:
    conditions = [
        hold_against("no glucocorticoid", visit.prednisone_mg_per_day, "=", 0, "mg/day"),
        _not_taken("no immunosuppressive", visit.on_immunosuppressive),
        _not_taken("no biologic", visit.on_biologic),
    ]
    if not rules.is_antimalarial_allowed:
        conditions.append(_not_taken("no antimalarial", visit.on_antimalarial))
    return conditions


def _not_taken(name: str, taken: YesNoUnknown) -> Condition:
    words = {"yes": "taken", "no": "not taken", "unknown": "not known whether taken"}
    return Condition(name=name, answer=negate(taken), reason=words[taken])


def _quiet_serology(visit: RemissionVisit) -> Condition:
    findings = {"anti-dsDNA raised": visit.high_anti_dsdna, "complement low": visit.low_complement}
    active = any_of(findings.values())
    return Condition(
        name="no serological activity",
        answer=negate(active),
        reason=", ".join(f"{name}: {answer}" for name, answer in findings.items()),
    )


def _boundary_flags(visit: RemissionVisit, rules: DorisRules) -> Iterator[str]:
    if visit.pga == rules.pga_max:
        reading = "allowed" if rules.is_pga_max_allowed else "not allowed"
        yield f"PGA is exactly {visit.pga}: prints differ (< or <=); read here as {reading}"
    if rules.treatment == "on" and visit.prednisone_mg_per_day == rules.prednisone_max_mg_per_day:
        reading = "allowed" if rules.is_prednisone_max_allowed else "not allowed"
        dose = f"{visit.prednisone_mg_per_day} mg/day"
        yield f"glucocorticoid is exactly {dose}: prints differ (< or <=); read here as {reading}"

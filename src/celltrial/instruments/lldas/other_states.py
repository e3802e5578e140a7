"""Smaller definitions of low and high activity, each a few conditions on the same visit.

Source: as compared in a review of low disease activity in lupus (abstract): MDA is a clinical SLEDAI-2K of at most 1 on
antimalarials, immunosuppressives in standard doses and at most 5 mg/day of prednisone; the Toronto LDA a clinical
SLEDAI-2K of at most 2 on antimalarials only. The papers themselves were not available.
"""

from decimal import Decimal

from celltrial.answers import Conclusion, Condition, YesNoUnknown, any_of, conclude, hold_against, negate
from celltrial.instruments.visit_values import (
    ActivityTotal,
    find_bad_values,
    find_bad_words,
    hold_total_at_most,
    require_none,
    total_text,
)

__all__ = ["assess_hdas", "assess_mda", "assess_toronto_lda"]

_HDAS_FROM = 10


def assess_mda(
    *, clinical_sledai: ActivityTotal, prednisone_mg_per_day: Decimal | None, standard_doses: YesNoUnknown
) -> Conclusion:
    """Minimal disease activity: clinical SLEDAI-2K at most 1, at most 5 mg/day, standard doses."""
    _require("MDA", clinical_sledai, prednisone_mg_per_day, {"standard_doses": standard_doses})
    return conclude(
        [
            hold_total_at_most("clinical SLEDAI-2K", clinical_sledai, 1),
            hold_against("glucocorticoid", prednisone_mg_per_day, "<=", 5, "mg/day"),
            Condition(name="standard treatment", answer=standard_doses, reason=f"standard doses: {standard_doses}"),
        ]
    )


def assess_toronto_lda(
    *,
    clinical_sledai: ActivityTotal,
    prednisone_mg_per_day: Decimal | None,
    on_immunosuppressive: YesNoUnknown,
    on_biologic: YesNoUnknown,
) -> Conclusion:
    """Low disease activity (Toronto): clinical SLEDAI-2K at most 2 on antimalarials only."""
    drugs = {"on_immunosuppressive": on_immunosuppressive, "on_biologic": on_biologic}
    _require("Toronto LDA", clinical_sledai, prednisone_mg_per_day, drugs)
    return conclude(
        [
            hold_total_at_most("clinical SLEDAI-2K", clinical_sledai, 2),
            hold_against("no glucocorticoid", prednisone_mg_per_day, "=", 0, "mg/day"),
            Condition(
                name="antimalarials only",
                answer=negate(any_of(drugs.values())),
                reason=", ".join(f"{name}: {answer}" for name, answer in drugs.items()),
            ),
        ]
    )


def assess_hdas(sledai_2k: ActivityTotal) -> Conclusion:
    """High disease activity status: SLEDAI-2K of 10 or more, also where what is known of it is already 10.

    Unlike the low states, an incomplete score can show this one: further items only add points.

    >>> assess_hdas(10).answer, assess_hdas(9).answer
    ('yes', 'no')
    """
    require_none(find_bad_values("HDAS", totals={"SLEDAI-2K": sledai_2k}))
    opposite = hold_total_at_most("SLEDAI-2K", sledai_2k, _HDAS_FROM - 1)
    reason = f"{total_text(sledai_2k)}, needs >= {_HDAS_FROM}"
    return conclude([Condition(name="SLEDAI-2K", answer=negate(opposite.answer), reason=reason)])


def _require(
    where: str, total: ActivityTotal, prednisone_mg_per_day: Decimal | None, words: dict[str, YesNoUnknown]
) -> None:
    totals = {"clinical SLEDAI-2K": total}
    findings = find_bad_values(where, totals=totals, prednisone_mg_per_day=prednisone_mg_per_day)
    require_none(findings + find_bad_words(where, dict(words)))

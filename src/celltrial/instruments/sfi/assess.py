"""The SELENA-SLEDAI flare index: none, mild/moderate or severe between two visits, with the criteria that say so.

Something not known is tried each way: the flare stands where it comes out the same, and is unknown, with its range,
where it does not. The rules are values, so that a study names the variant it uses.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from celltrial.answers import Condition, YesNoUnknown
from celltrial.instruments.sfi.values import CompleteValues, FlareValues, SfiCriterion, complete_values, sfi_criteria

__all__ = ["SFI_CLASSIC", "SFI_MODIFIED", "Flare", "FlareJudgement", "SfiRules", "assess_flare"]

Flare = Literal["none", "mild-moderate", "severe"]

_HALF = Decimal("0.5")


@dataclass(frozen=True, slots=True, kw_only=True)
class SfiRules:
    """Which criteria count.

    count_mycophenolate: a new mycophenolate is as severe as azathioprine; it was not in the first index.
    sledai_over_12_is_severe: False in the modified index of the belimumab trials (not verified), where such a rise
        is then one of 3 points or more (our reading).
    count_medication: False leaves out prednisone and drugs as criteria of their own. Then 42 of 55 severe flares
        were milder (Thanou A et al., Rheumatology 2014;53:2175-81). What a severe manifestation needs (prednisone or
        hospitalisation) stays: our reading.
    count_pga: False leaves out the global assessment, as some studies do.
    least_rise_to_severe: the points that SLEDAI must rise to be severe above 12. The index prints "change to more than
        12", which may be any rise (1, the default) or one of 3 points.
    """

    count_mycophenolate: bool = True
    sledai_over_12_is_severe: bool = True
    count_medication: bool = True
    count_pga: bool = True
    least_rise_to_severe: Literal[1, 3] = 1


SFI_CLASSIC = SfiRules()
SFI_MODIFIED = SfiRules(sledai_over_12_is_severe=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class FlareJudgement:
    """flare: `unknown` where it is not settled. lowest, highest: what it may be; the same where it is settled.

    mild_moderate, severe: every criterion that counts, in published order. reason: what decides.
    """

    flare: Literal["none", "mild-moderate", "severe", "unknown"]
    lowest: Flare
    highest: Flare
    mild_moderate: tuple[Condition, ...]
    severe: tuple[Condition, ...]
    reason: str

    @property
    def criteria_met(self) -> tuple[str, ...]:
        """The criteria that are met, mild/moderate first."""
        return tuple(each.name for each in (*self.mild_moderate, *self.severe) if each.answer == "yes")


def assess_flare(values: FlareValues, rules: SfiRules = SFI_CLASSIC) -> FlareJudgement:
    """The flare between two visits.

    Any criterion is enough, and severe outranks mild/moderate: a rise of SLEDAI, prednisone or PGA past its severe
    limit meets both, and is severe. Prednisone started from none counts as doubled (our reading).

    Source: Petri M, Buyon J, Kim M. Lupus 1999;8:685-91; see `criteria.csv` for what was seen printed.

    >>> quiet = {each.criterion: "no" for each in sfi_criteria() if each.is_asked}
    >>> seen = FlareValues(sledai_before=4, sledai_after=8, pga_before=Decimal("0.5"), pga_after=Decimal("0.8"),
    ...     prednisone_before_mg_day=Decimal(5), prednisone_after_mg_day=Decimal(5), answers=quiet)
    >>> assess_flare(seen).flare, assess_flare(seen).criteria_met
    ('mild-moderate', ('sledai_rise_3',))
    """
    least, most = complete_values(values)
    found = {each.criterion: _condition(each, least, most, rules) for each in sfi_criteria() if _counts(each, rules)}
    severities = {each.criterion: each.severity for each in sfi_criteria()}
    mild = tuple(condition for name, condition in found.items() if severities[name] == "mild-moderate")
    severe = tuple(condition for name, condition in found.items() if severities[name] == "severe")
    lowest = _flare(mild, severe, ("yes",))
    highest = _flare(mild, severe, ("yes", "unknown"))
    return FlareJudgement(
        flare=lowest if lowest == highest else "unknown",
        lowest=lowest,
        highest=highest,
        mild_moderate=mild,
        severe=severe,
        reason=_reason(mild, severe, lowest, highest),
    )


def _counts(criterion: SfiCriterion, rules: SfiRules) -> bool:
    match criterion.criterion:
        case "new_mycophenolate" if not rules.count_mycophenolate:
            return False
        case "sledai_over_12":
            return rules.sledai_over_12_is_severe
        case _:
            left_out = {"medication": not rules.count_medication, "pga": not rules.count_pga}
            return not left_out.get(criterion.kind, False)


def _condition(criterion: SfiCriterion, least: CompleteValues, most: CompleteValues, rules: SfiRules) -> Condition:
    holds = _predicate(criterion, rules)
    answer: YesNoUnknown = "yes" if holds(least) else "unknown" if holds(most) else "no"
    return Condition(name=criterion.criterion, answer=answer, reason=criterion.definition)


def _predicate(criterion: SfiCriterion, rules: SfiRules) -> Callable[[CompleteValues], bool]:
    name = criterion.criterion
    computed: Mapping[str, Callable[[CompleteValues], bool]] = {
        "sledai_rise_3": lambda seen: seen.sledai_after >= seen.sledai_before + 3,
        "sledai_over_12": lambda seen: (
            seen.sledai_after > 12 and seen.sledai_after >= seen.sledai_before + rules.least_rise_to_severe
        ),
        "pga_rise_1": lambda seen: seen.pga_after >= seen.pga_before + 1,
        "pga_over_2_5": lambda seen: seen.pga_after > max(Decimal("2.5"), seen.pga_before),
        "prednisone_raised": lambda seen: seen.prednisone_after_mg_day > seen.prednisone_before_mg_day,
        "prednisone_over_half_mg_per_kg": lambda seen: (
            _is_over_half(seen) and seen.prednisone_after_mg_day > seen.prednisone_before_mg_day
        ),
        "thrombocytopenia": lambda seen: seen.answers[name] and seen.platelets_10e9_l < 60 and _is_treated(seen),
        "haemolytic_anaemia": lambda seen: seen.answers[name] and _is_deep(seen) and _is_treated(seen),
    }
    if name in computed:
        return computed[name]
    if criterion.needs_treatment:
        return lambda seen: seen.answers[name] and _is_treated(seen)
    return lambda seen: seen.answers[name]


def _is_deep(seen: CompleteValues) -> bool:
    """Haemoglobin below 70 g/L, or more than 30 g/L lower than before."""
    return seen.hemoglobin_after_g_l < 70 or seen.hemoglobin_before_g_l > seen.hemoglobin_after_g_l + 30


def _is_over_half(seen: CompleteValues) -> bool:
    return seen.prednisone_after_mg_day > _HALF * seen.weight_kg


def _is_treated(seen: CompleteValues) -> bool:
    """Prednisone doubled, prednisone over 0.5 mg/kg/day, or hospitalisation for lupus."""
    now, before = seen.prednisone_after_mg_day, seen.prednisone_before_mg_day
    return (now > before and now >= 2 * before) or _is_over_half(seen) or seen.answers["hospitalised_for_sle"]


def _flare(mild: tuple[Condition, ...], severe: tuple[Condition, ...], holding: tuple[YesNoUnknown, ...]) -> Flare:
    if any(each.answer in holding for each in severe):
        return "severe"
    return "mild-moderate" if any(each.answer in holding for each in mild) else "none"


def _reason(mild: tuple[Condition, ...], severe: tuple[Condition, ...], lowest: Flare, highest: Flare) -> str:
    if lowest == highest:
        deciding = severe if lowest == "severe" else mild
        met = [each.name for each in deciding if each.answer == "yes"]
        return f"met: {', '.join(met)}" if met else "no criterion is met"
    open_ones = [*severe] if lowest == "mild-moderate" else [*mild, *severe]
    names = [each.name for each in open_ones if each.answer == "unknown"]
    return f"may be {lowest} to {highest}; not known: {', '.join(names)}"

"""What must hold of activity and damage: more disease never scores less, and nothing unknown is settled."""

from dataclasses import replace
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from celltrial.instruments import (
    NEW_PROTEINURIA,
    BilagScore,
    DamageScore,
    FlareValues,
    PgaScore,
    SledaiScore,
    assess_flare,
    bilag_change,
    bilag_systems,
    check_damage_course,
    eular_acr_2019_items,
    score_bilag_2004,
    score_eular_acr_2019,
    score_pga,
    score_selena_sledai,
    score_slicc_damage,
    selena_sledai_items,
    sfi_criteria,
    slicc_damage_items,
)
from celltrial.missing import NotEvaluable

SELENA = [item.item for item in selena_sledai_items()]
ANSWERS = st.fixed_dictionaries({name: st.sampled_from(["yes", "no", "unknown"]) for name in SELENA})
CAUSES = st.fixed_dictionaries({name: st.sampled_from(["sle", "other", "unknown"]) for name in SELENA})
RULES = st.sampled_from(["selena", "2k"])
FLARES = ["none", "mild-moderate", "severe"]
ASKED = [each.criterion for each in sfi_criteria() if each.is_asked]


def bounds(result: object) -> tuple[float, bool]:
    """What is certain, and whether it is the score."""
    if isinstance(result, NotEvaluable):
        assert result.lower_bound is not None
        return result.lower_bound, False
    assert isinstance(result, SledaiScore | BilagScore | DamageScore)
    return result.total, True


@given(items=ANSWERS, causes=CAUSES, new=st.sampled_from(["yes", "unknown"]), rule=RULES, data=st.data())
def test_selena_settles_nothing_unknown(
    items: dict[str, str], causes: dict[str, str], new: str, rule: str, data: st.DataObject
) -> None:
    """Filling in what is unknown never goes below the lower bound, and never changes a score that stood."""
    items |= {NEW_PROTEINURIA: new if items["proteinuria"] != "no" else "no"}
    lower, is_score = bounds(score_selena_sledai(items, causes, proteinuria_rule=rule))  # type: ignore[arg-type]
    filled = {
        name: answer if answer != "unknown" else data.draw(st.sampled_from(["yes", "no"]))
        for name, answer in items.items()
    }
    if filled["proteinuria"] == "no":
        filled[NEW_PROTEINURIA] = "no"
    known = {
        name: cause if cause != "unknown" else data.draw(st.sampled_from(["sle", "other"]))
        for name, cause in causes.items()
    }
    full, is_full = bounds(score_selena_sledai(filled, known, proteinuria_rule=rule))  # type: ignore[arg-type]
    assert is_full
    assert full == lower if is_score else full >= lower


@given(
    items=ANSWERS, causes=CAUSES, added=st.sampled_from([name for name in SELENA if name != "proteinuria"]), rule=RULES
)
def test_selena_adding_a_manifestation_never_lowers(
    items: dict[str, str], causes: dict[str, str], added: str, rule: str
) -> None:
    """What is certain only grows."""
    items |= {NEW_PROTEINURIA: "no"}
    before, _ = bounds(score_selena_sledai(items | {added: "no"}, causes, proteinuria_rule=rule))  # type: ignore[arg-type]
    after, _ = bounds(score_selena_sledai(items | {added: "yes"}, causes, proteinuria_rule=rule))  # type: ignore[arg-type]
    assert after >= before


GRADES = st.fixed_dictionaries({system: st.sampled_from("ABCDE") for system in bilag_systems()})


@given(
    grades=GRADES, system=st.sampled_from(bilag_systems()), lost=st.sets(st.sampled_from(bilag_systems()), min_size=1)
)
def test_bilag(grades: dict[str, str], system: str, lost: set[str]) -> None:
    """A worse grade never lowers the number; a missing system leaves a bound that the full number is not under."""
    full, _ = bounds(score_bilag_2004(grades))
    worse, _ = bounds(score_bilag_2004(grades | {system: "A"}))
    assert 0 <= full <= worse <= 108
    bound, is_score = bounds(score_bilag_2004({name: grade for name, grade in grades.items() if name not in lost}))
    assert not is_score
    assert bound <= full


@given(
    before=GRADES,
    after=GRADES,
    lost=st.sets(st.sampled_from(bilag_systems())),
    when=st.sampled_from(["before", "after"]),
)
def test_bilag_change_settles_nothing_unknown(
    before: dict[str, str], after: dict[str, str], lost: set[str], when: str
) -> None:
    """With a grade gone, each answer is the one it was or unknown; new A, new B and improved exclude each other."""
    full = bilag_change(before, after)
    blank = dict.fromkeys(lost, "")
    part = bilag_change(before | blank, after) if when == "before" else bilag_change(before, after | blank)
    for system in bilag_systems():
        assert part.new_a[system] in (full.new_a[system], "unknown")
        assert part.new_b[system] in (full.new_b[system], "unknown")
        assert part.improved.get(system, "no") in (full.improved.get(system, "no"), "unknown")
        answers = (full.new_a[system], full.new_b[system], full.improved.get(system, "no"))
        assert answers.count("yes") <= 1


DAMAGE = st.fixed_dictionaries({each.item: st.sampled_from(each.points) for each in slicc_damage_items()})


@given(
    items=DAMAGE,
    added=st.sampled_from(slicc_damage_items()),
    lost=st.sets(st.sampled_from([each.item for each in slicc_damage_items()]), min_size=1),
)
def test_damage(items: dict[str, int], added: object, lost: set[str]) -> None:
    """More damage never lowers the index and is no finding; an unknown item never yields less than what is certain."""
    most = items | {added.item: max(added.points)}  # type: ignore[attr-defined]
    full, _ = bounds(score_slicc_damage(items))
    worse, _ = bounds(score_slicc_damage(most))
    assert 0 <= full <= worse <= 47
    assert check_damage_course(items, most) == ()
    bound, is_score = bounds(score_slicc_damage({name: points for name, points in items.items() if name not in lost}))
    assert bound <= full
    assert not is_score or items["end_stage_renal_disease"] == 3


@given(value=st.decimals(0, 100, places=1))
def test_pga_of_a_line(value: Decimal) -> None:
    """A longer line never means less activity, and never leaves 0 to 3."""
    order = ["none", "below mild", "mild", "moderate", "severe"]
    result, most = score_pga(value, scale="0-100 mm"), score_pga(Decimal(100), scale="0-100 mm")
    assert isinstance(result, PgaScore)
    assert isinstance(most, PgaScore)
    assert 0 <= result.value <= most.value == 3
    assert order.index(result.band) <= order.index(most.band)


MAYBE = st.none() | st.integers(0, 60).map(Decimal)
VALUES = st.builds(
    FlareValues,
    sledai_before=st.none() | st.integers(0, 20),
    sledai_after=st.none() | st.integers(0, 20),
    pga_before=st.none() | st.decimals(0, 3, places=1),
    pga_after=st.none() | st.decimals(0, 3, places=1),
    prednisone_before_mg_day=MAYBE,
    prednisone_after_mg_day=MAYBE,
    weight_kg=st.none() | st.integers(40, 90).map(Decimal),
    platelets_10e9_l=st.none() | st.integers(20, 200).map(Decimal),
    hemoglobin_before_g_l=st.none() | st.integers(50, 150).map(Decimal),
    hemoglobin_after_g_l=st.none() | st.integers(50, 150).map(Decimal),
    answers=st.fixed_dictionaries({name: st.sampled_from(["no", "no", "no", "yes", "unknown"]) for name in ASKED}),
)
FILLED = {
    "sledai_before": st.integers(0, 105),
    "sledai_after": st.integers(0, 105),
    "pga_before": st.decimals(0, 3, places=1),
    "pga_after": st.decimals(0, 3, places=1),
    "prednisone_before_mg_day": st.integers(0, 100).map(Decimal),
    "prednisone_after_mg_day": st.integers(0, 100).map(Decimal),
    "weight_kg": st.integers(30, 150).map(Decimal),
    "platelets_10e9_l": st.integers(0, 400).map(Decimal),
    "hemoglobin_before_g_l": st.integers(30, 180).map(Decimal),
    "hemoglobin_after_g_l": st.integers(30, 180).map(Decimal),
}


@given(values=VALUES, data=st.data())
def test_a_flare_stays_within_the_range_told(values: FlareValues, data: st.DataObject) -> None:
    """Whatever the unknown values turn out to be; with all of them known the flare is settled."""
    told = assess_flare(values)
    answers = {
        name: answer if answer != "unknown" else data.draw(st.sampled_from(["yes", "no"]))
        for name, answer in values.answers.items()
    }
    numbers = {name: data.draw(drawn) for name, drawn in FILLED.items() if getattr(values, name) is None}
    full = assess_flare(replace(values, answers=answers, **numbers))
    assert full.flare != "unknown"
    assert FLARES.index(told.lowest) <= FLARES.index(full.flare) <= FLARES.index(told.highest)


@given(values=VALUES, added=st.sampled_from(ASKED))
def test_adding_a_criterion_never_lowers_a_flare(values: FlareValues, added: str) -> None:
    """Neither the least nor the most it may be."""
    before = assess_flare(replace(values, answers={**values.answers, added: "no"}))
    after = assess_flare(replace(values, answers={**values.answers, added: "yes"}))
    assert FLARES.index(before.lowest) <= FLARES.index(after.lowest)
    assert FLARES.index(before.highest) <= FLARES.index(after.highest)


EULAR = [each.item for each in eular_acr_2019_items()]
ENTERED = st.fixed_dictionaries({name: st.sampled_from(["yes", "no", "unknown"]) for name in EULAR})


@given(items=ENTERED, ana=st.sampled_from(["yes", "no", "unknown"]), data=st.data())
def test_eular_acr_2019_settles_nothing_unknown(items: dict[str, str], ana: str, data: st.DataObject) -> None:
    """A verdict that stands survives every value of what is unknown; the total is never under its lower bound."""
    told = score_eular_acr_2019(ana, items)
    filled = {
        name: answer if answer != "unknown" else data.draw(st.sampled_from(["yes", "no"]))
        for name, answer in items.items()
    }
    entry = ana if ana != "unknown" else data.draw(st.sampled_from(["yes", "no"]))
    full = score_eular_acr_2019(entry, filled)
    assert full.classified != "unknown"
    assert told.classified in (full.classified, "unknown")
    if entry == "yes":
        assert isinstance(full.total, int)
        lower = told.total if isinstance(told.total, int) else told.total.lower_bound
        assert lower is not None
        assert full.total >= lower


@given(items=ENTERED, added=st.sampled_from(EULAR))
def test_eular_acr_2019_adding_an_item_never_undoes_a_classification(items: dict[str, str], added: str) -> None:
    """From no towards yes only."""
    order = ["no", "unknown", "yes"]
    before = score_eular_acr_2019("yes", items | {added: "no"})
    after = score_eular_acr_2019("yes", items | {added: "yes"})
    assert order.index(after.classified) >= order.index(before.classified)

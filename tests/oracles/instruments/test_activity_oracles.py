"""Hand-worked cases of the instruments of activity and damage: each CSV here, with its source in SOURCE.toml."""

import csv
from decimal import Decimal
from pathlib import Path

import pytest

from celltrial.instruments import (
    NEW_PROTEINURIA,
    SFI_CLASSIC,
    SFI_MODIFIED,
    BilagScore,
    DamageScore,
    FlareValues,
    PgaScore,
    SfiRules,
    SledaiScore,
    assess_flare,
    bilag_systems,
    score_bilag_2004,
    score_pga,
    score_selena_sledai,
    score_sledai_2k,
    score_slicc_damage,
    selena_sledai_items,
    sfi_criteria,
    slicc_damage_items,
)

HERE = Path(__file__).parent


def rows(name: str) -> list[object]:
    """The rows of an oracle file, each named by its first column."""
    with (HERE / name).open(newline="", encoding="utf-8") as file:
        return [pytest.param(row, id=next(iter(row.values()))) for row in csv.DictReader(file)]


def present(names: str) -> dict[str, str]:
    """Every descriptor, yes where named."""
    return {item.item: "no" for item in selena_sledai_items()} | dict.fromkeys(names.split(), "yes")


@pytest.mark.parametrize("row", rows("sledai_2k_clinical.csv"))
def test_sledai_2k_clinical(row: dict[str, str]) -> None:
    """Total, without serology, without laboratory."""
    causes = dict.fromkeys(row["present"].split(), "sle") | dict.fromkeys(row["other_cause"].split(), "other")
    result = score_sledai_2k(present(row["present"]), causes)
    assert isinstance(result, SledaiScore)
    expected = tuple(int(row[name]) for name in ("total", "clinical", "nonlaboratory"))
    assert (result.total, result.clinical, result.nonlaboratory) == expected


@pytest.mark.parametrize("row", rows("selena_sledai.csv"))
def test_selena_sledai(row: dict[str, str]) -> None:
    """Both rules of proteinuria."""
    items = present(row["present"]) | {NEW_PROTEINURIA: row["new_or_increased"]}
    causes = dict.fromkeys(row["present"].split(), "sle")
    for rule in ("selena", "2k"):
        result = score_selena_sledai(items, causes, proteinuria_rule=rule)  # type: ignore[arg-type]  # its two words
        assert isinstance(result, SledaiScore)
        assert result.total == int(row[f"total_{rule}"])


@pytest.mark.parametrize("row", rows("bilag_2004.csv"))
def test_bilag_2004(row: dict[str, str]) -> None:
    """The letters of the nine systems in order."""
    result = score_bilag_2004(dict(zip(bilag_systems(), row["grades"].split(), strict=True)))
    assert isinstance(result, BilagScore)
    assert result.total == int(row["total"])


@pytest.mark.parametrize("row", rows("pga.csv"))
def test_pga(row: dict[str, str]) -> None:
    """The value on 0 to 3 and its band."""
    result = score_pga(Decimal(row["rated"]), scale=row["scale"])  # type: ignore[arg-type]  # its two words
    assert isinstance(result, PgaScore)
    assert (result.value, result.band) == (Decimal(row["pga_0_3"]), row["band"])


@pytest.mark.parametrize("row", rows("slicc_damage.csv"))
def test_slicc_damage(row: dict[str, str]) -> None:
    """Both forms."""
    points = dict(each.split("=") for each in row["points"].split())
    items = {each.item: int(points.get(each.item, "0")) for each in slicc_damage_items()}
    full, short = score_slicc_damage(items), score_slicc_damage(items, form="39")
    assert isinstance(full, DamageScore)
    assert isinstance(short, DamageScore)
    assert (full.total, short.total) == (int(row["total"]), int(row["total_39"]))


@pytest.mark.parametrize("row", rows("sfi.csv"))
def test_sfi(row: dict[str, str]) -> None:
    """Three variants of the rules."""
    answers = {each.criterion: "no" for each in sfi_criteria() if each.is_asked}
    values = FlareValues(
        sledai_before=int(row["sledai_before"]),
        sledai_after=int(row["sledai_after"]),
        pga_before=Decimal(row["pga_before"]),
        pga_after=Decimal(row["pga_after"]),
        prednisone_before_mg_day=Decimal(row["prednisone_before"]),
        prednisone_after_mg_day=Decimal(row["prednisone_after"]),
        weight_kg=Decimal(60),
        platelets_10e9_l=Decimal(200),
        hemoglobin_before_g_l=Decimal(120),
        hemoglobin_after_g_l=Decimal(120),
        answers=answers | dict.fromkeys(row["yes"].split(), "yes"),
    )
    variants = {
        "classic": SFI_CLASSIC,
        "modified": SFI_MODIFIED,
        "without_medication": SfiRules(count_medication=False),
    }
    assert {name: assess_flare(values, rules).flare for name, rules in variants.items()} == {
        name: row[name] for name in variants
    }

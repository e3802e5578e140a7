"""Acute GvHD by MAGIC: pattern of stages, what is not known, notes of the paper, episodes."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from itertools import product
from typing import Any

import pytest

from celltrial.errors import UsageError
from celltrial.missing import NotGradable
from celltrial.safety import Grade
from celltrial.safety.gvhd import (
    AcuteGvhdObservation,
    acute_gvhd_episodes,
    grade_acute_gvhd,
    grade_organ_stages,
    stage_acute_gvhd,
)
from celltrial.tables import read_package_table

WELL = AcuteGvhdObservation(
    rash_bsa_percent=Decimal(0),
    bullae="no",
    desquamation_bsa_percent=Decimal(0),
    bilirubin_mg_dl=Decimal(1),
    upper_gi="none",
    stool_ml_per_day=Decimal(100),
    stool_episodes_per_day=Decimal(1),
    severe_abdominal_pain="no",
    grossly_bloody_stool="no",
)


def ill(**signs: Any) -> AcuteGvhdObservation:
    return replace(WELL, **{name: Decimal(value) if isinstance(value, int) else value for name, value in signs.items()})


def grade(**signs: Any) -> Grade | NotGradable:
    return grade_acute_gvhd(ill(**signs)).grade


def lower_gi(**signs: Any) -> tuple[int | None, tuple[str, ...]]:
    organ = stage_acute_gvhd(ill(**signs))[3]
    return organ.stage, organ.flags


def published(skin: int, liver: int, upper_gi: int, lower_gi: int) -> int:
    """The overall grade as its sentences say it, apart from the table."""
    if 4 in (skin, liver, lower_gi):
        return 4
    if liver >= 2 or lower_gi >= 2:
        return 3
    if skin == 3 or liver == 1 or upper_gi == 1 or lower_gi == 1:
        return 2
    return 1 if skin else 0


def test_every_pattern_of_stages_has_the_published_grade() -> None:
    """All 250 patterns against the sentences."""
    for stages in product(range(5), range(5), range(2), range(5)):
        named = dict(zip(("skin", "liver", "upper_gi", "lower_gi"), stages, strict=True))
        found = grade_organ_stages(**named)
        assert isinstance(found, Grade)
        assert found.value == published(*stages), named


@pytest.mark.parametrize(
    ("signs", "value", "reason"),
    [
        (
            {"rash_bsa_percent": 60},
            2,
            "skin stage 3: rash of 60 % of body surface, no bullae with desquamation over 5 %",
        ),
        ({"stool_ml_per_day": 1200, "stool_episodes_per_day": None}, 3, "lower GI stage 2: stool 1200 mL/day"),
        ({"rash_bsa_percent": 30}, 1, "skin stage 2: rash of 30 % of body surface"),
        ({"upper_gi": "persistent"}, 2, "upper GI stage 1: nausea, vomiting or anorexia: persistent"),
        ({"grossly_bloody_stool": "yes"}, 4, "lower GI stage 4: grossly bloody stool, whatever the volume"),
        ({"bilirubin_mg_dl": 20}, 4, "liver stage 4: bilirubin 20 mg/dL"),
        ({}, 0, "no organ at stage 1 or more"),
    ],
)
def test_a_grade_says_which_organ_made_it(signs: dict[str, Any], value: int, reason: str) -> None:
    """One organ at a time."""
    assert grade(**signs) == Grade(value, (reason,))


def test_several_organs_of_the_deciding_grade_are_all_named() -> None:
    """A lesser organ is not among the reasons."""
    found = grade(rash_bsa_percent=60, upper_gi="persistent", bilirubin_mg_dl=Decimal("2.5"))
    assert isinstance(found, Grade)
    assert [reason.partition(":")[0] for reason in found.reasons] == [
        "skin stage 3",
        "liver stage 1",
        "upper GI stage 1",
    ]


@pytest.mark.parametrize(
    ("signs", "expected"),
    [
        # an unknown organ that cannot matter
        ({"grossly_bloody_stool": "yes", "rash_bsa_percent": None}, 4),
        ({"bilirubin_mg_dl": 4, "upper_gi": "unknown"}, 3),
        ({"rash_bsa_percent": 10, "desquamation_bsa_percent": None, "bullae": "unknown"}, 1),
        # and one that can
        ({"upper_gi": "unknown"}, "not known: upper_gi; the grade may be 0 to 2"),
        ({"bilirubin_mg_dl": None}, "not known: bilirubin; the grade may be 0 to 4"),
        ({"rash_bsa_percent": None}, "not known: rash_bsa_percent; the grade may be 0 to 2"),
        (
            {"rash_bsa_percent": 60, "bullae": "unknown", "desquamation_bsa_percent": 9},
            "not known: bullae; the grade may be 2 to 4",
        ),
        ({"severe_abdominal_pain": "unknown"}, "not known: severe_abdominal_pain; the grade may be 0 to 4"),
        (
            {"stool_ml_per_day": None, "stool_episodes_per_day": None},
            "not known: stool_ml_per_day, stool_episodes_per_day; the grade may be 0 to 3",
        ),
        (
            {"stool_ml_per_day": 1200, "stool_episodes_per_day": None, "mixed_with_urine": "unknown"},
            "not known: mixed_with_urine; the grade may be 2 to 3",
        ),
        ({"rash_bsa_percent": 10, "other_cause": "unknown"}, "not known: other_cause; the grade may be 0 to 1"),
    ],
)
def test_what_is_not_known_is_tried_each_way(signs: dict[str, Any], expected: int | str) -> None:
    """It leaves the grade alone, or the reason names it with the range."""
    found = grade(**signs)
    assert (found.value if isinstance(found, Grade) else found.reason) == expected


def test_skin_without_a_known_rash_may_be_stage_4_only_with_bullae_and_desquamation() -> None:
    """The conjunction bounds what is possible."""
    assert stage_acute_gvhd(ill(rash_bsa_percent=None))[0].possible == (0, 1, 2, 3)
    blistering = ill(rash_bsa_percent=None, bullae="yes", desquamation_bsa_percent=10)
    assert stage_acute_gvhd(blistering)[0].possible == (0, 1, 2, 3, 4)


def test_the_higher_of_volume_and_number_counts_and_is_flagged() -> None:
    """The paper gives no rule for a disagreement."""
    told = "stage 2 by volume, 1 by number of episodes: the higher counts"
    assert lower_gi(stool_ml_per_day=1200, stool_episodes_per_day=4) == (2, (told,))
    assert lower_gi(stool_ml_per_day=600, stool_episodes_per_day=8)[0] == 3
    assert lower_gi(stool_ml_per_day=600, stool_episodes_per_day=4) == (1, ())


@pytest.mark.parametrize(
    ("signs", "stage"),
    [
        ({"stool_ml_per_day": Decimal("999.5"), "stool_episodes_per_day": None}, 2),
        ({"stool_ml_per_day": None, "stool_episodes_per_day": Decimal("4.3")}, 2),
    ],
)
def test_a_mean_between_two_printed_bands_counts_to_the_higher_and_is_flagged(
    signs: dict[str, Any], stage: int
) -> None:
    """Our reading, told with the number."""
    found, flags = lower_gi(**signs)
    assert found == stage
    assert [flag for flag in flags if "lies between two printed bands: counted to stage 2" in flag]


@pytest.mark.parametrize(("bilirubin", "stage"), [("3.05", 2), ("6.05", 3)])
def test_bilirubin_between_two_printed_bands(bilirubin: str, stage: int) -> None:
    """3.0 to 3.1 and 6.0 to 6.1 mg/dL."""
    liver = stage_acute_gvhd(ill(bilirubin_mg_dl=Decimal(bilirubin)))[1]
    assert liver.stage == stage
    assert liver.flags == (f"bilirubin_mg_dl {bilirubin} lies between two printed bands: counted to stage {stage}",)


def test_half_of_stool_mixed_with_urine_counts() -> None:
    """1200 mL with urine are 600 mL of stool."""
    assert lower_gi(stool_ml_per_day=1200, stool_episodes_per_day=None, mixed_with_urine="yes")[0] == 1


def test_ileus_alone_is_not_stage_4_and_is_flagged() -> None:
    """With or without ileus is said of severe pain."""
    assert lower_gi(ileus="yes") == (0, ("ileus without severe abdominal pain is not stage 4 by the printed text",))
    assert lower_gi(ileus="yes", severe_abdominal_pain="yes") == (4, ())


@pytest.mark.parametrize(("weight", "is_flagged"), [(50, True), (51, False)])
def test_a_light_adult_is_staged_with_a_note(weight: int, is_flagged: bool) -> None:
    """The stool values are meant for more than 50 kg."""
    stage, flags = lower_gi(stool_ml_per_day=1200, stool_episodes_per_day=5, weight_kg=weight)
    assert stage == 2
    assert any("adult stool values" in flag for flag in flags) is is_flagged


def test_signs_of_another_cause() -> None:
    """One organ is left out; or all are, and the grade is 0."""
    assert grade(rash_bsa_percent=60, upper_gi="persistent", not_gvhd=("upper_gi",)) == grade(rash_bsa_percent=60)
    assert grade(rash_bsa_percent=60, other_cause="yes") == Grade(0, ("the signs have another cause",))
    result = grade_acute_gvhd(ill(bilirubin_mg_dl=5, not_gvhd=("liver",)))
    assert isinstance(result.grade, Grade)
    assert result.grade.value == 0
    assert result.flags == ("MAGIC does not lower the liver's stage for a second cause beside GvHD",)


def test_stages_entered_as_such() -> None:
    """Unknown ones are tried; a stage that MAGIC does not have is told."""
    assert grade_organ_stages(skin=None, liver=3, upper_gi=None, lower_gi=0) == NotGradable(
        "not known: skin, upper GI; the grade may be 3 to 4"
    )
    assert grade_organ_stages(skin=0, liver=0, upper_gi=2, lower_gi=5) == NotGradable(
        "not a stage of MAGIC: upper GI stage 2, lower GI stage 5"
    )


def test_entries_that_make_no_sense_are_told_all_at_once() -> None:
    """Negative numbers, percents over 100, words and organs, two bilirubins."""
    with pytest.raises(UsageError) as caught:
        ill(
            rash_bsa_percent=101,
            stool_ml_per_day=-1,
            bullae="maybe",
            not_gvhd=("lung",),
            bilirubin_umol_l=20,
        )
    assert [finding.where for finding in caught.value.findings] == [
        "rash_bsa_percent",
        "stool_ml_per_day",
        "bilirubin",
        "bullae",
        "not_gvhd",
    ]


def test_episodes_have_onset_maximum_and_resolution() -> None:
    """II, III, not gradable, 0: one episode of maximum III."""
    at = [datetime(2026, 3, day, tzinfo=UTC) for day in (1, 4, 6, 9)]
    seen = [
        ill(rash_bsa_percent=60, at=at[0]),
        ill(stool_ml_per_day=1200, at=at[1]),
        ill(rash_bsa_percent=10, upper_gi="unknown", at=at[2]),
        ill(at=at[3]),
    ]
    (episode,) = acute_gvhd_episodes(seen)
    assert (episode.onset, episode.maximum, episode.resolution) == (at[0], 3, at[3])
    assert episode.not_gradable == ((at[2], "not known: upper_gi; the grade may be 1 to 2"),)
    with pytest.raises(UsageError, match="time of every observation"):
        acute_gvhd_episodes([WELL])


def test_the_tables_use_signs_that_the_engine_reads() -> None:
    """Every operator of the stage table is one of a comparison."""
    rows = read_package_table("celltrial.safety.gvhd", "acute_stages.csv")
    assert {row["operator"] for row in rows} <= {"<", "<=", ">", ">=", "="}

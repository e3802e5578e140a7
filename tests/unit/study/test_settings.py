"""The readings of published grades and scores: what the study file says, the defaults, what it may not say."""

from dataclasses import fields, replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from celltrial.errors import StudyError
from celltrial.instruments.doris import DORIS_2021
from celltrial.instruments.lldas import LLDAS_2016
from celltrial.safety.crs_daily import CrsDailyRules
from celltrial.safety.icaht import ICAHT_RULES
from celltrial.study import check_texts, load_study, new_study, read_study_texts, shipped_study
from celltrial.study.settings import (
    AccessSettings,
    CrsReading,
    DorisReading,
    IcahtReading,
    LldasReading,
    ResponseSettings,
    SriReading,
    ToxicitySettings,
)

TEXTS = read_study_texts(shipped_study())


def amended(folder: Path, *changes: tuple[str, str]) -> Path:
    """A study of its own with these texts of study.yaml replaced."""
    study = new_study(folder / "study")
    path = study / "study.yaml"
    text = path.read_text(encoding="utf-8").replace("version: as registered", "version: amendment 1")
    for old, new in changes:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    path.write_text(text, encoding="utf-8")
    criteria = study / "eligibility.yaml"
    criteria.write_text(criteria.read_text(encoding="utf-8").replace("as registered", "amendment 1"), encoding="utf-8")
    return study


def test_the_shipped_study_says_every_value() -> None:
    """Each value of the two tables, read as its type; the text 5.0 is a version and no number."""
    study = load_study(shipped_study())
    assert study.toxicity == ToxicitySettings(
        ctcae_version="5.0",
        crs=CrsReading(quiet_hours=24),
        icaht=IcahtReading(
            counted_days="longest run",
            interpolate_up_to_days=7,
            late_last_day=100,
            censor_at=("lymphodepletion", "withdrawal"),
        ),
        prior_organs="organ_involvement",  # type: ignore[arg-type]  # a form id is a text
        b_cell_aplasia_below_per_ul=Decimal(5),
        igg_replacement_below_g_l=Decimal(4),
    )
    assert study.response == ResponseSettings(
        doris=DorisReading(gc_max_mg=Decimal(5), gc_inclusive=True, pga_max=Decimal("0.5"), pga_inclusive=False),
        lldas=LldasReading(gc_max_mg=Decimal("7.5")),
        sri=SriReading(index="SLEDAI-2K", points=4),
        lookback_days=30,
        together_days=7,
    )


def test_another_reading_is_read(tmp_path: Path) -> None:
    """Every key may say something else, and then that is what the study has."""
    folder = amended(
        tmp_path,
        ('ctcae: "5.0"', 'ctcae: "6.0"'),
        (
            "{quiet_hours: 24}",
            "{quiet_hours: 48}",
        ),
        (
            "icaht: {counted_days: longest run, interpolate_up_to_days: 7, late_last_day: 100, "
            "censor_at: [lymphodepletion, withdrawal]}",
            "icaht: {counted_days: cumulative, interpolate_up_to_days: 3, late_last_day: 90, censor_at: []}",
        ),
        ("prior_organs: organ_involvement", "prior_organs: medical_history"),
        ("b_cell_aplasia_below: 5", "b_cell_aplasia_below: 10.5"),
        ("igg_replacement_below: 4", "igg_replacement_below: 3.5"),
        (
            "doris: {gc_max: 5, gc_inclusive: true, pga_max: 0.5, pga_inclusive: false}",
            "doris: {gc_max: 4, gc_inclusive: false, pga_max: 0.4, pga_inclusive: true}",
        ),
        ("lldas: {gc_max: 7.5}", "lldas: {gc_max: 5}"),
        ("sri: {index: SLEDAI-2K, points: 4}", "sri: {index: SELENA-SLEDAI, points: 6}"),
        ("lookback_days: 30", 'lookback_days: "10"'),
        ("together_days: 7", "together_days: 3"),
    )
    study, shipped = load_study(folder), load_study(shipped_study())
    for other, own in (
        (study.toxicity, shipped.toxicity),
        (study.toxicity.crs, shipped.toxicity.crs),
        (study.toxicity.icaht, shipped.toxicity.icaht),
        (study.response, shipped.response),
        (study.response.doris, shipped.response.doris),
        (study.response.lldas, shipped.response.lldas),
        (study.response.sri, shipped.response.sri),
    ):
        for field in fields(other):
            assert getattr(other, field.name) != getattr(own, field.name), field.name
    assert study.toxicity.ctcae_version == "6.0"
    assert study.toxicity.b_cell_aplasia_below_per_ul == Decimal("10.5")
    assert study.toxicity.icaht.censor_at == ()
    assert (study.response.doris.pga_max, study.response.lookback_days) == (Decimal("0.4"), 10)


def test_what_a_study_leaves_out_has_its_default(tmp_path: Path) -> None:
    """A table may say one thing, and the rest is as the defaults have it."""
    text = TEXTS["study.yaml"]
    start, end = text.index("toxicity:"), text.index("# what is late,")
    both = text[start:end]
    assumptions = ", ".join(f"A{n}" for n in (39, 40, 41, 42, 43, 50, 51, 52, 53, 58, 59, 60, 61, 62, 63))
    folder = amended(tmp_path, (both, f"toxicity:\n  b_cell_aplasia_below: 10\n  assumption: [{assumptions}]\n\n"))
    study = load_study(folder)
    assert study.toxicity == replace(ToxicitySettings(), b_cell_aplasia_below_per_ul=Decimal(10))
    assert study.response == ResponseSettings()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('ctcae: "5.0"', 'ctcae: "5.1"'),
        ("ctcae:", "ctcea:"),
        ("counted_days: longest run", "counted_days: longest"),
        ("late_last_day: 100", "late_last_day: 30"),
        ("[lymphodepletion, withdrawal]", "[lymphodepletion, progression]"),
        ("prior_organs: organ_involvement", "prior_organs: organs"),
        ("b_cell_aplasia_below: 5", "b_cell_aplasia_below: 0"),
        ("igg_replacement_below: 4", "igg_replacement_below: 400"),
        ("pga_max: 0.5", "pga_max: 5"),
        ("gc_inclusive: true", 'gc_inclusive: "yes"'),
        ("index: SLEDAI-2K", "index: BILAG"),
        ("lookback_days: 30", "lookback_days: 28"),
    ],
)
def test_a_wrong_value_is_found_at_its_line(old: str, new: str) -> None:
    """One value wrong: a finding with the line it stands on."""
    text = TEXTS["study.yaml"]
    assert text.count(old) == 1
    line = next(n for n, each in enumerate(text.splitlines(), start=1) if old in each)
    findings = check_texts({**TEXTS, "study.yaml": text.replace(old, new)})
    assert line in {each.source.line for each in findings if each.source and each.source.file == "study.yaml"}


def test_what_is_assumed_must_be_named() -> None:
    """A table of readings without its assumptions is refused: the public record says none of it."""
    text = TEXTS["study.yaml"].replace("  assumption: [A30, A51, A52, A53, A58, A59, A60]\n", "")
    messages = [each.message for each in check_texts({**TEXTS, "study.yaml": text})]
    assert "the key 'assumption' is missing" in messages
    assert "nothing rests on assumption A51" in messages


def test_defaults_are_those_of_the_methods() -> None:
    """A study that says nothing is graded and scored as the method does it by itself."""
    toxicity, response = ToxicitySettings(), ResponseSettings()
    icaht, crs = toxicity.icaht, toxicity.crs
    assert (
        replace(
            ICAHT_RULES,
            counted_days=icaht.counted_days,
            interpolate_up_to_days=icaht.interpolate_up_to_days,
            late_last_day=icaht.late_last_day,
        )
        == ICAHT_RULES
    )
    assert CrsDailyRules().quiet == timedelta(hours=crs.quiet_hours)
    doris = response.doris
    assert (
        replace(
            DORIS_2021,
            pga_max=doris.pga_max,
            is_pga_max_allowed=doris.pga_inclusive,
            prednisone_max_mg_per_day=doris.gc_max_mg,
            is_prednisone_max_allowed=doris.gc_inclusive,
        )
        == DORIS_2021
    )
    assert LLDAS_2016.prednisone_max_mg_per_day == response.lldas.gc_max_mg


def test_access_and_release_are_read_and_may_be_left_out() -> None:
    """Topics by role, days of notice, the limit on the cells; without the tables no training is asked for."""
    study = load_study(shipped_study("ct1192"))
    assert study.access.training["pharmacist"] == ("GCP", "protocol", "product handling")
    assert (study.access.notice_days, study.release.cells_within_percent) == (60, Decimal(10))
    assert AccessSettings() == AccessSettings(training={}, notice_days=60)


def test_training_of_a_role_that_there_is_not_is_found(tmp_path: Path) -> None:
    """A mistyped role would ask nobody for anything."""
    folder = amended(tmp_path, ("    pharmacist: [GCP", "    pharmasist: [GCP"))
    with pytest.raises(StudyError, match="training for a role that there is not: pharmasist"):
        load_study(folder)

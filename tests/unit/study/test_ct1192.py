"""The shipped study: what the public sources say of CT1192 stands in it, and every sentence of the record is bound."""

from decimal import Decimal

import pytest

from celltrial.eligibility import Criteria
from celltrial.record import bodies
from celltrial.study import Study, cut_sentences, load_study, shipped_study, trace_study


@pytest.fixture(scope="module")
def study() -> Study:
    return load_study(shipped_study("ct1192"))


def test_the_design_is_the_public_one(study: Study) -> None:
    """Three flat levels, 30 %, 28 days from the first infusion, 14 days of sentinel, 12 participants."""
    assert [(str(each.id), each.cells) for each in study.levels] == [
        ("DL1", Decimal("3.0e8")),
        ("DL2", Decimal("4.5e8")),
        ("DL3", Decimal("6.0e8")),
    ]
    settings = study.escalation
    assert (settings.design, settings.target, settings.start_level) == ("boin", 0.30, "DL1")
    assert (settings.sentinel_days, settings.max_participants, settings.concurrent_levels) == (14, 12, False)
    assert [name for name, _ in settings.rules] == ["no_skip", "eliminate", "stop_at_n", "max_n"]
    assert (study.dlt.window_days, study.dlt.window_from) == (28, "first infusion")


def test_identity_and_registry_facts_are_the_records(study: Study) -> None:
    """Facts are kept in the record's own words."""
    assert (study.id, study.registry_id, str(study.site.zone)) == ("CT1192", "NCT07031713", "Asia/Shanghai")
    assert study.registry["dates"] == {"start": "2025-07-11", "completion": "2027-03-31"}
    assert study.registry["participants"] == {"target": 12}


def test_visits_count_from_the_infusion_day_as_day_1(study: Study) -> None:
    """D28 is 28 days after the infusion, study day 29; there is no study day 0."""
    days = {str(each.id): each.day for each in study.visits if each.anchor == "infusion"}
    assert {key: days[key] for key in ("LD", "D0", "D28", "M3")} == {"LD": -5, "D0": 1, "D28": 29, "M3": 91}
    assert [each.id for each in study.visits] == [
        *("SCR", "LD", "D0", "D3", "D7", "D10", "D14", "D21", "D28", "M2", "M3", "M6", "M9", "M12")
    ]


def test_the_sledai_form_has_an_item_and_an_attribution_for_each_descriptor(study: Study) -> None:
    """24 descriptors, 24 attributions, the date and the days looked back."""
    form = study.form("sledai_2k")
    assert form is not None
    assert len(form.items) == 50
    assert sum(str(each.id).endswith("_attribution") for each in form.items) == 24


def test_every_sentence_of_the_record_is_bound(study: Study) -> None:
    """100 %: no sentence of the record is without something that runs, or an assumption."""
    assert len(study.sentences) == 63
    assert {each.status for each in study.sentences} == {"bound"}
    assert trace_study(shipped_study()) == study.sentences


def test_the_37_phrases_are_open_questions(study: Study) -> None:
    """Each quotes the record; none has been answered by anybody; some block criteria, most do not."""
    assert [each.id for each in study.questions] == [f"Q{n:02d}" for n in range(1, 38)]
    assert not any(each.answer or each.answered_by for each in study.questions)
    blocking = {each.id: each.blocks for each in study.questions if each.blocks}
    assert blocking["Q17"] == ("I08",)
    assert blocking["Q24"] == ("I10g",)


def test_every_assumption_says_who_must_confirm_it(study: Study) -> None:
    """Value, reason, person and evidence are never blank."""
    assert all(each.value and each.why and each.confirm and each.evidence for each in study.assumptions)


def test_criteria_are_parsed(study: Study) -> None:
    """The criteria come with the study, parsed once."""
    assert isinstance(study.eligibility, Criteria)


def test_roles_cover_every_event_type(study: Study) -> None:
    """Whatever may be recorded, somebody may record it."""
    written = {event for role in study.roles for event in role.writes}
    assert written == {
        body.TYPE for body in vars(bodies).values() if hasattr(body, "TYPE") and hasattr(body, "VERSION")
    }


def test_the_shipped_record_is_the_records_own_text() -> None:
    """The record is shipped word for word: its damage is part of it."""
    text = (shipped_study() / "registry-record.txt").read_text(encoding="utf-8")
    texts = " ".join(each.text for each in cut_sentences(text))
    for damaged in ("vaginal discharge", "gonorrhea treatment", "1.0 × 109/L", "Hospita RECRUITING", "Ext.027"):
        assert damaged in texts

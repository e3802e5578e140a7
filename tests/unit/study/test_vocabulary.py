"""The closed lists of the study files are those of the rooms that mean them."""

from typing import get_args

import pytest

from celltrial.instruments.bilag_2004 import bilag_systems
from celltrial.instruments.sfi import sfi_criteria
from celltrial.instruments.slicc_damage import slicc_damage_items
from celltrial.record import bodies
from celltrial.safety.dlt_rule import ExclusionKind, ToxicityKind
from celltrial.safety.gvhd import AcuteGvhdObservation
from celltrial.safety.iec_hs import iec_hs_grading_signs, iec_hs_signs
from celltrial.safety.infections import InfectionObservation, infection_sites
from celltrial.safety.licats import Organ
from celltrial.study import load_study, shipped_study, vocabulary
from celltrial.study.model import Form, Item


def test_event_types_are_the_records() -> None:
    """Every body with a TYPE is an event type that roles may write."""
    types = {body.TYPE for body in get_args(bodies.Body)}
    assert set(vocabulary.EVENT_TYPES) == types


def test_stages_are_those_that_are_signed() -> None:
    """The stages of eligibility signatures."""
    assert get_args(bodies.Stage) == vocabulary.STAGES


def test_dlt_kinds_are_those_that_the_predicate_knows() -> None:
    """A clause or exclusion that `safety` cannot read must not load."""
    assert set(vocabulary.TOXICITY_KINDS) == set(get_args(ToxicityKind))
    assert set(vocabulary.EXCLUSION_KINDS) == set(get_args(ExclusionKind))


def test_item_kinds_are_the_models() -> None:
    """What a form item may be, in the file and in the type."""
    assert get_args(Item.__annotations__["kind"]) == vocabulary.ITEM_KINDS


def form_of(name: str) -> Form:
    form = load_study(shipped_study()).form(name)
    assert form is not None
    return form


def choices_of(name: str) -> dict[str, tuple[str, ...]]:
    return {str(item.id): item.choices for item in form_of(name).items if item.kind == "choice"}


@pytest.mark.parametrize(
    ("name", "items"),
    [
        ("bilag_2004", bilag_systems()),
        ("slicc_damage", tuple(each.item for each in slicc_damage_items())),
        ("flare_index", tuple(each.criterion for each in sfi_criteria() if each.is_asked)),
        ("iec_hs_assessment", (*iec_hs_signs(), *iec_hs_grading_signs())),
    ],
)
def test_a_form_has_what_its_method_reads(name: str, items: tuple[str, ...]) -> None:
    """Each item of the method is an item of the form, and the study is refused without it."""
    assert set(items) <= {str(item.id) for item in form_of(name).items}


def test_damage_points_are_those_an_item_may_have() -> None:
    """End-stage renal disease is 0 or 3, cerebrovascular accident 0 to 2."""
    choices = choices_of("slicc_damage")
    assert choices == {each.item: tuple(str(n) for n in each.points) for each in slicc_damage_items()}


def test_the_words_of_a_form_are_those_of_its_method() -> None:
    """What may be chosen can be read: organs of LICATS, signs of GvHD, sites and treatment of infections."""
    assert choices_of("organ_involvement")["organ"] == get_args(Organ)
    gvhd = choices_of("gvhd_assessment")
    for upper_gi in gvhd["upper_gi"]:
        AcuteGvhdObservation(upper_gi=upper_gi)  # type: ignore[arg-type]  # raises for a word it does not know
    assert gvhd["bullae"] == gvhd["grossly_bloody_stool"] == ("yes", "no", "unknown")
    infection = choices_of("infection")
    assert infection["site"] == (*(each.site for each in infection_sites()), "unknown")
    for treatment in infection["treatment"]:
        for organism in infection["organism"]:
            InfectionObservation(
                treatment=treatment,  # type: ignore[arg-type]  # raises for a word it does not know
                organism=organism,  # type: ignore[arg-type]  # likewise
                invasive_intervention="no",
                hospitalised="no",
                intensive_care="no",
                life_threatening="no",
                death_due_to_infection="no",
            )
    assert choices_of("bilag_2004")["renal"] == ("A", "B", "C", "D", "E", "ND")


def test_numbers_of_a_form_keep_to_their_scale() -> None:
    """The global assessment is 0 to 3, a share of body surface 0 to 100."""
    pga = form_of("pga").item("value")
    assert pga is not None
    assert (pga.at_least, pga.at_most) == (0, 3)
    rash = form_of("gvhd_assessment").item("rash_bsa_percent")
    assert rash is not None
    assert (rash.at_least, rash.at_most) == (0, 100)


def test_the_forms_of_assessments_are_those_of_the_study() -> None:
    """Each form that a method reads by its name is shipped, and no other form is an assessment."""
    forms = load_study(shipped_study()).forms
    assert {each.id for each in forms if each.yields == "assessment"} == set(vocabulary.ASSESSMENT_FORMS)

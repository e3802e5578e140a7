"""The closed lists of the study files are those of the rooms that mean them."""

from typing import get_args

from celltrial.record import bodies
from celltrial.safety.dlt_rule import ExclusionKind, ToxicityKind
from celltrial.study import vocabulary
from celltrial.study.model import Item


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

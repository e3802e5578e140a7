"""Freeze and lock: data stay as they are until they are opened again, a lock by two people."""

import pytest

from celltrial.decisions.review import Place, lock_state, lock_states
from celltrial.record import Correction
from celltrial.record.bodies import FormEntry, Redaction, Visit
from unit.decisions.review.ward import ANNA, CHEN, HE, LI, LIN, WU, Ward, refusal


@pytest.fixture
def ward():
    return Ward()


def level(ward, visit="SCR", form="labs"):
    return lock_state(ward.study, ward.state, Place(subject=ANNA, visit=visit, form=form)).level


def test_a_freeze_keeps_site_roles_out(ward):
    """Of its scope only; the data manager still writes, and queries and comparisons go on."""
    result, other = ward.lab(), ward.lab("97", visit="D7")
    ward.lock("freeze", visit="SCR", form="labs")
    assert (level(ward), level(ward, "D7"), level(ward, "SCR", "vitals")) == ("frozen", "open", "open")
    text = refusal(ward.lab, row="2")
    assert "01-001/SCR/labs is frozen: form cannot be written" in text
    assert "datamanager.wu on 2026-01-05" in text
    assert "celltrial lock unfreeze" in text
    assert "is frozen: correction" in refusal(ward.fix, result, value="69")
    ward.fix(other, value="79")
    ward.fix(result, WU, value="69")
    ward.answer(ward.ask(result))
    ward.compare(result)
    ward.lock("unfreeze", visit="SCR", form="labs")
    ward.fix(result, value="70")


def test_an_entry_is_not_moved_into_a_frozen_visit(ward):
    """A correction of the visit touches two places."""
    result = ward.lab(visit="D7")
    ward.lock("freeze", visit="SCR")
    moved = Correction(target=result, replace={"visit": "SCR"})
    assert "01-001/SCR/labs is frozen" in refusal(ward.write, moved, why="wrong visit")


def test_a_lock_keeps_everybody_out(ward):
    """Entries, corrections, queries, comparisons, redactions, late entries; a signature changes nothing and may be."""
    result = ward.lab()
    number = ward.ask(result, "items.unit")
    ward.answer(number)
    ward.close(number)
    ward.lock("lock", form="labs")
    redaction = Redaction(target=result, fields=("items.comment",))
    for write in (
        lambda: ward.lab(row="2"),
        lambda: ward.lab(row="2", source="2026-01-05T10:30"),
        lambda: ward.write(FormEntry(form="labs", visit="UNS1", items={}), author=WU),
        lambda: ward.fix(result, WU, value="69"),
        lambda: ward.void(result, LI),
        lambda: ward.ask(result),
        lambda: ward.compare(result),
        lambda: ward.write(redaction, author=WU, why="a name in the comment"),
        lambda: ward.lock("freeze", form="labs"),
        lambda: ward.lock("unfreeze", form="labs"),
    ):
        refusal(write)
    assert level(ward) == "locked"
    ward.sign(result)
    ward.write(Visit(visit="SCR", on="2026-01-05"))


def test_an_unlock_needs_a_second_person(ward):
    """Asked for by one, in effect with the signature of another whose role signs data locks; then frozen as before."""
    result = ward.lab()
    ward.lock("freeze", form="labs")
    locked = ward.lock("lock", form="labs")
    asked = ward.lock("unlock", form="labs", why="an error was found in the report")
    text = refusal(ward.fix, result, WU, value="69")
    assert f"event {locked}" in text
    assert f"event {asked} asks to unlock and waits for a signature" in text
    assert "nothing to unlock" in refusal(ward.lock, "unlock", form="labs", author=HE)
    assert "signed by a second person" in refusal(ward.sign, asked, WU)
    assert refusal(ward.sign, asked, LIN)
    ward.sign(asked, HE)
    assert level(ward) == "frozen"
    assert "is frozen" in refusal(ward.fix, result, value="69")
    ward.fix(result, WU, value="69")


def test_a_lock_after_the_unlock_was_asked_for_holds(ward):
    """The signature opens what was locked when it was asked for, not what was locked since."""
    ward.lab()
    ward.lock("lock", form="labs")
    asked = ward.lock("unlock", form="labs")
    ward.compare(ward.consent)
    ward.lock("lock")
    ward.sign(asked, HE)
    assert level(ward) == "locked"


def test_a_lock_asks_for_closed_queries_signatures_and_comparisons(ward):
    """All that is missing at once; of a consent the comparison (study.yaml, review.lock)."""
    result = ward.lab()
    number = ward.ask(result)
    text = refusal(ward.lock, "lock")
    assert "query Q1 is open" in text
    assert f"consent (event {ward.consent}) is not compared with its source: signed_at, document_version" in text
    ward.answer(number)
    ward.close(number)
    ward.compare(ward.consent)
    ward.lock("lock")
    assert level(ward, "", "consent") == "locked"


def test_a_lock_event_is_not_corrected_and_says_why(ward):
    ward.lab()
    locked = ward.lock("lock", form="labs")
    void = Correction(target=locked, entered_in_error="yes")
    assert "is not corrected" in refusal(ward.write, void, author=WU, why="a slip")
    assert "needs its reason" in refusal(ward.lock, "unlock", form="labs", why=" first entry ")
    assert "no such visit" in refusal(ward.lock, "freeze", visit="V99")
    assert "neither a form" in refusal(ward.lock, "freeze", form="labz")
    assert "nothing to unfreeze" in refusal(ward.lock, "unfreeze", visit="D7")
    assert [(str(place), now.level) for place, now in lock_states(ward.study, ward.state, ANNA)] == [
        ("01-001/labs", "locked")
    ]
    assert refusal(ward.lock, "freeze", author=CHEN)

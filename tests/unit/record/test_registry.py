"""Stable names, versions with their lifts, and a dictionary that is current."""

import dataclasses
import re
from pathlib import Path

import pytest

from celltrial.errors import InputError
from celltrial.record import KINDS, Consent, Lymphodepletion, Signature, parse_body, to_payload
from celltrial.record.bodies import Agent
from celltrial.record.dictionary import render_dictionary
from celltrial.record.keys import KEY_FIELDS, SUBJECT_RULE, UNIQUE
from celltrial.record.upcasts import UPCASTS, upcast

PAGE = Path(__file__).parents[3] / "docs" / "record.md"

# names that stand in records: adding is free, changing one makes old records unreadable
NAMES_IN_RECORDS = """adverse_event assumption_confirmation consent correction crs_assessment data_cut dlt_assessment
    dose_assignment eligibility_signature enrolment form icans_assessment infusion kinetics_sample lymphodepletion
    question_answer screening signature src_decision study_opened visit withdrawal"""


def test_names_of_event_types_stay():
    """Every name that a past release wrote is still known."""
    assert set(NAMES_IN_RECORDS.split()) <= KINDS.keys()
    assert [kind.TYPE for kind in KINDS.values()] == list(KINDS)


def test_every_old_version_has_its_lift():
    """A type at version n has the steps 1 to n-1, and no step is of a type that does not exist."""
    needed = {(name, version) for name, kind in KINDS.items() for version in range(1, kind.VERSION)}
    assert set(UPCASTS) == needed


def test_lifts_are_chained():
    """Version 1 goes through 2 to 3; the newest is left alone."""
    steps = {
        ("visit", 1): lambda old: {"day": old["on"]},
        ("visit", 2): lambda old: {"on": old["day"], "status": "done"},
    }
    assert upcast("visit", 1, {"on": "2026"}, to=3, steps=steps) == {"on": "2026", "status": "done"}
    assert upcast("visit", 3, {"x": "y"}, to=3, steps=steps) == {"x": "y"}


def test_an_old_body_is_lifted_when_it_is_read(monkeypatch):
    """The seam as the registry uses it: a type raised to version 2, an event of version 1."""
    monkeypatch.setattr(Consent, "VERSION", 2)
    monkeypatch.setitem(UPCASTS, ("consent", 1), lambda old: {"signed_at": old["on"], "document_version": "?"})
    assert parse_body("consent", 1, {"on": "2026"}) == Consent(signed_at="2026", document_version="?")
    assert parse_body("consent", 2, {"signed_at": "2026", "document_version": "3"}).document_version == "3"


def test_stored_form_and_body_are_inverse():
    """Nested values and tuples too: lists in the stored form, tuples in the body."""
    agent = Agent(drug="fludarabine", dose="30", unit="mg/m2", days="-5 to -3")
    body = Lymphodepletion(started_on="2026-02-01", ended_on="2026-02-03", agents=(agent,))
    payload = to_payload(body)
    assert payload["agents"] == [{"drug": "fludarabine", "dose": "30", "unit": "mg/m2", "days": "-5 to -3"}]
    assert parse_body("lymphodepletion", 1, payload) == body


@pytest.mark.parametrize(
    ("kind", "payload", "where", "message"),
    [
        ("consent", {"signed_at": "2026"}, "consent.document_version", "a field is missing"),
        ("consent", {"signed_at": "2026", "document_version": 2}, "consent.document_version", "valid string"),
        ("consent", {"signed_at": "2026", "document_version": "2", "x": "y"}, "consent.x", "does not have"),
        ("correction", {"target": "2"}, "correction.target", "valid integer"),
        ("correction", {"target": True}, "correction.target", "valid integer"),
        ("visit", {"visit": "D14", "on": "2026", "status": "late"}, "visit.status", "'done' or 'missed'"),
        (
            "lymphodepletion",
            {"started_on": "2026", "ended_on": "2026", "agents": [{"drug": "x", "dose": "1", "unit": "mg"}]},
            "lymphodepletion.agents.0.days",
            "a field is missing",
        ),
        (
            "lymphodepletion",
            {
                "started_on": "1",
                "ended_on": "2",
                "agents": [{"drug": "x", "dose": "1", "unit": "u", "days": "", "x": ""}],
            },
            "lymphodepletion.agents.0.x",
            "does not have",
        ),
        ("party", {}, "", "does not know"),
    ],
)
def test_what_does_not_fit_is_named(kind, payload, where, message):
    """No field is guessed, converted or dropped."""
    with pytest.raises(InputError, match=message) as error:
        parse_body(kind, 1, payload)
    assert [finding.where for finding in error.value.findings] == [where]


def test_numbers_of_events_stay_numbers():
    """The only fields that are no texts."""
    body = Signature(covers=(1, 2), meaning="m", printed_name="p", content_hash="h")
    assert to_payload(body)["covers"] == [1, 2]
    assert parse_body("signature", 1, to_payload(body)) == body


def test_keys_name_fields_that_exist():
    """The tables of keys speak of types and fields that there are."""
    assert KEY_FIELDS.keys() | SUBJECT_RULE.keys() | UNIQUE <= KINDS.keys()
    for name, fields in KEY_FIELDS.items():
        assert set(fields) <= {field.name for field in dataclasses.fields(KINDS[name])}
    assert KEY_FIELDS.keys() >= UNIQUE


def test_the_dictionary_in_the_documentation_is_current():
    """docs/record.md holds the dictionary that the types give; `python -m celltrial.record.dictionary` prints it."""
    page = PAGE.read_text(encoding="utf-8")
    start, end = "<!-- dictionary: begin -->\n", "<!-- dictionary: end -->"
    assert page.split(start)[1].split(end)[0].strip() == render_dictionary().strip()


def test_the_example_in_the_documentation_runs():
    """Each Python block of docs/record.md, as it stands."""
    blocks = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), flags=re.DOTALL)
    assert blocks
    for block in blocks:
        exec(compile(block, str(PAGE), "exec"), {})

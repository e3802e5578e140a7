"""Data-entry mistakes: each is wrong in one place, and its correction gives back what the laboratory printed."""

from dataclasses import replace
from datetime import date

import numpy as np

from celltrial.codes import SubjectId
from celltrial.record import Draft, FormEntry
from celltrial.simulate.calendar import Participant
from celltrial.simulate.entry_errors import make_mistake
from celltrial.simulate.population import simulate_person
from celltrial.simulate.scenario import scenario_named


def batch(participant: Participant) -> list[Draft]:
    """Three laboratory rows as they should be."""
    rows = (("hemoglobin", "96", "g/L"), ("platelets", "152", "10*9/L"), ("creatinine", "71", "umol/L"))
    return [
        Draft(
            subject=participant.subject,
            body=FormEntry(
                form="labs",
                visit="M3",
                row=participant.take_row("labs"),
                items={"analyte": analyte, "value": value, "unit": unit, "collected": "2026-03-04T08:30"},
            ),
        )
        for analyte, value, unit in rows
    ]


def new_participant() -> Participant:
    """Somebody to type for."""
    person = simulate_person(1, 0, scenario_named("default"), opened_on=date(2025, 7, 11))
    return Participant(subject=SubjectId("01-001"), person=person)


def test_a_mistake_is_put_right() -> None:
    """Over many draws every kind comes up; applying the correction restores the row; every reason says why."""
    reasons = set()
    for seed in range(60):
        participant = new_participant()
        drafts = batch(participant)
        mistake = make_mistake(np.random.default_rng(seed), participant, drafts)
        assert mistake is not None
        assert mistake.reason
        assert 2 <= mistake.days_until_seen < 10
        wrong = mistake.drafts[mistake.position].body
        assert isinstance(wrong, FormEntry)
        reasons.add(mistake.reason.split(";")[0].split("(")[0])
        if not mistake.repair:
            assert len(mistake.drafts) == 4
            original = next(d.body for d in drafts if isinstance(d.body, FormEntry) and d.body.items == wrong.items)
            assert original.row != wrong.row
            continue
        items = wrong.items | {path.removeprefix("items."): text for path, text in mistake.repair.items()}
        assert replace(wrong, items=items) == drafts[mistake.position].body
        assert wrong != drafts[mistake.position].body
    assert len(reasons) == 4


def test_nothing_to_mistype() -> None:
    """A batch without laboratory rows has no mistake."""
    assert make_mistake(np.random.default_rng(1), new_participant(), []) is None

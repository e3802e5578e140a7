"""The permission table, enumerated: every role x action x state, in the table and in what an append really does."""

from datetime import timedelta
from pathlib import Path

import pytest

from celltrial.decisions.access import ACTIONS, STUDY_STATES, next_states, permissions
from celltrial.decisions.access.permissions import check_permission
from celltrial.decisions.access.study_state import check_study_step
from celltrial.errors import RefusedError
from celltrial.record import Draft
from celltrial.record.bodies import StudyStatus
from celltrial.study.vocabulary import EVENT_TYPES
from event_samples import DAY, SAMPLES, record_in_state, sample, writer
from trial_builder import START, Story, ct1192

AT = START + timedelta(days=3)
TREATMENT = {"dose_assignment", "lymphodepletion", "product_release", "infusion"}
NEWCOMERS = {"consent", "screening", "enrolment"}
SAFETY = {"adverse_event", "crs_assessment", "icans_assessment", "withdrawal"}


def test_the_table_has_every_cell_and_every_refusal_its_reason() -> None:
    """Role x action x state, nothing left out; who is refused reads why, by which rule, and what opens it."""
    study = ct1192()
    table = permissions(study)
    assert len(table) == len(study.roles) * len(ACTIONS) * len(STUDY_STATES)
    assert set(SAMPLES) == set(EVENT_TYPES)
    for key, cell in table.items():
        assert cell.allowed or (cell.reason and cell.rule and cell.next_step), key
        role, action, _ = key
        writes = next(each.writes for each in study.roles if each.id == role)
        assert action not in EVENT_TYPES or not cell.allowed or action in writes, key


def test_states_open_and_close_what_they_should() -> None:
    """Nobody is treated while suspended, safety is recorded; nobody new while closed; no data while locked."""
    table = permissions(ct1192())

    def open_in(state: str) -> set[str]:
        return {action for (_, action, where), cell in table.items() if where == state and cell.allowed}

    assert open_in("suspended").isdisjoint(TREATMENT | NEWCOMERS)
    assert open_in("suspended") >= SAFETY
    assert open_in("recruitment closed") >= TREATMENT | SAFETY
    assert open_in("recruitment closed").isdisjoint(NEWCOMERS)
    assert open_in("locked").isdisjoint({"form", "correction", "source_verification"} | TREATMENT | NEWCOMERS | SAFETY)
    assert open_in("locked") >= {"query", "query_answer", "signature", "redaction", "study_status"}
    assert open_in("set-up").isdisjoint(TREATMENT | NEWCOMERS | SAFETY | {"form"})
    assert open_in("archived").isdisjoint({"signature", "query", "data_cut", "form"})
    assert open_in("archived") >= {"study_status", "backup_drill", "read", "verify"}


@pytest.mark.parametrize("status", STUDY_STATES)
def test_the_record_does_what_the_table_says(status: str, tmp_path: Path) -> None:
    """Each role x event type is handed to a real record: refused with the table's reason, or not for that reason."""
    study = ct1192()
    record = record_in_state(tmp_path, status)
    table, before = permissions(study), record.length
    for role in (each.id for each in study.roles):
        for action in EVENT_TYPES:
            cell, draft = table[role, action, status], sample(action)
            if action == "study_opened":
                # what begins a record is never a second event, whatever the table says
                continue
            told = " ".join(each.message for _, each in record.check([draft], author=writer(role), at=AT))
            if cell.allowed:
                assert "is refused while the study is" not in told, (role, action)
                assert f"may not write {action!r}" not in told, (role, action)
            elif "is refused" not in told and "may not" not in told:
                # the record's own checks came first (a redaction of nothing, a duplicate): still refused
                assert told, (role, action)
            else:
                assert cell.reason in told, (role, action)
                with pytest.raises(RefusedError):
                    record.append([draft], author=writer(role), at=AT)
    assert record.length == before
    record.close()


@pytest.mark.parametrize("status", STUDY_STATES)
def test_the_gate_is_the_table(status: str) -> None:
    """The guard of every append gives for each role x event type x state what the table has, and nothing else."""
    story = Story()
    story.write(StudyStatus(status=status, on=DAY))  # type: ignore[arg-type]  # each state in turn
    for (role, action, where), cell in permissions(story.study).items():
        if where == status and action in EVENT_TYPES:
            found = check_permission(story.study, story.state, sample(action), writer(role), story.now)
            assert bool(found) != cell.allowed, (role, action)
            assert all(cell.reason in each.message for each in found)


@pytest.mark.parametrize("event", ["adverse_event", "query", "person", "study_status"])
def test_what_is_allowed_is_written(event: str, tmp_path: Path) -> None:
    """Suspended: an adverse event, a query, a new person and the way back are really appended."""
    record = record_in_state(tmp_path, "suspended")
    role = {"adverse_event": "coordinator", "query": "monitor", "person": "sponsor", "study_status": "sponsor"}[event]
    draft = Draft(body=StudyStatus(status="open", on=DAY), why="answered") if event == "study_status" else sample(event)
    written = record.append([draft], author=writer(role), at=AT)
    assert written[0].type == event
    record.close()


@pytest.mark.parametrize("now", STUDY_STATES)
def test_a_study_goes_from_state_to_state_in_order(now: str) -> None:
    """Every step of the table is let in, every other refused; every state has a way on."""
    story = Story()
    story.write(StudyStatus(status=now, on=DAY))  # type: ignore[arg-type]  # each state in turn
    assert next_states(now)
    for wanted in STUDY_STATES:
        body = StudyStatus(status=wanted, on=DAY)  # type: ignore[arg-type]  # each state in turn
        found = check_study_step(story.study, story.state, Draft(body=body), writer("sponsor"), story.now)
        assert bool(found) == (wanted not in next_states(now))


def test_an_unlocked_study_takes_corrections_again(tmp_path: Path) -> None:
    """Locked: a correction is refused and told to wait; after the unlock with its reason it is written."""
    record = record_in_state(tmp_path, "locked")
    fix = sample("correction")
    with pytest.raises(RefusedError, match="a correction waits until they are unlocked"):
        record.append([fix], author=writer("investigator"), at=AT)
    back = Draft(body=StudyStatus(status="recruitment closed", on=DAY), why="the version of the form was misread")
    record.append([back], author=writer("sponsor"), at=AT)
    record.append([fix], author=writer("investigator"), at=AT)
    record.close()

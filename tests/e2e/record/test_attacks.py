"""The seven attacks of someone who can write the database, each on a real file; and what its checkpoints say of it.

The chain alone sees the first three. Signed checkpoints kept outside the database see all but the last: what was
recorded after the newest of them can be dropped, and this file shows that too (docs/evidence.md, The window).
"""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from celltrial.cli.main import app
from celltrial.codes import SubjectId
from celltrial.record import AdverseEvent, Consent, Draft, Record, verify_record
from celltrial.record.bodies import CheckpointKey
from celltrial.record.envelope import Row
from celltrial.record.evidence.automatic import sign_now
from celltrial.record.evidence.bundle import write_evidence
from celltrial.record.evidence.folder import FOLDER, read_checkpoints
from celltrial.record.evidence.key_history import origin_of_state
from celltrial.record.evidence.signing_keys import SigningKey, simulated_key
from celltrial.study import load_study, shipped_study
from record_attacker import change_content, change_value, relink, replace_rows, rows_of
from small_trial import AUTHOR

START = datetime(2026, 1, 5, 8, tzinfo=UTC)
ANNA = SubjectId("01-001")
SIGNED, LENGTH = 20, 24


@dataclass(frozen=True)
class Case:
    """A study folder with its record of 24 events, signed at 3, 10 and 20; and the key, which no attacker has."""

    folder: Path
    key: SigningKey

    @property
    def file(self) -> Path:
        return self.folder / "record.db"


def adverse_event(number: int) -> AdverseEvent:
    return AdverseEvent(
        number=str(number),
        term="Pyrexia",
        soc="General disorders",
        onset="2026-01-20",
        grade="3",
        serious="no",
        related_product="yes",
    )


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Case:
    """Written through the one way in."""
    folder = tmp_path_factory.mktemp("original") / "study"
    folder.mkdir()
    at = iter(START + timedelta(minutes=each) for each in range(60))
    record = Record.create(folder / "record.db", load_study(shipped_study("ct1192")), author=AUTHOR, at=next(at))
    key = simulated_key(origin_of_state(record.state()), "a key of this test")
    bodies = [
        (CheckpointKey(key=str(key.verifier)), None),
        (Consent(signed_at="2026-01-05T09:30", document_version="2.1"), ANNA),
        *((adverse_event(number), ANNA) for number in range(1, LENGTH - 2)),
    ]
    for body, subject in bodies:
        record.append([Draft(body=body, subject=subject)], author=AUTHOR, at=next(at))
        if record.length in (3, 10, SIGNED):
            sign_now(record, folder / FOLDER, key, record.events()[-1].recorded_at)
    record.close()
    assert len(read_checkpoints(folder / FOLDER)) == 3
    return Case(folder=folder, key=key)


@pytest.fixture
def case(original: Case, tmp_path: Path) -> Case:
    """A copy to be attacked; the checkpoints are out of the attacker's reach."""
    shutil.copytree(original.folder, tmp_path / "study")
    return Case(folder=tmp_path / "study", key=original.key)


def verify(case: Case, *options: str) -> tuple[int, dict[str, object]]:
    result = CliRunner().invoke(app, ["verify", str(case.folder), "--json", *options], catch_exceptions=False)
    return result.exit_code, json.loads(result.output)


def verify_alone(case: Case, out: Path, *options: str) -> tuple[int, str]:
    """The evidence as it would be exported from the file as it is, checked by a bare interpreter."""
    write_evidence(rows_of(case.file), read_checkpoints(case.folder / FOLDER), out, study="CT1192", made_at=START)
    command = [sys.executable, "-I", "-S", str(out / "verify_record.py"), *options]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=out)
    assert done.stderr == ""
    return done.returncode, done.stdout


def edit_value(rows: list[Row]) -> list[Row]:
    rows[7] = change_value(rows[7], b'"grade":"3"', b'"grade":"1"')
    return rows


def edit_value_and_hash(rows: list[Row]) -> list[Row]:
    rows[7] = change_content(rows[7], b'"grade":"3"', b'"grade":"1"')
    return rows


def delete_one(rows: list[Row]) -> list[Row]:
    return [row for row in rows if row.seq != 8]


def swap_two(rows: list[Row]) -> list[Row]:
    rows[7], rows[8] = rows[8]._replace(seq=8), rows[7]._replace(seq=9)
    return rows


def cut_tail(rows: list[Row]) -> list[Row]:
    return rows[:15]


def edit_and_rebuild(rows: list[Row]) -> list[Row]:
    return relink(edit_value_and_hash(rows))


def insert_back_dated(rows: list[Row]) -> list[Row]:
    forged = change_content(rows[7], b'"number":"5"', b'"number":"99"')
    return relink([*rows[:8], forged, *rows[8:]])


SEEN_BY_THE_CHAIN = {
    "values edited": (edit_value, "the values are not those that were hashed"),
    "values and their hash edited": (edit_value_and_hash, "the link to the event before it is broken"),
    "a middle event deleted": (delete_one, "event 8 is missing"),
    "two events swapped": (swap_two, "the link to the event before it is broken"),
}
SEEN_BY_CHECKPOINTS = {
    "the tail cut off": (cut_tail, "the record ends before the checkpoint: events 16 to 20 were cut off"),
    "edited and rebuilt": (edit_and_rebuild, "events up to 10 are not those that were signed: the chain was rebuilt"),
    "a back-dated event inserted": (
        insert_back_dated,
        "events up to 10 are not those that were signed: the chain was rebuilt",
    ),
}


def test_the_record_before_any_attack(case: Case, tmp_path: Path) -> None:
    """It verifies, here and alone; the events after the last checkpoint are counted."""
    code, said = verify(case)
    assert (code, said["ok"], said["checkpoints"], said["signed_events"]) == (0, True, 3, SIGNED)
    code, text = verify_alone(case, tmp_path / "evidence", "--key", case.key.verifier.fingerprint)
    assert code == 0, text
    assert f"NOT PROVEN: {LENGTH - SIGNED} events are newer than the last checkpoint" in text


@pytest.mark.parametrize("name", SEEN_BY_THE_CHAIN)
def test_the_chain_sees_what_does_not_fit(case: Case, tmp_path: Path, name: str) -> None:
    """An edit, a deletion, an exchange: found without any checkpoint."""
    attack, message = SEEN_BY_THE_CHAIN[name]
    replace_rows(case.file, attack(rows_of(case.file)), projection=False)
    assert not verify_record(case.file).ok
    code, said = verify(case)
    assert (code, said["ok"]) == (1, False)
    assert any(message in each["message"] for each in said["findings"])  # type: ignore[attr-defined, index]
    code, text = verify_alone(case, tmp_path / "evidence")
    assert code == 1
    assert re.search("event [89] ", text)


@pytest.mark.parametrize("name", SEEN_BY_CHECKPOINTS)
def test_checkpoints_see_what_the_chain_cannot(case: Case, tmp_path: Path, name: str) -> None:
    """Every hash, the head and the projection fit: the file alone verifies, its checkpoints say what happened."""
    attack, message = SEEN_BY_CHECKPOINTS[name]
    replace_rows(case.file, attack(rows_of(case.file)))
    assert verify_record(case.file).ok, "a chain alone cannot see this"
    code, said = verify(case)
    assert (code, said["ok"]) == (1, False)
    (finding,) = said["findings"]  # type: ignore[misc]
    assert message in finding["message"]
    code, text = verify_alone(case, tmp_path / "evidence")
    assert code == 1
    assert "IT DOES NOT HOLD" in text


def test_the_finding_says_between_which_events_the_change_lies(case: Case) -> None:
    """After the last checkpoint that holds, up to the first that does not."""
    replace_rows(case.file, edit_and_rebuild(rows_of(case.file)))
    _, said = verify(case)
    (finding,) = said["findings"]  # type: ignore[misc]
    assert "what was changed lies in events 4 to 10" in finding["expected"]


def test_what_is_newer_than_the_last_checkpoint_can_be_dropped_unseen(case: Case, tmp_path: Path) -> None:
    """The window: nothing outside the database knows of these events. Automatic checkpoints keep it short."""
    replace_rows(case.file, rows_of(case.file)[:SIGNED])
    code, said = verify(case)
    assert (code, said["ok"], said["events"]) == (0, True, SIGNED)
    assert verify_alone(case, tmp_path / "evidence")[0] == 0


def test_a_back_dated_event_after_the_last_checkpoint_is_seen(case: Case, tmp_path: Path) -> None:
    """In the window an event can be made up, but not given a time before the checkpoint that lacks it."""
    record = Record.open(case.file, load_study(shipped_study("ct1192")))
    sign_now(record, case.folder / FOLDER, case.key, START + timedelta(days=1))
    record.append([Draft(body=adverse_event(50), subject=ANNA)], author=AUTHOR, at=record.events()[-1].recorded_at)
    record.close()
    assert verify_record(case.file).ok
    code, said = verify(case)
    (finding,) = said["findings"]  # type: ignore[misc]
    assert code == 1
    assert "it was back-dated" in finding["message"]
    code, text = verify_alone(case, tmp_path / "evidence")
    assert code == 1
    assert "back-dated" in text


def rebuild_from_the_start(case: Case) -> None:
    """Another first event, and the attacker's own key in the place of the record's."""
    rows = rows_of(case.file)
    first = change_content(rows[0], b'"seed":""', b'"seed":"1"')
    forged = relink([first])[0]
    key = simulated_key(f"celltrial/CT1192/{forged.hash[:16]}", "the attacker's")
    old = str(case.key.verifier).encode()
    named = change_content(rows[1], old, str(key.verifier).encode())
    replace_rows(case.file, relink([first, named, *rows[2:]]))


def test_a_record_rebuilt_from_its_first_event_is_another_record(case: Case, tmp_path: Path) -> None:
    """Its name holds the hash of its first event, so none of the checkpoints is its own."""
    rebuild_from_the_start(case)
    assert verify_record(case.file).ok
    code, said = verify(case)
    assert code == 1
    assert all("a checkpoint of another record" in each["message"] for each in said["findings"])  # type: ignore[attr-defined, index]
    code, text = verify_alone(case, tmp_path / "evidence")
    assert code == 1
    assert text.count("a checkpoint of another record") == 3


def test_with_the_checkpoints_gone_too_only_the_printed_key_tells(case: Case, tmp_path: Path) -> None:
    """Who can write record and checkpoints deceives every check but the one against paper."""
    rebuild_from_the_start(case)
    shutil.rmtree(case.folder / FOLDER)
    code, said = verify(case)
    assert code == 1
    assert "no checkpoint was found" in said["findings"][0]["message"]  # type: ignore[index]
    record = Record.open(case.file, load_study(shipped_study("ct1192")))
    forger = simulated_key(origin_of_state(record.state()), "the attacker's")
    sign_now(record, case.folder / FOLDER, forger, START + timedelta(hours=1))
    record.close()
    assert verify(case)[0] == 0, "his own key, his own checkpoint"
    printed = case.key.verifier.fingerprint
    code, said = verify(case, "--trust", printed)
    assert code == 1
    assert "the record does not name the key that you trust" in said["findings"][0]["message"]  # type: ignore[index]
    assert verify_alone(case, tmp_path / "evidence", "--key", printed)[0] == 1


def test_a_changed_checkpoint_does_not_hold(case: Case, tmp_path: Path) -> None:
    """To fit a shorter record, its text would have to be signed again."""
    replace_rows(case.file, cut_tail(rows_of(case.file)))
    last = max((case.folder / FOLDER).iterdir())
    last.write_text(last.read_text(encoding="utf-8").replace("\n20\n", "\n15\n"), encoding="utf-8")
    code, said = verify(case)
    assert code == 1
    assert "the signature of the checkpoint does not hold" in said["findings"][0]["message"]  # type: ignore[index]
    assert verify_alone(case, tmp_path / "evidence")[0] == 1


Change = Callable[[Path], None]


def _flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


@pytest.mark.parametrize(
    "change",
    [lambda folder: _flip(folder / "keys.txt"), lambda folder: (folder / "README.txt").unlink()],
    ids=["a bit", "a file"],
)
def test_every_exported_file_is_counted_and_hashed(case: Case, tmp_path: Path, change: Change) -> None:
    """One bit of one file, or one file less."""
    out = tmp_path / "evidence"
    assert verify_alone(case, out)[0] == 0
    change(out)
    command = [sys.executable, "-I", "-S", str(out / "verify_record.py")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stdout

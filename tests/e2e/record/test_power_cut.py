"""A power cut at any moment: what was acknowledged is there, the chain is whole, the next append works.

60 moments, chosen by a fixed seed among all writes and syncs of a record that is being written through the store's
own code; at each, everything that was not synced is dropped, or only some sectors of it are kept. What is left is put
into a folder and opened by the program as it is shipped.
"""

from random import Random
from types import SimpleNamespace

import pytest

from celltrial.codes import SubjectId
from celltrial.errors import InputError, RefusedError
from celltrial.record import Correction, Draft, Record, verify_record
from celltrial.record import store_sqlite as module
from e2e.record.power import Connection, Disk
from unit.record.support import CHEN, START, STUDY, lab

CUTS = 60
# so many writes and syncs lie between two cuts, at most
GAP = 90
KINDS = ("drops all that was not synced", "keeps some of it")


def drafts_of(number):
    """One to three rows, and now and then a correction of the first."""
    rows = [Draft(body=lab(str(number), row=f"{number}{end}"), subject=SubjectId("01-001")) for end in range(1, 4)]
    if number % 5 == 0:
        fix = Correction(target=2, replace={"items.value": f"{number}"})
        return [*rows[:1], Draft(body=fix, subject=SubjectId("01-001"), why="misread")]
    return rows[: number % 3 + 1]


def run_until_cut(folder, monkeypatch, *, level, kind):
    """Append until 60 pictures of a cut disk are taken; each with what was acknowledged by then."""
    disk, chance = Disk(f"disk {level} {kind}"), Random(1192)
    monkeypatch.setattr(
        module.sqlite3, "connect", lambda place, **_: Connection(disk, str(folder / "record.db"), level)
    )
    path, pictures, acknowledged = folder / "record.db", [], {}
    record = Record.create(path, STUDY, author=CHEN, at=START)
    acknowledged[1] = record.head
    wait = SimpleNamespace(left=chance.randint(1, GAP))

    def take_picture():
        wait.left -= 1
        if not wait.left and len(pictures) < CUTS:
            wait.left = chance.randint(1, GAP)
            left = disk.after_cut(None if kind == KINDS[0] else chance)
            pictures.append((dict(acknowledged), left))

    disk.on_change = take_picture
    number = 0
    while len(pictures) < CUTS:
        number += 1
        events = record.append(drafts_of(number), author=CHEN, at=START)
        acknowledged |= {event.seq: event.hash for event in events}
    record.close()
    monkeypatch.undo()
    disk.unregister()
    return pictures


def restart(folder, left):
    """The files that a cut left, as a program finds them after the restart: opened, verified, and appended to."""
    folder.mkdir()
    for name, content in left.items():
        folder.joinpath(name.rsplit("/", 1)[1]).write_bytes(content)
    path = folder / "record.db"
    try:
        record = Record.open(path, STUDY)
    except InputError:
        # not even the record's beginning is left
        return {}
    stored = {event.seq: event.hash for event in record.events()}
    draft = Draft(body=lab("96", row="999999"), subject=SubjectId("01-001"))
    seq = record.append([draft], author=CHEN, at=START)[0].seq
    record.close()
    result = verify_record(path)
    assert (result.ok, result.events, result.findings) == (True, seq, ())
    return stored


def losses(folder, pictures):
    """How many acknowledged events each cut lost."""
    return [
        len(acknowledged.items() - restart(folder / str(number), left).items())
        for number, (acknowledged, left) in enumerate(pictures)
    ]


@pytest.fixture
def folder(tmp_path):
    tmp_path.joinpath("disk").mkdir()
    return tmp_path / "disk"


@pytest.mark.parametrize("kind", KINDS)
def test_a_power_cut_loses_nothing_that_was_acknowledged(folder, tmp_path, monkeypatch, kind):
    """60 of 60: every acknowledged event with its hash, the chain and the projection whole, and one more append."""
    pictures = run_until_cut(folder, monkeypatch, level="FULL", kind=kind)
    assert len({len(acknowledged) for acknowledged, _ in pictures}) > CUTS // 2
    assert losses(tmp_path, pictures) == [0] * CUTS


def test_with_synchronous_normal_the_same_cuts_lose_events(folder, tmp_path, monkeypatch):
    """The same test can fail: where a commit is not synced, most cuts lose events that were acknowledged, though the
    chain that is left verifies and nobody would know."""
    monkeypatch.setattr(module.SqliteStore, "_require_durable", lambda store: None)
    pictures = run_until_cut(folder, monkeypatch, level="NORMAL", kind=KINDS[0])
    lost = losses(tmp_path, pictures)
    assert sum(each > 0 for each in lost) > CUTS // 2
    assert max(lost) > 5


def test_a_store_that_would_lose_events_does_not_open(folder, monkeypatch):
    """Without the change above, the store refuses such a connection: no setting turns durability off."""
    disk = Disk("a disk that is not asked")
    monkeypatch.setattr(
        module.sqlite3, "connect", lambda place, **_: Connection(disk, str(folder / "record.db"), "NORMAL")
    )
    with pytest.raises(RefusedError, match="cannot keep a record safely"):
        Record.create(folder / "record.db", STUDY, author=CHEN, at=START)
    disk.unregister()

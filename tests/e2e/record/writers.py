"""What the writing processes of the crash and concurrency tests do."""

from multiprocessing.connection import Connection
from pathlib import Path

from celltrial.codes import SubjectId
from celltrial.errors import StaleError
from celltrial.record import Correction, Draft, Record
from unit.record.support import CHEN, START, STUDY, lab


def append_for_ever(path: Path, name: str, acknowledge: Connection) -> None:
    """Append batches of one to three rows until killed; each number is sent once `append` has returned."""
    record = Record.open(path, STUDY)
    subject, row = SubjectId(name), len(record.state().forms("labs", SubjectId(name)))
    while True:
        drafts = [Draft(body=lab("96", row=str(row + each)), subject=subject) for each in range(1, row % 3 + 2)]
        row += len(drafts)
        events = record.append(drafts, author=CHEN, at=START)
        acknowledge.send([(event.seq, event.hash) for event in events])


def append_some(path: Path, name: str, times: int, done: Connection) -> None:
    """Append `times` rows, then send their numbers."""
    record = Record.open(path, STUDY)
    seqs = []
    for row in range(1, times + 1):
        draft = Draft(body=lab(row=str(row)), subject=SubjectId(name))
        seqs.append(record.append([draft], author=CHEN, at=START)[0].seq)
    done.send(seqs)


def correct_if_seen(path: Path, base_seq: int, value: str, go: Connection, done: Connection) -> None:
    """Wait for the word, then correct event 2 as someone who has read up to `base_seq`; send how it went."""
    record = Record.open(path, STUDY)
    done.send("ready")
    go.recv()
    draft = Draft(body=Correction(target=2, replace={"items.value": value}), subject=SubjectId("01-001"), why="misread")
    try:
        record.append([draft], author=CHEN, at=record.state().as_of or START, base_seq=base_seq)
    except StaleError:
        done.send("stale")
    else:
        done.send("won")

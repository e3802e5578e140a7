"""What the writing processes of the crash and concurrency tests do."""

from multiprocessing.connection import Connection
from pathlib import Path

from celltrial.codes import SubjectId
from celltrial.record import Draft, Record
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


def promise_for_ever(path: Path, name: str, acknowledge: Connection) -> None:
    """Append rows until killed, each acknowledged before it is written: what a crash test must see."""
    record = Record.open(path, STUDY)
    row = len(record.state().forms("labs", SubjectId(name)))
    while True:
        row += 1
        acknowledge.send([(name, row)])
        record.append([Draft(body=lab("96", row=str(row)), subject=SubjectId(name))], author=CHEN, at=START)

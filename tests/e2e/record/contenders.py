"""What the processes of the tests of contention do: started once, all rounds inside, every outcome reported."""

import time
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Barrier
from pathlib import Path

from celltrial.codes import SubjectId
from celltrial.errors import StaleError
from celltrial.record import Correction, Draft, Record
from unit.record.support import CHEN, START, STUDY, lab

# longer than any test may take: a barrier that is never reached must not hang the run
_SECONDS = 120


def contend(place: Path | str, name: str, rounds: int, barrier: Barrier, done: Connection) -> None:
    """Each round: all read the same version of event 2, then all correct it. Sends (outcome, what was said) a round."""
    record = Record.open(place, STUDY)
    outcomes = []
    for number in range(rounds):
        barrier.wait(_SECONDS)
        base = record.length
        barrier.wait(_SECONDS)
        value = f"{name}{number}"
        correction = Correction(target=2, replace={"items.comment": value})
        draft = Draft(body=correction, subject=SubjectId("01-001"), why="misread")
        try:
            record.append([draft], author=CHEN, at=START, base_seq=base)
        except StaleError as error:
            outcomes.append(("stale", str(error), value, base))
        except Exception as error:  # whatever else there may be is what the test looks for
            outcomes.append(("other", repr(error), value, base))
        else:
            outcomes.append(("won", "", value, base))
    done.send(outcomes)
    record.close()


def save(place: Path | str, name: str, times: int, barrier: Barrier, done: Connection) -> None:
    """Append `times` rows, one after the other without a pause; sends how long each append took, in seconds."""
    record = Record.open(place, STUDY)
    subject, waits = SubjectId(name), []
    barrier.wait(_SECONDS)
    for row in range(1, times + 1):
        draft = Draft(body=lab(row=str(row)), subject=subject)
        begin = time.monotonic()
        record.append([draft], author=CHEN, at=START)
        waits.append(time.monotonic() - begin)
    done.send(waits)
    record.close()

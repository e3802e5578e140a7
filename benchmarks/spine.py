"""The spine's speed beside a plain reference, in one run: screening, appending, verifying, replaying.

Run: make bench. Each line gives the rate, the reference's rate and their ratio; nothing here is a timed test.
"""

import hashlib
import json
import sqlite3
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from celltrial.codes import SubjectId
from celltrial.decisions import Trial, screen_subject
from celltrial.record import Draft, Record, fold, verify_record
from celltrial.record.bodies import Consent, FormEntry
from celltrial.simulate import simulate_trial
from celltrial.study import new_study

BATCH = 20
BATCHES = 100


def rate(what: Callable[[], int]) -> float:
    """Things a second: the best of three runs of `what`, which returns how many it did."""
    best = 0.0
    for _ in range(3):
        start = time.perf_counter()
        done = what()
        best = max(best, done / (time.perf_counter() - start))
    return best


def report(name: str, ours: float, reference_name: str, reference: float) -> None:
    print(f"{name:<34} {ours:>12,.0f} /s   {reference_name:<34} {reference:>12,.0f} /s   ratio {ours / reference:.3f}")


def append_events(trial: Trial, folder: Path) -> int:
    """A new record with `BATCH * BATCHES` form entries, durable at each batch."""
    path = folder / f"append-{time.perf_counter_ns()}.db"
    events = trial.record.events()
    author, at = events[0].author, events[0].recorded_at
    record = Record.create(path, trial.study, author=author, at=at)
    subject = trial.record.state().subjects[0]
    record.append(
        [Draft(body=Consent(signed_at="2025-07-01", document_version="1"), subject=subject)], author=author, at=at
    )
    for batch in range(BATCHES):
        record.append([_lab(batch * BATCH + row + 1, subject) for row in range(BATCH)], author=author, at=at)
    record.close()
    return BATCH * BATCHES


def _lab(row: int, subject: SubjectId) -> Draft:
    items = {"analyte": "alt", "value": "20", "unit": "U/L", "uln": "40", "collected": "2025-07-01"}
    return Draft(body=FormEntry(form="labs", items=items, row=str(row)), subject=subject)


def insert_rows(folder: Path) -> int:
    """The reference: the same number of rows into SQLite, durable at each batch, with nothing checked or hashed."""
    connection = sqlite3.connect(folder / f"insert-{time.perf_counter_ns()}.db", isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("CREATE TABLE event (seq INTEGER PRIMARY KEY, content TEXT)")
    text = json.dumps({"analyte": "alt", "value": "20", "unit": "U/L", "uln": "40", "collected": "2025-07-01"})
    for _ in range(BATCHES):
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany("INSERT INTO event (content) VALUES (?)", [(text,)] * BATCH)
        connection.execute("COMMIT")
    connection.close()
    return BATCH * BATCHES


def hash_rows(path: Path) -> int:
    """The reference: read every stored content, parse it and hash it, with nothing compared."""
    connection = sqlite3.connect(path)
    rows = connection.execute("SELECT content FROM event ORDER BY seq").fetchall()
    for (content,) in rows:
        json.loads(content)
        hashlib.sha256(content).digest()
    connection.close()
    return len(rows)


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        start = time.perf_counter()
        trial = simulate_trial(new_study(folder / "study", "ct1192"), seed=1192)
        seconds = time.perf_counter() - start
        events = trial.record.events()
        state = trial.record.state()
        print(f"one virtual trial: {len(events)} events in {seconds:.1f} s\n")
        path = folder / "study" / "record.db"

        def screen_all() -> int:
            for subject in state.subjects:
                screen_subject(trial.study, state, subject, stage="screening", as_of=events[-1].recorded_at)
            return len(state.subjects)

        hashing = rate(lambda: hash_rows(path))
        report(
            "append, 20 a transaction",
            rate(lambda: append_events(trial, folder)),
            "plain inserts",
            rate(lambda: insert_rows(folder)),
        )
        report("verify", rate(lambda: verify_record(path).events), "parse and hash only", hashing)
        report("replay to the state", rate(lambda: fold(events).length), "parse and hash only", hashing)
        print(f"{'screen a candidate, all criteria':<34} {rate(screen_all):>12,.0f} /s")
        trial.record.close()


if __name__ == "__main__":
    main()

"""Figures from outside for designs that decide while outcomes are pending, and for backfilling."""

import csv
import tomllib
from itertools import product
from pathlib import Path

import pytest

from celltrial.escalation import PartialCounts, decide_partial, design_named
from celltrial.escalation.calendar import Arrivals, CalendarOC, Conduct, Estimate, Onset, Scenario, simulate_calendar

HERE = Path(__file__).parent
SOURCES = tomllib.loads((HERE / "SOURCE.toml").read_text(encoding="utf-8"))


def rows(name: str) -> list[dict[str, str]]:
    """The rows of an oracle file."""
    with (HERE / name).open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def between(row: dict[str, str], name: str) -> range:
    """The whole numbers of a range of the row."""
    return range(int(row[f"{name}_low"]), int(row[f"{name}_high"]) + 1)


def in_the_middle(n: int, dlts: int, pending: int, follow_up: float) -> PartialCounts:
    """Three levels: 0/3 at the first, the row's counts at the second, nobody at the third."""
    return PartialCounts(
        n=(3, n, 0), dlt=(0, dlts, 0), pending=(0, pending, 0), follow_up=(0.0, follow_up, 0.0), current=2
    )


LEVEL_OF = {"E": 3, "S": 2, "D": 1, "DU": 1}


@pytest.mark.parametrize(
    "row", rows("titeboin_stft.csv"), ids=lambda row: f"{row['dlts']}/{row['n']}-{row['decision']}"
)
def test_titeboin_stft(row: dict[str, str]) -> None:
    """Each row of the table, at both ends of its follow-up; "DU" rules the level out."""
    design = design_named("tite-boin", target=0.20, parameters={"variant": "single-mean-imputation"})
    for pending in between(row, "pending"):
        low, high = float(row["stft_low"] or 0), float(row["stft_high"] or pending)
        for follow_up in (low, high):
            decision = decide_partial(design, in_the_middle(int(row["n"]), int(row["dlts"]), pending, follow_up))
            if row["decision"] == "hold":
                assert decision.hold, decision
            else:
                assert decision.level == LEVEL_OF[row["decision"]], (pending, follow_up, decision)
                assert (decision.eliminated == (2, 3)) is (row["decision"] == "DU")


@pytest.mark.parametrize("row", rows("rolling_six.csv"), ids=lambda row: "-".join(row.values()))
def test_rolling_six(row: dict[str, str]) -> None:
    """Every cell that a row of the table stands for."""
    design = design_named("rolling-6", target=0.30)
    cells = [
        (n, evaluable, dlts)
        for n, evaluable, dlts in product(*(between(row, name) for name in ("enrolled", "evaluable", "dlts")))
        if dlts <= evaluable <= n
    ]
    assert cells
    for n, evaluable, dlts in cells:
        decision = decide_partial(design, in_the_middle(n, dlts, n - evaluable, 0.0))
        expected = {"escalate": 3, "same": 2, "de-escalate": 1, "hold": None}[row["decision"]]
        assert (decision.level, decision.hold) == (expected, expected is None), (n, evaluable, dlts)


def figure(oc: CalendarOC, row: dict[str, str], window: float) -> Estimate:
    """Our estimate of what the row has."""
    if row["what"] == "duration_windows":
        return Estimate(oc.duration_days.value / window, oc.duration_days.standard_error / window)
    found = getattr(oc, row["what"])
    return found[int(row["level"]) - 1] if row["level"] else found


@pytest.mark.parametrize("scenario", ["1", "2"])
def test_bf_boin(scenario: str) -> None:
    """Selection, participants, DLTs and duration with backfilling; both sides have Monte Carlo error."""
    mine = [row for row in rows("bf_boin.csv") if row["scenario"] == scenario]
    window, trials, tolerance = 30.0, 1_000, SOURCES["bf_boin.csv"]["tolerance"]
    design = design_named(
        "bf-boin", target=0.25, rules=[("backfill", {"n": 12}), ("stop_at_n", {"n": 9, "when": "stay"})]
    )
    conduct = Conduct(
        cohort_size=3,
        max_n=30,
        window_days=window,
        arrivals=Arrivals(kind="uniform", mean_gap_days=window / 3),
        onset=Onset(kind="weibull"),
        data_cut="escalation",
    )
    truth, activity = (tuple(map(float, mine[0][name].split())) for name in ("truth", "activity"))
    oc = simulate_calendar(
        design, Scenario(name=scenario, truth=truth, activity=activity), conduct, trials=trials, seed=20261122
    )
    for row in mine:
        ours = figure(oc, row, window)
        theirs = ours.standard_error * (trials / int(row["trials"])) ** 0.5
        error = (ours.standard_error**2 + theirs**2) ** 0.5
        assert abs(ours.value - float(row["value"])) <= tolerance * error, (row, ours)

"""CTCAE grading beside a plain row loop of the same rules, in one run: rows a second, and their ratio.

Run: make bench. The plain loop is what a script in pandas or R does: for each row, each rule in order in floats. It
grades fewer rows; the rate is compared. The grades of all three are held against each other before anything is timed.
"""

import csv
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl

from celltrial.missing import NotGradable
from celltrial.safety.ctcae import grade_lab, grade_labs
from celltrial.safety.ctcae.table import Rule, rules_for

ROWS = 1_000_000
PLAIN_ROWS = 100_000
DECIMAL_ROWS = 20_000

# term, direction, unit, lowest and highest result, limits, decimals
ASSAYS = (
    ("Anemia", "L", "g/L", 60, 160, 130, 170, 0),
    ("Neutrophil count decreased", "L", "10^9/L", 0.1, 8, 2, 7.5, 2),
    ("Platelet count decreased", "L", "10^9/L", 5, 400, 150, 400, 0),
    ("White blood cell decreased", "L", "10^9/L", 0.5, 12, 4, 10, 2),
    ("Lymphocyte count decreased", "L", "10^9/L", 0.05, 3, 1, 3, 2),
    ("Alanine aminotransferase increased", "H", "U/L", 5, 400, 7, 40, 1),
    ("Aspartate aminotransferase increased", "H", "U/L", 5, 400, 7, 40, 1),
    ("Blood bilirubin increased", "H", "umol/L", 3, 120, 5, 21, 1),
    ("Alkaline phosphatase increased", "H", "U/L", 20, 900, 40, 130, 0),
    ("GGT increased", "H", "U/L", 5, 900, 8, 61, 0),
    ("Creatinine increased", "H", "umol/L", 40, 500, 53, 97, 0),
    ("Hyponatremia", "L", "mmol/L", 115, 150, 135, 145, 0),
    ("Hypokalemia", "L", "mmol/L", 2, 5, 3.5, 5.1, 1),
    ("Hyperkalemia", "H", "mmol/L", 3, 8, 3.5, 5.1, 1),
    ("Fibrinogen decreased", "L", "g/L", 0.2, 5, 2, 4, 2),
    ("INR increased", "H", "", 0.8, 4, 0.8, 1.2, 2),
    ("Hypoalbuminemia", "L", "g/L", 15, 50, 35, 52, 0),
    ("Hypomagnesemia", "L", "mmol/L", 0.2, 1.2, 0.7, 1.05, 2),
    ("Fever", "H", "degC", 36, 41, 36, 37.5, 1),
    ("Hypertension (Systolic)", "H", "mmHg", 90, 200, 90, 120, 0),
)
COLUMNS = ("subject", "visit", "collected", "term", "direction", "value", "unit", "lln", "uln")
COLUMNS += ("baseline", "baseline_flag", "comment")


def write_file(path: Path, rows: int) -> None:
    """A file of laboratory results as one arrives: extra columns, blanks here and there, baselines and their flags."""
    rng = random.Random(20260101)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        for row in range(rows):
            term, direction, unit, low, high, lln, uln, digits = rng.choice(ASSAYS)
            value = "" if rng.random() < 0.01 else f"{rng.uniform(low, high):.{digits}f}"
            flag = rng.choice(("NORMAL", "NORMAL", "HIGH", ""))
            baseline = f"{rng.uniform(lln * 0.8, uln * 1.3):.{digits}f}"
            head = (f"01-{row % 997:03d}", f"Day {row % 90}", f"2026-01-{1 + row % 28:02d}", term, direction)
            writer.writerow((*head, value, unit, lln, uln, baseline, flag, "fasting" if row % 7 == 0 else ""))


def grade_columns(frame: pl.DataFrame) -> list[int]:
    """The engine of columns on a table in memory."""
    numbers: Any = {name: frame[name].cast(pl.Float64) for name in ("value", "lln", "uln", "baseline")}
    texts: Any = {name: frame[name] for name in ("term", "direction", "unit", "baseline_flag")}
    grades: list[int] = grade_labs(**texts, **numbers).grades.tolist()
    return grades


def grade_decimal(rows: Sequence[dict[str, Any]]) -> list[int]:
    """`grade_lab` on each row."""
    names = ("lln", "uln", "baseline")
    grades = []
    for row in rows:
        numbers: Any = {name: Decimal(row[name]) if row[name] else None for name in names}
        value = Decimal(row["value"]) if row["value"] else None
        result = grade_lab(
            row["term"], row["direction"], value, row["unit"], baseline_flag=row["baseline_flag"] or "", **numbers
        )
        grades.append(-1 if isinstance(result, NotGradable) else result.value)
    return grades


def grade_plain(rows: Sequence[dict[str, Any]]) -> list[int]:
    """The same rules in a plain loop over floats, the way a script does it."""
    return [_grade_plain_row(row) for row in rows]


def _grade_plain_row(row: dict[str, Any]) -> int:
    if not row["value"]:
        return -1
    value = float(row["value"])
    known = {name: float(row[name]) if row[name] else None for name in ("lln", "uln", "baseline")}
    baseline, uln, lln = known["baseline"], known["uln"], known["lln"]
    flag = row["baseline_flag"] or ""
    if not flag and baseline is not None:
        flag = "HIGH" if uln is not None and baseline > uln else "LOW" if lln is not None and baseline < lln else ""
    known["percent_change"] = (value - baseline) / baseline * 100 if baseline else None
    for rule in rules_for("5.0", row["term"], row["direction"], row["unit"]):
        if _holds_plain(rule, value, known, flag):
            return -1 if rule.grade is None else rule.grade
    return 0


def _holds_plain(rule: Rule, value: float, known: dict[str, float | None], flag: str) -> bool:
    for condition in rule.given:
        if condition.word == "baseline_high" and flag != "HIGH":
            return False
        if condition.word == "baseline_not_high" and flag == "HIGH":
            return False
        if condition.word == "below_lln" and not (known["lln"] is not None and value < known["lln"]):
            return False
    operand = 1.0 if rule.of == "absolute" else known[rule.of]
    if rule.operator == "missing":
        return operand is None
    if operand is None:
        return False
    left, right = value, operand * float(rule.factor) + float(rule.plus)
    if rule.of == "percent_change":
        left, right = operand, float(rule.factor)
    right = float(f"{right:.15g}")
    return {"<": left < right, "<=": left <= right, ">": left > right, ">=": left >= right}[rule.operator]


def rate(what: Callable[[], object], rows: int, runs: int) -> float:
    """Rows a second: the best of some runs."""
    best = 0.0
    for _ in range(runs):
        start = time.perf_counter()
        what()
        best = max(best, rows / (time.perf_counter() - start))
    return best


def command(file: Path, out: Path) -> None:
    """The command from the shell: start-up, reading, grading, writing."""
    code = "from celltrial.cli.main import run; run()"
    arguments = ("grade", "ctcae", str(file), "--version", "5.0", "-o", str(out))
    subprocess.run([sys.executable, "-c", code, *arguments], check=True, stderr=subprocess.DEVNULL)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        file, out = Path(folder) / "labs.csv", Path(folder) / "graded.csv"
        write_file(file, ROWS)
        frame = pl.read_csv(file, infer_schema=False)
        rows = frame.head(PLAIN_ROWS).to_dicts()
        plain = grade_plain(rows)
        assert plain == grade_columns(frame.head(PLAIN_ROWS)), "the plain loop and the columns do not agree"
        assert plain[:DECIMAL_ROWS] == grade_decimal(rows[:DECIMAL_ROWS]), "the plain loop and the rows do not agree"
        reference = rate(lambda: grade_plain(rows), PLAIN_ROWS, 2)
        rates = {
            f"columns, {ROWS:,} rows": rate(lambda: grade_columns(frame), ROWS, 3),
            f"command with its CSV, {ROWS:,} rows": rate(lambda: command(file, out), ROWS, 2),
            f"grade_lab row by row, {DECIMAL_ROWS:,} rows": rate(
                lambda: grade_decimal(rows[:DECIMAL_ROWS]), DECIMAL_ROWS, 2
            ),
        }
        print(f"{'plain row loop in floats, ' + format(PLAIN_ROWS, ',') + ' rows':<44} {reference:>12,.0f} rows/s")
        for name, found in rates.items():
            print(f"{name:<44} {found:>12,.0f} rows/s   {found / reference:>7.2f} x the plain loop")
        seconds = ROWS / rates[f"command with its CSV, {ROWS:,} rows"]
        print(f"{ROWS:,} rows through the command, CSV to CSV: {seconds:.2f} s (to be under 5 s on 2 cores)")


if __name__ == "__main__":
    main()

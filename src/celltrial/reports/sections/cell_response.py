"""How long the cells stayed, what they did to others, and whether more of them did more; doubts about the samples."""

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property

from celltrial.analyses import BCourse, ResultRow, derive_b_cell_courses
from celltrial.analyses.cytokines import CYTOKINES, CytokinePeak, derive_cytokine_peaks, derive_cytokines
from celltrial.analyses.exposure_response import EXPOSURES, Outcome, derive_exposure_response, list_outcomes
from celltrial.analyses.persistence import (
    EXPANSION,
    CellCourse,
    derive_cell_courses,
    derive_expansion,
    derive_persistence,
)
from celltrial.analyses.time_to_event import compute_median_interval, compute_median_time
from celltrial.datasets import nca_options
from celltrial.datasets.context import open_casebook
from celltrial.datasets.profiles import SampledProfile, check_profiles, derive_profiles
from celltrial.errors import Finding
from celltrial.missing import NotEstimable
from celltrial.reports.content import Cell, Content, Row, result_cell
from celltrial.reports.figures.survival import FollowUp
from celltrial.reports.material import Material
from celltrial.reports.sections.grids import index_rows, level_cells

__all__ = ["CellResponse", "fill_cell_panel", "kinetics_doubts"]

_B_CELLS = "BLYCE"
# results in a row at or above the threshold that prove the return of B cells
_IN_A_ROW = 2
_RESPONSE_VISIT = "M3"
_PERSISTENCE = {
    "median": "Median time to loss",
    "day 28": "Found on day 28",
    "day 90": "Found on day 90",
    "day 180": "Found on day 180",
    "lost": "Lost",
    "not estimable": "No time, because",
}
_CHECKED = "Subsets (naive, memory) are not captured by the forms, so their share among returning B cells is unknown."


class CellResponse:
    """What the tables and figures of one report share, each worked out once."""

    def __init__(self, material: Material) -> None:
        self.material = material

    @cached_property
    def courses(self) -> tuple[CellCourse, ...]:
        return derive_cell_courses(self.material.adam["ADSL"], self.material.adam["ADPC"])

    @cached_property
    def b_courses(self) -> tuple[BCourse, ...]:
        adam, threshold = self.material.adam, float(self.material.study.toxicity.b_cell_aplasia_below_per_ul)
        return derive_b_cell_courses(
            adam["ADSL"], adam["ADLB"], parameter=_B_CELLS, threshold=threshold, recovery_samples=_IN_A_ROW
        )

    @cached_property
    def peaks(self) -> tuple[CytokinePeak, ...]:
        adam = self.material.adam
        return derive_cytokine_peaks(adam["ADSL"], adam["ADLB"], adam["ADAE"])

    @cached_property
    def outcomes(self) -> tuple[Outcome, ...]:
        adam, points = self.material.adam, self.material.study.response.sri.points
        return list_outcomes(
            adam["ADSL"],
            adam["ADAE"],
            adam["ADRS"],
            self.b_courses,
            response=f"SRI{points}",
            visit=_RESPONSE_VISIT,
        )

    @cached_property
    def exposure_rows(self) -> tuple[ResultRow, ...]:
        return derive_exposure_response(self.material.adam["ADPP"], self.outcomes)

    @property
    def persistence_times(self) -> tuple[FollowUp, ...]:
        """Days since the infusion to loss, or censored."""
        return tuple(
            FollowUp(subject=each.subject, level=each.level, day=found.day, is_event=found.is_lost)
            for each in self.courses
            if not isinstance(found := each.persistence, NotEstimable)
        )

    @property
    def return_times(self) -> tuple[FollowUp, ...]:
        """Days since the infusion to the return of B cells of those depleted, or censored at the last sample.

        Whose return is certain but not its day (an unclear result before it) has no time.
        """
        found = []
        for each in self.b_courses:
            if not each.is_depleted or each.last_day is None:
                continue
            if isinstance(each.returned_on, int):
                found.append(FollowUp(subject=each.subject, level=each.level, day=each.returned_on - 1, is_event=True))
            elif not each.is_back:
                found.append(FollowUp(subject=each.subject, level=each.level, day=each.last_day - 1, is_event=False))
        return tuple(found)

    def tables(self) -> dict[str, Sequence[Row]]:
        """The rows of every table of the section."""
        return {
            "persistence": self._persistence_rows(),
            "cytokines": _cytokine_rows(derive_cytokines(self.peaks)),
            "exposure-response": self._event_rows(),
            "exposure-rank": self._rank_rows(),
            "kinetics-doubts": [_doubt_row(*each) for each in kinetics_doubts(self.material)],
        }

    def _persistence_rows(self) -> list[Row]:
        adsl, levels = self.material.adam["ADSL"], self.material.levels
        found = index_rows(derive_persistence(adsl, self.courses))
        rows = [
            Row(cells=(Cell(text=label), *level_cells(found, levels, "persistence", name)))
            for name, label in _PERSISTENCE.items()
        ]
        growth = index_rows(derive_expansion(adsl, self.courses))
        for name, label in EXPANSION.items():
            rows.append(Row(cells=(Cell(text=label), *level_cells(growth, levels, name, "geometric mean"))))
        return rows

    def _event_rows(self) -> list[Row]:
        by = {(row.category, row.statistic): row for row in self.exposure_rows}
        rows = []
        for parameter, label in EXPOSURES.items():
            for outcome in self.outcomes:
                key = f"{parameter} {outcome.key}"
                if (key, "events") not in by:
                    continue
                shown = ("odds ratio", "ratio of means", "smallest odds ratio seen", "smallest ratio seen")
                cells = [_plain(by[key, name]) for name in shown]
                rows.append(Row.of(label, outcome.label, _plain(by[key, "events"]), *cells))
        return rows

    def _rank_rows(self) -> list[Row]:
        by = {(row.category, row.statistic): row for row in self.exposure_rows}
        return [
            Row.of(
                label,
                outcome.label,
                str(row.n),
                _plain(row),
                _plain(by[f"{parameter} {outcome.key}", "smallest correlation seen"]),
            )
            for parameter, label in EXPOSURES.items()
            for outcome in self.outcomes
            if (row := by.get((f"{parameter} {outcome.key}", "rank correlation"))) is not None
        ]

    def sentences(self) -> tuple[str, ...]:
        """What a reader must know before the pictures."""
        doubts = kinetics_doubts(self.material)
        told = f"{len(doubts)} kinetics result(s) are doubtful and listed below." if doubts else ""
        return tuple(each for each in (told, _CHECKED) if each)


def fill_cell_panel(material: Material) -> Content:
    """The committee's panel: one row a question, all dose levels together."""
    found = CellResponse(material)
    adsl = material.adam["ADSL"]
    lasting = index_rows(derive_persistence(adsl, found.courses))
    growth = index_rows(derive_expansion(adsl, found.courses))
    rows = [
        _panel_row("Doubling time, day", growth.get(("Total", "doubling_time", "geometric mean"))),
        _panel_row("Fold expansion", growth.get(("Total", "fold", "geometric mean"))),
        _panel_row("Transgene: median time to loss", lasting.get(("Total", "persistence", "median"))),
        _panel_row("Transgene found on day 28", lasting.get(("Total", "persistence", "day 28"))),
        _b_cell_row(found),
    ]
    by = {(row.category, row.statistic): row for row in found.exposure_rows}
    for key, label in (("crs", "CRS"), ("crs2", "CRS of grade 2 or worse"), ("dlt", "DLT")):
        row, least = by.get((f"CMAX {key}", "odds ratio")), by.get((f"CMAX {key}", "smallest odds ratio seen"))
        if row is not None and least is not None and not isinstance(least.value, NotEstimable):
            row = replace(row, text=f"{row.text}; could be seen from {least.text}")
        rows.append(_panel_row(f"Odds ratio of {label}, twice the Cmax", row, counted=True))
    doubts = kinetics_doubts(material)
    subjects = ", ".join(dict.fromkeys(str(each.case.subject) for each, _ in doubts))
    text = f"{len(doubts)}, of {subjects}" if doubts else "none"
    rows.append(Row.of("Kinetics results to look into", Cell(text=text, mark="watch" if doubts else ""), ""))
    return Content(tables={"cell-panel": rows}, notes={"cell-panel": (_CHECKED,)})


def kinetics_doubts(material: Material) -> list[tuple[SampledProfile, Finding]]:
    """Every plausibility finding, with its profile."""
    book = open_casebook(material.study, material.state)
    profiles = tuple(derive_profiles(book, nca_options(material.study)))
    return [(profile, finding) for profile, findings in check_profiles(book, profiles) for finding in findings]


def _panel_row(label: str, row: ResultRow | None, *, counted: bool = False) -> Row:
    if row is None:
        return Row.of(label, Cell(text="–", mark="zero"), "0")
    return Row.of(label, _plain(row), f"{row.n}/{row.N} with it" if counted else f"{row.n}/{row.N}")


def _b_cell_row(found: CellResponse) -> Row:
    sampled = [each for each in found.b_courses if each.samples]
    depleted = [each for each in sampled if each.is_depleted]
    times = [(each.day, each.is_event) for each in found.return_times]
    median, (low, high) = compute_median_time(times), compute_median_interval(times)
    ends = " to ".join("not reached" if isinstance(each, NotEstimable) else f"{each:.0f}" for each in (low, high))
    back = f"day {median:.0f} ({ends})" if isinstance(median, float | int) else median.reason
    text = f"gone in {len(depleted)}, median return {back}"
    return Row.of("B cells", text, f"{len(depleted)}/{len(sampled)}")


def _plain(row: ResultRow) -> Cell:
    """A result; the reason where there is none, quietly."""
    if isinstance(row.value, NotEstimable):
        return Cell(text="–", note=row.value.reason, mark="zero")
    return result_cell(row)


def _cytokine_rows(results: Sequence[ResultRow]) -> list[Row]:
    by = index_rows(results)
    keys = dict.fromkeys((row.category, row.group) for row in results)
    return [
        Row.of(
            CYTOKINES[code],
            group,
            str(by[group, code, "peak"].N),
            *(_plain(by[group, code, name]) for name in ("peak", "fold", "day", "against onset")),
        )
        for code, group in keys
    ]


def _doubt_row(profile: SampledProfile, finding: Finding) -> Row:
    day = finding.where.rpartition(", ")[2] if "day " in finding.where else ""
    return Row.of(
        str(profile.case.subject),
        Cell(text=finding.message, note=f"{profile.analyte} {day}".strip()),
        finding.found,
        finding.expected,
        finding.rule,
        finding.next_step,
    )

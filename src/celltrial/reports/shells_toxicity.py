"""The section of cell-therapy toxicities, laid out before there is anything to show."""

from typing import TypeAlias

from celltrial.reports.layout import Column, FigureShell, SectionShell, TableShell, list_columns

__all__ = ["lay_out_cell_toxicity"]

Doses: TypeAlias = tuple[Column, ...]


def lay_out_cell_toxicity(doses: Doses) -> SectionShell:
    """Syndromes, blood counts, immunoglobulin, infections and LICATS; `doses`: the columns of the dose levels."""
    return SectionShell(
        id="cell-toxicity",
        title="Cell-therapy toxicities",
        question="Which toxicities of the cells were there, graded by their own scales, and how long did they last?",
        items=(_immune(doses), _haematotoxicity(doses), _COUNTS, _IGG, _infections(doses), _LICATS),
    )


def _immune(doses: Doses) -> TableShell:
    return TableShell(
        id="immune",
        title="CRS, ICANS, IEC-HS and acute GvHD by worst grade",
        columns=(Column(label=""), *doses),
        notes=(
            "Graded by the program from assessments: CRS, ICANS (ASTCT 2019), IEC-HS (ASTCT 2023), acute GvHD "
            "(MAGIC, I to IV as 1 to 4). Days are study days.",
        ),
    )


def _haematotoxicity(doses: Doses) -> TableShell:
    return TableShell(
        id="haematotoxicity",
        title="Haematotoxicity by grade: ICAHT (neutrophils) and T-ICAHT (platelets)",
        columns=(Column(label=""), *doses),
        notes=(
            "EHA/EBMT, from all counts: early is day 0 to 30, late from day 31 on; days since the infusion. "
            "No grade is never grade 0.",
        ),
    )


_COUNTS = FigureShell(
    id="count-courses",
    title="Neutrophils and platelets, participant by participant",
    reading="Days since infusion, square-root scale. Heading: grade, early / late; –: none. "
    "Open symbol: below the limit of the assay or of the axis.",
)


_IGG = TableShell(
    id="igg",
    title="Immunoglobulin G after infusion",
    columns=list_columns(
        "Participant",
        "Level",
        "Baseline, g/L",
        "Lowest, g/L",
        "On day",
        "Band",
        "Immunoglobulin given",
        "Recovered",
    ),
    notes=(
        "Bands are practice, no grade: mild under the lower limit, moderate under 6, severe under 4 g/L. "
        "Immunoglobulin hides the own IgG for 28 days.",
    ),
)


def _infections(doses: Doses) -> TableShell:
    return TableShell(
        id="infections",
        title="Infections by day of onset and severity",
        columns=(Column(label=""), *doses),
        notes=(
            "Participants, in square brackets events. Days since the infusion. Severe: grade 3 or more by "
            "treatment and stay in hospital; by the reported grade where there is no detail.",
        ),
    )


_LICATS = TableShell(
    id="licats",
    title="LICATS: the record beside the investigator",
    columns=list_columns(
        "Participant",
        "Adverse event",
        "Onset",
        "Organ",
        "By the record",
        "Investigator",
        "B cells",
        "Reasons",
    ),
    notes=(
        "Events recorded as LICATS, and events with every feature of it (Hagen 2025). Onset: study day. "
        "A person decides; reasons are the features that do not hold or are not known.",
    ),
)

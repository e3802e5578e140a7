"""The section of what the cells did to others, and the panel that the committee reads, before there are any data."""

from typing import TypeAlias

from celltrial.reports.layout import Column, FigureShell, SectionShell, TableShell, list_columns

__all__ = ["CELL_PANEL", "lay_out_cell_response"]

Doses: TypeAlias = tuple[Column, ...]

_FEW = (
    "With so few participants only large effects can be seen: the last columns say how large an effect would have "
    "to be to show in 8 of 10 such trials. Exploratory; not adjusted for the number of comparisons."
)


def lay_out_cell_response(doses: Doses) -> SectionShell:
    """Persistence, pharmacodynamics, exposure-response, doubts; `doses`: the columns of the dose levels."""
    return SectionShell(
        id="cell-response",
        title="Persistence, pharmacodynamics and exposure-response",
        question="How long did the cells stay, what did they do, and did more of them do more?",
        items=(
            _KINETICS_INDIVIDUAL,
            _KINETICS_FOREST,
            _PERSISTENCE_CURVE,
            _persistence(doses),
            _B_CELL_RETURN,
            _CYTOKINE_COURSES,
            _CYTOKINES,
            _EXPOSURE_CRS,
            _EXPOSURE_RESPONSE,
            _EXPOSURE_RANK,
            _KINETICS_DOUBTS,
        ),
    )


def _persistence(doses: Doses) -> TableShell:
    return TableShell(
        id="persistence",
        title="Persistence and expansion by dose level",
        columns=(Column(label=""), *doses),
        notes=(
            "Shares and median by Kaplan-Meier, in brackets the 95 % interval. Loss is seen at visits only: "
            "the true day lies between two samples. Expansion: geometric mean and range.",
        ),
    )


_KINETICS_INDIVIDUAL = FigureShell(
    id="kinetics-individual",
    title="CAR transgene, participant by participant",
    reading="Days since infusion, square-root scale. Open: below the limit, on its line. Shaded: CRS with its grade.",
)

_KINETICS_FOREST = FigureShell(
    id="kinetics-forest",
    title="Kinetic parameters by dose level",
    reading="Large symbol and bar: geometric mean and its 95 % t interval, cut at the panel's edge. "
    "Small open symbols: participants.",
)

_PERSISTENCE_CURVE = FigureShell(
    id="persistence-curve",
    title="Persistence of the transgene in blood",
    reading="Black: all participants, Kaplan-Meier, with the 95 % log-log interval. Strokes: censored at "
    "the last quantifiable sample. Loss is the first of two results below the limit in a row.",
)

_B_CELL_RETURN = FigureShell(
    id="b-cell-return",
    title="Without B cells",
    reading="Black: all participants who were depleted, Kaplan-Meier to the first of two results in a row "
    "at or above the threshold, with the 95 % log-log interval.",
)

_CYTOKINE_COURSES = FigureShell(
    id="cytokine-courses",
    title="Interleukin 6 and cytokine release, participant by participant",
    reading="To day 28. Shaded: CRS with its grade. The highest result of each day.",
)

_CYTOKINES = TableShell(
    id="cytokines",
    title="Cytokine peaks by worst CRS grade",
    columns=list_columns("Cytokine", "CRS", "n", "Peak", "Times baseline", "Day", "Against onset", source=False),
    notes=(
        "Highest result to day 28: geometric mean and range; day: median and range. Against onset: the "
        "peak before, on or after the day the CRS began.",
    ),
)

_EXPOSURE_CRS = FigureShell(
    id="exposure-crs",
    title="Exposure and worst CRS grade",
    reading="Logarithmic scale; one symbol a participant.",
)

_EXPOSURE_RESPONSE = TableShell(
    id="exposure-response",
    title="Exposure and outcome, all dose levels together",
    columns=list_columns(
        "Exposure",
        "Outcome",
        "n",
        "Odds ratio, twice the exposure",
        "Ratio of means, with to without",
        "Could be seen: odds ratio",
        "Could be seen: ratio",
        source=False,
    ),
    notes=(
        "Odds ratio: penalised regression (Firth 1993) with profile intervals. Ratio of geometric means: "
        "Welch's t on the logarithms. In brackets 95 %.",
        _FEW,
    ),
)

_EXPOSURE_RANK = TableShell(
    id="exposure-rank",
    title="Exposure and graded outcome: rank correlation",
    columns=list_columns("Exposure", "Outcome", "n", "Spearman's rho", "Could be seen", source=False),
    notes=("In brackets 95 % (Bonett and Wright 2000); p over all permutations.",),
)

_KINETICS_DOUBTS = TableShell(
    id="kinetics-doubts",
    title="Kinetics samples to look into",
    columns=list_columns("Participant", "Event", "Found", "Expected", "Rule", "What to do", source=False),
    notes=("Doubts, not corrections: every sample counts until a person excludes it with a reason.",),
)

CELL_PANEL = SectionShell(
    id="cell-panel",
    title="The cells in one panel",
    question="Did they grow, stay and work, and does exposure go with toxicity so far?",
    items=(
        TableShell(
            id="cell-panel",
            title="Expansion, persistence, B cells, exposure-response",
            columns=(Column(label="What", kind="id"), Column(label="All participants infused"), Column(label="n")),
            notes=(
                "In brackets 95 % intervals, of expansion the range. Could be seen from: the smallest odds ratio that "
                "so few participants would show in 8 of 10 such trials.",
            ),
        ),
    ),
)

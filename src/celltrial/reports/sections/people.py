"""Participants and eligibility: who came, who was treated, who met which criterion and why not."""

from collections.abc import Sequence
from textwrap import wrap

from celltrial.analyses import ResultRow, derive_exposure, derive_flow
from celltrial.codes import SubjectId
from celltrial.eligibility import Screening
from celltrial.reports.content import Cell, Content, Row, source_cell
from celltrial.reports.figures import FlowBox, draw_flow
from celltrial.reports.layout import criteria_of
from celltrial.reports.material import Material

__all__ = ["fill_eligibility", "fill_flow"]

_SYMBOLS = {"met": "✓", "not met": "✗", "unknown": "?", "not applicable": "–"}
_SAYS_LENGTH = 42
_SHOWN_REASONS = 5
_ASIDE_WIDTH = 56


def fill_flow(material: Material) -> Content:
    """The flow figure and the doses given."""
    failed = {
        str(subject): tuple(each.id for each in screening.results if each.words == "not met")
        for subject, screening in material.screenings.items()
    }
    rows = derive_flow(material.adam["ADSL"], failed)
    criteria = criteria_of(material.study)
    figure = draw_flow(_boxes(rows, criteria), caption=material.caption("Participant flow"))
    counts = {row.category: row.n for row in rows if row.statistic == "participants"}
    sentence = (
        f"{counts['consented']} candidates consented; {counts['enrolled']} were enrolled, "
        f"{counts['lymphodepleted']} began lymphodepletion and {counts['infused']} were infused. "
        f"{counts['screen failure']} failed screening, {counts['in screening']} are in screening. Of those infused, "
        f"{counts['withdrawn after infusion']} left, {counts['completed']} completed and {counts['ongoing']} are in "
        "follow-up."
    )
    return Content(paragraphs=(sentence,), figures={"flow": figure}, tables={"exposure": _exposure(material)})


def _boxes(rows: Sequence[ResultRow], criteria: dict[str, str]) -> list[FlowBox]:
    main = {row.category: row for row in rows if row.statistic == "participants"}
    failures = [row for row in rows if row.category == "screen failure" and row.statistic != "participants"]
    left = [row for row in rows if row.category == "withdrawn after infusion" and row.statistic != "participants"]

    def aside(*categories: str) -> list[str]:
        return [f"{_sentence(each)} (n = {main[each].n}): {_who(main[each])}" for each in categories if main[each].n]

    failed = aside("screen failure")
    failed += [f"– {row.statistic} {_short(criteria.get(row.statistic, ''))} (n = {row.n})" for row in failures]
    gone = aside("withdrawn after infusion") + [f"– {row.statistic.lower()} (n = {row.n})" for row in left]
    return [
        _box(main["consented"], "Consented", [*failed, *aside("left before enrolment", "in screening")]),
        _box(main["enrolled"], "Enrolled", aside("enrolled, not infused, left", "enrolled, awaiting infusion")),
        _box(main["lymphodepleted"], "Lymphodepleted", []),
        _box(main["infused"], "Infused (safety set)", aside("not DLT-evaluable", "DLT window not adjudicated")),
        _box(main["DLT-evaluable"], "DLT-evaluable", []),
        FlowBox(
            title="At this data cut, of those infused",
            count=f"in follow-up n = {main['ongoing'].n} · completed n = {main['completed'].n}",
            aside=tuple(gone) or ("Nobody has left after infusion",),
        ),
    ]


def _box(row: ResultRow, title: str, aside: list[str]) -> FlowBox:
    lines = [line for text in aside for line in wrap(text, _ASIDE_WIDTH, subsequent_indent="\u00a0\u00a0\u00a0")]
    return FlowBox(title=title, count=f"n = {row.n}", aside=tuple(lines))


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def _who(row: ResultRow) -> str:
    return ", ".join(row.subjects)


def _short(text: str) -> str:
    return text if len(text) <= _SAYS_LENGTH else f"{text[: _SAYS_LENGTH - 1].rstrip()}…"


def _exposure(material: Material) -> tuple[Row, ...]:
    return tuple(
        Row.of(
            each.subject,
            each.level,
            each.infused_on,
            _cells(each.planned_cells),
            _cells(each.actual_cells),
            "unknown" if each.percent_of_plan is None else f"{each.percent_of_plan:.1f}",
            each.lot,
            each.donor,
            source_cell(each.source),
        )
        for each in derive_exposure(material.adam["ADSL"])
    )


def _cells(number: float | None) -> str:
    if number is None:
        return "unknown"
    mantissa = number / 1e8
    return f"{mantissa:.2f} × 10⁸"


def fill_eligibility(material: Material) -> Content:
    """The matrix of candidates by criterion, and the reasons behind everything that is not met or unknown."""
    matrix, reasons = [], []
    for subject, screening in material.screenings.items():
        matrix.append(_matrix_row(material, subject, screening))
        reasons += _reason_rows(subject, screening, criteria_of(material.study))
    verdicts = [screening.verdict for screening in material.screenings.values()]
    sentence = (
        f"{len(verdicts)} candidates were screened: {verdicts.count('eligible')} eligible, "
        f"{verdicts.count('not eligible')} not eligible, {verdicts.count('unknown')} unknown. "
        "Where the investigator has signed a verdict, the criteria are shown as they stood at that signature."
    )
    return Content(paragraphs=(sentence,), tables={"eligibility-matrix": matrix, "eligibility-reasons": reasons})


def _matrix_row(material: Material, subject: SubjectId, screening: Screening) -> Row:
    found = {each.id: each for each in screening.results}
    cells = []
    for criterion in criteria_of(material.study):
        result = found.get(criterion)
        words = result.words if result else "unknown"
        why = "; ".join(result.reasons) if result else "not evaluated"
        cells.append(Cell(text=_SYMBOLS[words], title=f"{criterion} {words}: {why}", mark=words.replace(" ", "-")))
    signature = material.signed.get(subject)
    signed = Cell(text="not signed", mark="zero")
    if signature:
        author = signature.event.author
        day = material.day(signature.event.recorded_at)
        signed = Cell(
            text=f"{signature.body.verdict} · {author.printed_name or author.person}, {day} · #{signature.seq}",
            mark="" if signature.body.verdict == screening.verdict else "watch",
        )
    overall = Cell(text=screening.verdict, mark=f"overall-{screening.verdict.replace(' ', '-')}")
    return Row.of(str(subject), *cells, overall, signed)


def _reason_rows(subject: SubjectId, screening: Screening, criteria: dict[str, str]) -> list[Row]:
    rows = []
    for result in screening.results:
        if result.words not in ("not met", "unknown"):
            continue
        is_unknown = result.words == "unknown"
        reasons = [str(each) for each in result.unknown] if is_unknown and result.unknown else list(result.reasons)
        needs = [f"{need.unknown.cost.words}: {need.unknown.do}" for need in result.needs]
        rows.append(
            Row.of(
                str(subject),
                Cell(text=result.id, title=criteria.get(result.id, "")),
                Cell(text=f"{_SYMBOLS[result.words]} {result.words}", mark=result.words.replace(" ", "-")),
                _first_few(reasons, subject),
                _first_few(needs, subject) if needs else "–",
                source_cell(result.source_events),
            )
        )
    return rows


def _first_few(texts: list[str], subject: SubjectId) -> Cell:
    """A line each; beyond a few, how many more there are and where to read them."""
    different = list(dict.fromkeys(texts))
    more = len(different) - _SHOWN_REASONS
    note = f"and {more} more: celltrial screen STUDY {subject}" if more > 0 else ""
    return Cell(text="\n".join(different[:_SHOWN_REASONS]), note=note, title="; ".join(different) if more > 0 else "")

"""What the results rest on: answers and confirmations, by whom; and which data this is, with its corrections."""

from typing import Any

from celltrial import __version__
from celltrial.record import AssumptionConfirmation, Correction, DataCut, Entry, FormEntry, QuestionAnswer
from celltrial.reports.content import Cell, Content, Row, source_cell
from celltrial.reports.material import Material
from celltrial.reports.sections.data_quality import data_quality_rows
from celltrial.reports.sections.dose import role_words

__all__ = ["fill_assumptions", "fill_provenance", "split_corrections"]


def fill_assumptions(material: Material) -> Content:
    """The register of questions and the assumptions, each open or with the person who answered or confirmed it."""
    answers = {entry.body.question: entry for entry in material.state.entries(QuestionAnswer)}
    confirmed = {entry.body.assumption: entry for entry in material.state.entries(AssumptionConfirmation)}
    study = material.study
    is_answered = [bool(each.answer) or each.id in answers for each in study.questions]
    is_confirmed = [each.id in confirmed for each in study.assumptions]
    by_simulated = (
        " The people who answered and confirmed are simulated, like the data." if material.is_simulated else ""
    )
    sentence = (
        f"{sum(is_answered)} of {len(study.questions)} questions are answered; "
        f"{sum(is_confirmed)} of {len(study.assumptions)} assumptions are confirmed.{by_simulated}"
    )
    questions = [
        Row.of(
            each.id,
            each.phrase,
            Cell(text=each.reading, note=f"evidence: {each.evidence}"),
            *_question_state(material, each.reading, each.answer, each.answered_by, answers.get(each.id)),
        )
        for each in study.questions
    ]
    assumptions = [
        Row.of(
            each.id,
            each.about,
            each.value,
            each.why,
            *_assumption_state(material, each.confirm, confirmed.get(each.id)),
        )
        for each in study.assumptions
    ]
    return Content(paragraphs=(sentence,), tables={"questions": questions, "assumptions": assumptions})


def _question_state(
    material: Material, reading: str, answer: str, answered_by: str, entry: Entry[QuestionAnswer] | None
) -> tuple[Cell, Cell, Cell]:
    if entry:
        return (
            Cell(text="answered", note=_signed(material, entry)),
            Cell(text="as read" if entry.body.answer.strip() == reading.strip() else entry.body.answer),
            source_cell([entry.seq]),
        )
    if answer:
        return Cell(text="answered", note=f"{answered_by} (study files)"), Cell(text=answer), Cell(text="")
    return Cell(text="open", mark="watch"), Cell(text="–", mark="zero"), Cell(text="")


def _assumption_state(
    material: Material, confirm: str, entry: Entry[AssumptionConfirmation] | None
) -> tuple[Cell, Cell]:
    if entry:
        return Cell(text="confirmed", note=_signed(material, entry)), source_cell([entry.seq])
    return Cell(text="not confirmed", note=f"to be confirmed by {confirm}", mark="watch"), Cell(text="")


def _signed(material: Material, entry: Entry[Any]) -> str:
    author = entry.event.author
    day = material.day(entry.event.recorded_at)
    return f"{author.printed_name or author.person} ({role_words(author.role)}), {day}"


def fill_provenance(material: Material) -> Content:
    """Data cut, hashes, version, how to make this report again; and every correction."""
    cut = material.as_of.isoformat()
    rows = [
        Row.of("Study", f"{material.study.id} ({material.study.registry_id}), version: {material.study.version}"),
        Row.of("Data", "SIMULATED: virtual participants, no person's data" if material.is_simulated else "as recorded"),
        Row.of("Data cut", material.cut_text),
        Row.of("Events in the record", str(material.state.length)),
        Row.of("Head hash of the record", Cell(text=material.state.head, mark="hash")),
        Row.of("Hash of the study files", Cell(text=material.study.hash, mark="hash")),
        Row.of("Software", f"celltrial {__version__}"),
        Row.of("Made on", material.local(material.generated_at)),
        Row.of("To make it again", Cell(text=f"celltrial report STUDY --as-of {cut} -o DIR", mark="hash")),
        Row.of("To check the record", Cell(text="celltrial verify STUDY", mark="hash")),
    ]
    before, since = split_corrections(material)
    sentence = f"{len(before) + len(since)} corrections stand in the record."
    if material.decisions:
        number = material.decisions[-1].body.number
        sentence += f" {len(since)} of them were made since the data cut of SRC decision {number}: listed here."
    return Content(
        paragraphs=(sentence,),
        tables={
            "identity": rows,
            "data-quality": data_quality_rows(material),
            "corrections": [_correction_row(material, entry) for entry in since],
        },
    )


def split_corrections(material: Material) -> tuple[list[Entry[Correction]], list[Entry[Correction]]]:
    """The corrections up to the data cut of the last decision, and those since; all are since where there is none."""
    cuts = {entry.body.cut: entry.seq for entry in material.state.entries(DataCut)}
    last_cut = cuts.get(material.decisions[-1].body.cut, 0) if material.decisions else 0
    corrections = material.state.entries(Correction)
    return (
        [entry for entry in corrections if entry.seq <= last_cut],
        [entry for entry in corrections if entry.seq > last_cut],
    )


def _correction_row(material: Material, entry: Entry[Correction]) -> Row:
    body = entry.body
    changes = [f"{field.removeprefix('items.')} → {value}" for field, value in sorted(body.replace.items())]
    what = "; ".join(["entered in error"] * (body.entered_in_error == "yes") + changes)
    author = entry.event.author
    return Row.of(
        f"#{entry.seq}",
        Cell(text=what, note=_target_words(material, body.target)),
        entry.event.why,
        f"{author.printed_name or author.person} ({role_words(author.role)})",
        material.local(entry.event.recorded_at),
    )


def _target_words(material: Material, seq: int) -> str:
    """What the corrected event is; one entered in error is among the voided."""
    entry = material.state.entry(seq) or material.state.entered_in_error(seq)
    if entry is None:
        return f"event #{seq}"
    form = f" {entry.body.form}" if isinstance(entry.body, FormEntry) else ""
    subject = f"{entry.subject}, " if entry.subject else ""
    return f"{subject}{entry.event.type.replace('_', ' ')}{form}, event #{seq}"

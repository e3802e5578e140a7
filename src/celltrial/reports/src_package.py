"""The package of one dose decision: the record as it stood at its data cut, what the design said, what people decided.

A page for the committee's file and the same as JSON. Nothing that was recorded after the cut enters its tables; the
decision itself, its signatures and the first dose under it are named as what followed.
"""

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from celltrial.decisions.access import SignatureStatus
from celltrial.escalation.conditional_table import ConditionalTable
from celltrial.record import Record
from celltrial.reports.content import Cell, Content, Row, Tile
from celltrial.reports.document import draw_figures
from celltrial.reports.layout import Column, SectionShell, TableShell
from celltrial.reports.material import Material, gather
from celltrial.reports.package_data import DecisionCase, cut_time, gather_case
from celltrial.reports.page import identify, render_page
from celltrial.reports.sections import FILLERS
from celltrial.reports.sections.cell_response import fill_cell_panel
from celltrial.reports.sections.dose import action_text, describe_proposal, evidence_text, role_words
from celltrial.reports.shells import lay_out
from celltrial.reports.shells_kinetics import CELL_PANEL
from celltrial.study import Study

__all__ = ["write_src_package"]

# what a committee reads besides the decision itself, as it stood at the cut
_SECTIONS = ("dlt", "course", "adverse-events", "cell-toxicity", "laboratory", "organs", "kinetics", "provenance")
_LETTERS = {"E": "escalate", "S": "stay", "D": "de-escalate", "DU": "de-escalate, never come back"}


def write_src_package(
    study: Study, record: Record, number: str, out_dir: Path, *, generated_at: datetime, checkpoint: str = ""
) -> Path:
    """Write `package.html` and `package.json` of decision `number` into `out_dir`.

    Args:
        study, record: The study and its whole record; the state at the data cut is folded from it.
        number: The decision's number, as in the record.
        out_dir: Made where it does not exist.
        generated_at: When it is made; the caller reads the clock.
        checkpoint: The line of the record's last checkpoint (`record.evidence.checkpoints.checkpoint_line`).
    Returns:
        The path of the HTML file.
    Raises:
        UsageError: no decision of that number, or its data cut is not in the record.
    """
    case = gather_case(study, record, number)
    material = gather(study, case.at_cut, as_of=cut_time(case.cut), generated_at=generated_at)
    shells = (_decision_shell(case), *_shown(study))
    contents = {shell.id: FILLERS[shell.id](material) for shell in shells if shell.id in FILLERS}
    contents |= {"decision": _fill_decision(case, material), "cell-panel": fill_cell_panel(material)}
    specs = {name: spec for content in contents.values() for name, spec in content.figures.items()}
    images = draw_figures(specs)
    body = case.decision.body
    identity = identify(
        material,
        kicker=f"Dose decision {number}: review package",
        headline=f"SRC decision {number}: {action_text(body.action, body.level)}",
        checkpoint=checkpoint,
    )
    out_dir.mkdir(parents=True, exist_ok=True)
    path = out_dir / "package.html"
    path.write_text(render_page(identity, shells, contents, images, new_pages=frozenset({"dlt"})), encoding="utf-8")
    document = case.to_json() | {"simulated": material.is_simulated}
    text = json.dumps(document, ensure_ascii=False, indent=2, sort_keys=True, default=str)
    (out_dir / "package.json").write_text(text + "\n", encoding="utf-8")
    return path


def _shown(study: Study) -> Iterator[SectionShell]:
    """The report's sections that the committee reads, and after the kinetics what the cells did, in one panel."""
    for shell in lay_out(study):
        if shell.id in _SECTIONS:
            yield shell
        if shell.id == "kinetics":
            yield CELL_PANEL


def _decision_shell(case: DecisionCase) -> SectionShell:
    sizes = tuple(Column(label=str(row.n), kind="verdict", title=f"{row.n} evaluable") for row in case.table.rows)
    return SectionShell(
        id="decision",
        title="The decision",
        question="What did the design propose on which data, what was decided, by whom, and was it signed in time?",
        items=(
            TableShell(
                id="proposal-and-decision",
                title="Proposal and decision",
                columns=(Column(label=""), Column(label="Design"), Column(label="Committee")),
            ),
            TableShell(
                id="signatures",
                title="Signatures",
                columns=(
                    Column(label="Name", kind="id"),
                    Column(label="Role"),
                    Column(label="Signed"),
                    Column(label="Meaning"),
                    Column(label="Status"),
                    Column(label="Event", kind="source"),
                ),
            ),
            TableShell(
                id="design-table",
                title=f"Decision table of {case.table.design.upper()}, target {100 * case.table.target:.0f} %",
                columns=(Column(label="Evaluable at the level"), *sizes),
                notes=_table_notes(case),
            ),
            TableShell(
                id="snapshot",
                title="The frozen data",
                columns=(Column(label="What", kind="id"), Column(label="Value")),
            ),
        ),
    )


def _table_notes(case: DecisionCase) -> tuple[str, ...]:
    marked = "Marked: as many evaluable as at the current level at this cut. –: no number of DLTs leads there."
    if isinstance(case.table, ConditionalTable):
        return (marked, f"The design decides on all levels together; this table is {case.table.condition}.")
    return (marked,)


def _fill_decision(case: DecisionCase, material: Material) -> Content:
    body, proposal = case.decision.body, case.proposal
    departs = bool(body.override_reason)
    decided = Tile(
        label="Decided",
        value=action_text(body.action, body.level),
        detail=f"departs from the proposal: {body.override_reason}" if departs else "as the design proposed",
        mark="watch" if departs else "",
    )
    proposed = Tile(
        label="Proposed by the design",
        value=action_text(proposal.action, proposal.level),
        detail=proposal.table_cell or "; ".join(proposal.reasons),
    )
    rows = [
        Row.of("Action", action_text(proposal.action, proposal.level), action_text(body.action, body.level)),
        Row.of("As shown to the committee", _as_shown(case), "–"),
        Row.of(
            "DLT / evaluable",
            evidence_text(
                {k: str(v) for k, v in proposal.evaluable.items()}, {k: str(v) for k, v in proposal.dlts.items()}
            ),
            evidence_text(body.evaluable, body.dlts),
        ),
        Row.of("Reasons", "; ".join(proposal.reasons), "; ".join(body.reasons) or "–"),
        Row.of("Departure from the proposal", "–", body.override_reason or "none"),
        Row.of("Open DLT windows", ", ".join(proposal.incomplete) or "none", body.incomplete_reason or "–"),
        Row.of(
            "Content hash", Cell(text=proposal.content_hash, mark="hash"), Cell(text=body.content_hash, mark="hash")
        ),
    ]
    return Content(
        tiles=(proposed, decided, _timing_tile(case, material)),
        paragraphs=(describe_proposal(material),),
        tables={
            "proposal-and-decision": rows,
            "signatures": _signature_rows(case, material),
            "design-table": _design_rows(case),
            "snapshot": _snapshot_rows(case, material),
        },
    )


def _as_shown(case: DecisionCase) -> Cell:
    """The proposal that the decision itself carries, against what the frozen data give."""
    body, proposal = case.decision.body, case.proposal
    is_same = (body.proposed_action, body.proposed_level) == (proposal.action, proposal.level)
    shown = action_text(body.proposed_action, body.proposed_level)
    return Cell(text=shown if is_same else f"{shown}: NOT what the frozen data give", mark="" if is_same else "bad")


def _timing_tile(case: DecisionCase, material: Material) -> Tile:
    label = "Signed before the next dose"
    if case.first_dose is None:
        return Tile(label=label, value="no dose yet", detail="nobody has been infused under this decision")
    dose = case.first_dose
    detail = f"first infusion under it: {dose.subject}, {material.local(dose.infused_at)}, event #{dose.seq}"
    return Tile(
        label=label,
        value="yes" if dose.signed_before else "NO",
        detail=detail,
        mark="" if dose.signed_before else "watch",
    )


def _signature_rows(case: DecisionCase, material: Material) -> list[Row]:
    return [
        Row.of(
            entry.body.printed_name,
            role_words(entry.event.author.role),
            material.local(entry.event.recorded_at),
            entry.body.meaning,
            _status_cell(status),
            f"#{entry.seq}",
        )
        for entry, status in case.signatures
    ]


def _status_cell(status: SignatureStatus) -> Cell:
    return Cell(text="standing") if status.is_standing else Cell(text="FALLEN", note=status.reason, mark="bad")


def _design_rows(case: DecisionCase) -> list[Row]:
    current = _current_size(case)
    lines = (
        ("Escalate if DLTs ≤", [row.escalate_le for row in case.table.rows]),
        ("De-escalate if DLTs ≥", [row.deescalate_ge for row in case.table.rows]),
        ("Eliminate the level if DLTs ≥", [row.eliminate_ge for row in case.table.rows]),
    )
    rows = []
    for label, numbers in lines:
        cells = [
            Cell(text="–" if number is None else str(number), mark="here" if index + 1 == current else "")
            for index, number in enumerate(numbers)
        ]
        rows.append(Row(cells=(Cell(text=label), *cells)))
    return rows


def _current_size(case: DecisionCase) -> int:
    """Evaluable participants at the level that was in force at the cut; 0 before the first decision."""
    cell = case.proposal.table_cell
    level = cell.partition(" at ")[2].partition(":")[0]
    return int(case.proposal.evaluable.get(level, 0)) if level else 0


def _snapshot_rows(case: DecisionCase, material: Material) -> list[Row]:
    cut = case.cut.body
    check = (
        "yes: the record's head at the cut is this hash"
        if case.is_verified
        else "NO: the record's head at the cut differs"
    )
    return [
        Row.of("Data cut", f"{cut.cut}, {cut.purpose}"),
        Row.of("Data up to", material.local(cut_time(case.cut))),
        Row.of("Frozen on", material.local(case.cut.event.recorded_at)),
        Row.of("Events", cut.events),
        Row.of("Hash of the last event", Cell(text=cut.head, mark="hash")),
        Row.of("Verified", Cell(text=check, mark="" if case.is_verified else "bad")),
        Row.of(
            "Decision recorded on", f"{material.local(case.decision.event.recorded_at)}, event #{case.decision.seq}"
        ),
    ]

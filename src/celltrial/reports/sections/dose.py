"""Dose decisions: the ladder over time, and each decision with its evidence, its reasons and its signatures."""

from collections.abc import Mapping

import polars as pl

from celltrial.analyses import short_ids
from celltrial.decisions import check_pause
from celltrial.decisions.access import signature_status
from celltrial.escalation import select_mtd
from celltrial.missing import NotEstimable
from celltrial.record import DataCut, Entry, Signature, SrcDecision
from celltrial.reports.content import Cell, Content, Row, source_cell
from celltrial.reports.figures import LadderDecision, LadderInfusion, draw_dose_ladder
from celltrial.reports.figures.theme import Spec
from celltrial.reports.material import SHORT_HASH, Material

__all__ = [
    "action_text",
    "describe_mtd",
    "describe_proposal",
    "draw_ladder",
    "evidence_text",
    "fill_dose",
    "role_words",
    "signature_lines",
    "window_outcome",
]

# designs whose MTD is selected by isotonic regression after the trial; 3+3 declares its own
_MODEL_ASSISTED = ("boin", "i3+3")


def fill_dose(material: Material) -> Content:
    """The ladder and the decisions, and what the design proposes on this data."""
    infused = material.adam["ADSL"].filter(pl.col("SAFFL") == "Y")
    figures = {"dose-ladder": draw_ladder(material)} if material.decisions or infused.height else {}
    return Content(
        paragraphs=(describe_proposal(material), *describe_mtd(material)),
        tables={"decisions": tuple(_decision_row(material, entry) for entry in material.recorded_decisions)},
        figures=figures,
    )


def describe_proposal(material: Material) -> str:
    """What the design proposes on this data cut, why, and what stands in the way."""
    proposal = material.proposal
    what = action_text(proposal.action, proposal.level)
    text = f"On this data cut the design ({proposal.design.upper()}) proposes: {what}"
    if proposal.table_cell:
        text += f" (decision table: {proposal.table_cell})"
    text += f". Reasons: {'; '.join(proposal.reasons)}."
    if proposal.blocked:
        blocked = "; ".join(finding.message for finding in proposal.blocked)
        text += f" No decision should be taken on it yet: {blocked}."
    for pause in check_pause(material.study, material.state):
        text += f" Dosing is paused: {pause.rule}; {pause.found}."
    return text


def describe_mtd(material: Material) -> tuple[str, ...]:
    """Once the escalation has ended: the isotonic estimates and the level nearest the target; no sentence before."""
    settings = material.study.escalation
    if material.proposal.action != "stop" or settings.design not in _MODEL_ASSISTED:
        return ()
    proposal, levels = material.proposal, material.levels
    counts = ([proposal.evaluable[level] for level in levels], [proposal.dlts[level] for level in levels])
    cutoffs = [numbers["cutoff"] for name, numbers in settings.rules if name == "eliminate" and "cutoff" in numbers]
    selected = select_mtd(*counts, target=settings.target, cutoff=cutoffs[0] if cutoffs else 0.95)
    estimates = ", ".join(
        f"{level} {100 * rate:.0f}\u00a0%"
        for level, rate in zip(levels, selected.estimates, strict=True)
        if not isinstance(rate, NotEstimable)
    )
    nearest = levels[selected.level - 1] if selected.level else "none"
    return (
        f"Isotonic estimates of the DLT rate: {estimates or 'none'}. Nearest the target of {100 * settings.target:.0f}"
        f"\u00a0%: {nearest} ({'; '.join(selected.reasons)}). The recommended dose is for people to choose, on safety, "
        "kinetics and early efficacy.",
    )


def action_text(action: str, level: str) -> str:
    """An action in a reader's words.

    >>> action_text("stay", "DL2"), action_text("stop", "")
    ('stay at DL2', 'stop the escalation')
    """
    words = {"start": "start at", "escalate": "escalate to", "stay": "stay at", "de-escalate": "de-escalate to"}
    return "stop the escalation" if action == "stop" else f"{words.get(action, action)} {level}".strip()


def evidence_text(evaluable: Mapping[str, str], dlts: Mapping[str, str]) -> str:
    """`DL1 0/3`, `DL2 1/6`, a line each; levels without an evaluable participant left out."""
    parts = [f"{level} {dlts.get(level, '?')}/{n}" for level, n in evaluable.items() if str(n) != "0"]
    return "\n".join(parts) or "nobody evaluable"


def signature_lines(material: Material, seq: int) -> tuple[str, ...]:
    """Who signed the event, in which role, when, and what the signature meant."""
    return tuple(
        f"{entry.body.printed_name}, {role_words(entry.event.author.role)}, "
        f"{material.local(entry.event.recorded_at)}: “{entry.body.meaning}” (#{entry.seq}){_fallen(material, entry)}"
        for entry in material.state.signatures_of(seq)
    )


def _fallen(material: Material, entry: Entry[Signature]) -> str:
    """A signature that has fallen is shown, with the reason."""
    status = signature_status(material.state, entry)
    return "" if status.is_standing else f" — FALLEN: {status.reason}"


def role_words(role: str) -> str:
    """A role's id as words.

    >>> role_words("src_member")
    'SRC member'
    """
    return role.replace("_", " ").replace("src", "SRC")


def _signed_cell(material: Material, seq: int) -> Cell:
    """A few short lines for a table: each signer, and below what the signatures mean."""
    signatures = material.state.signatures_of(seq)
    lines = [
        f"{entry.body.printed_name}, {role_words(entry.event.author.role)}\n"
        f"{material.local(entry.event.recorded_at)} · #{entry.seq}{_fallen(material, entry)}"
        for entry in signatures
    ]
    meanings = dict.fromkeys(f"“{entry.body.meaning}”" for entry in signatures)
    if not lines:
        return Cell(text="not signed", mark="watch")
    return Cell(text="\n".join(lines), note="\n".join(meanings))


def _decision_row(material: Material, entry: Entry[SrcDecision]) -> Row:
    body = entry.body
    cut = next((each for each in material.state.entries(DataCut) if each.body.cut == body.cut), None)
    is_override, in_force = bool(body.override_reason), entry in material.decisions
    reasons = list(body.reasons)
    if is_override:
        reasons.append(f"departs from the proposal: {body.override_reason}")
    if body.incomplete_windows:
        windows = ", ".join(body.incomplete_windows)
        reasons.append(f"taken with open DLT windows of {windows}: {body.incomplete_reason}")
    return Row.of(
        body.number,
        Cell(
            text=body.cut,
            note=f"{material.local(cut.event.recorded_at)}\n{cut.body.events} events\n{cut.body.head[:SHORT_HASH]}"
            if cut
            else "",
        ),
        evidence_text(body.evaluable, body.dlts),
        Cell(text=action_text(body.proposed_action, body.proposed_level), note=body.design.upper()),
        Cell(
            text=action_text(body.action, body.level),
            note=("departs from the proposal" if is_override else "as proposed")
            + ("" if in_force else "\nNOT in force"),
            mark="watch" if is_override or not in_force else "",
        ),
        "; ".join(reasons),
        _signed_cell(material, entry.seq),
        source_cell([entry.seq, *([cut.seq] if cut else [])]),
    )


def draw_ladder(material: Material) -> Spec:
    """The dose ladder of this material."""
    rows = material.adam["ADSL"].filter((pl.col("SAFFL") == "Y") & pl.col("TRTSDT").is_not_null()).sort("TRTSDT")
    infusions = [
        LadderInfusion(
            subject=short_ids([row["USUBJID"]])[0],
            level=row["TRT01A"],
            on=str(row["TRTSDT"]),
            outcome=window_outcome(row["DLTEVLFL"], row["DLTFL"]),
        )
        for row in rows.iter_rows(named=True)
    ]
    decisions = [
        LadderDecision(
            number=entry.body.number,
            on=str(material.day(entry.event.recorded_at)),
            action=entry.body.action,
            level=entry.body.level,
            is_override=bool(entry.body.override_reason),
        )
        for entry in material.decisions
    ]
    return draw_dose_ladder(
        infusions,
        decisions,
        levels=material.levels,
        until=str(material.day(material.as_of)),
        caption=material.caption("The dose ladder over time"),
    )


def window_outcome(evaluable: str | None, dlt: str | None) -> str:
    """The state of a DLT window in the words of the figure's legend."""
    if dlt == "Y":
        return "DLT"
    if evaluable == "Y":
        return "evaluable, no DLT"
    return "not evaluable" if evaluable == "N" else "window open or not adjudicated"

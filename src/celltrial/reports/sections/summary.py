"""The headline: what a committee member must know before reading on, each number with its denominator."""

from collections.abc import Mapping

import polars as pl

from celltrial.analyses import ResultRow, derive_dlt_summary, derive_immune_toxicity
from celltrial.missing import NotEstimable
from celltrial.reports.content import Cell, Content, Row, Tile
from celltrial.reports.material import Material
from celltrial.reports.sections.dose import action_text, describe_mtd, describe_proposal, signature_lines
from celltrial.reports.sections.grids import index_rows

__all__ = ["fill_summary"]

Found = Mapping[tuple[str, str, str], ResultRow]


def fill_summary(material: Material) -> Content:
    """Tiles, the last decision and the proposal in words, and the table of dose levels."""
    adsl = material.adam["ADSL"]
    dlt = index_rows(derive_dlt_summary(adsl))
    immune = index_rows(derive_immune_toxicity(adsl, material.adam["ADAE"]))
    return Content(
        tiles=(
            _dose_tile(material),
            _dlt_tile(dlt),
            _worst_tile(immune, "CRS"),
            _worst_tile(immune, "ICANS"),
            _death_tile(material),
        ),
        paragraphs=(_decision_sentence(material), describe_proposal(material), *describe_mtd(material)),
        tables={"dose-status": [_level_row(material, dlt, level) for level in material.levels]},
    )


def _dose_tile(material: Material) -> Tile:
    if not material.decisions:
        return Tile(label="Dose level in force", value="none", detail="no decision of the committee is signed")
    body = material.decisions[-1].body
    if body.action == "stop":
        return Tile(
            label="Dose escalation", value="stopped", detail=f"by SRC decision {body.number}: {body.reasons[-1]}"
        )
    cells = material.study.level(body.level).cells
    detail = f"{float(cells) / 1e8:.1f} × 10⁸ CAR+ T cells, since SRC decision {body.number}"
    return Tile(label="Dose level in force", value=body.level, detail=detail)


def _dlt_tile(dlt: Found) -> Tile:
    found = dlt.get(("Total", "DLT", "participants"))
    bound = dlt.get(("Total", "DLT", "upper bound"))
    if found is None or bound is None or isinstance(bound.value, NotEstimable):
        return Tile(label="Dose-limiting toxicities", value="0/0", detail="nobody is evaluable yet")
    who = f"{', '.join(found.subjects)}. " if found.subjects else ""
    detail = f"{who}Rate over all levels up to {bound.text} (one-sided 95 %)"
    return Tile(
        label="Dose-limiting toxicities", value=f"{found.n}/{found.N}", detail=detail, mark="watch" if found.n else ""
    )


def _worst_tile(immune: Found, syndrome: str) -> Tile:
    anyone = immune.get(("Total", syndrome, "any"))
    label = f"Worst {syndrome}"
    if anyone is None:
        return Tile(label=label, value="–", detail="nobody has been infused")
    if not anyone.n:
        return Tile(label=label, value="none", detail=f"0/{anyone.N} infused")
    for grade in range(5, 0, -1):
        at_grade = immune["Total", syndrome, f"grade {grade}"]
        if at_grade.n:
            detail = f"in {', '.join(at_grade.subjects)}; any grade {anyone.text}"
            return Tile(label=label, value=f"grade {grade}", detail=detail, mark="watch" if grade >= 3 else "")
    return Tile(label=label, value="not graded", detail=f"any {anyone.text}", mark="watch")


def _death_tile(material: Material) -> Tile:
    infused = material.adam["ADSL"].filter(pl.col("SAFFL") == "Y")
    adae = material.adam["ADAE"]
    fatal = set(adae.filter(pl.col("ATOXGRN") == 5)["USUBJID"].to_list())
    fatal |= set(infused.filter(pl.col("DCSREAS").fill_null("").str.to_lowercase() == "death")["USUBJID"].to_list())
    fatal &= set(infused["USUBJID"].to_list())
    return Tile(
        label="Deaths", value=f"{len(fatal)}/{infused.height}", detail="of those infused", mark="watch" if fatal else ""
    )


def _decision_sentence(material: Material) -> str:
    if not material.decisions:
        return "No decision of the safety review committee is in force at this data cut."
    entry = material.decisions[-1]
    body = entry.body
    departs = (
        f", departing from the proposal ({body.override_reason.rstrip('.')})"
        if body.override_reason
        else ", as proposed"
    )
    signed = "; ".join(signature_lines(material, entry.seq))
    return (
        f"Last decision (SRC {body.number}, {material.day(entry.event.recorded_at)}): "
        f"{action_text(body.action, body.level)}{departs}. Signed by {signed}."
    )


def _level_row(material: Material, dlt: Found, level: str) -> Row:
    definition = material.study.level(level)
    cells = f"{float(definition.cells) / 1e8:.1f} × 10⁸"
    infused = dlt.get((level, "infused", "participants"))
    current = material.decisions[-1].body if material.decisions else None
    status = Cell(
        text=_status(current.level if current and current.action != "stop" else "", level, infused is not None)
    )
    if infused is None:
        nothing = Cell(text="–", mark="zero")
        return Row.of(level, cells, Cell(text="0", mark="zero"), nothing, nothing, nothing, status)
    found, bound = dlt[level, "DLT", "participants"], dlt[level, "DLT", "upper bound"]
    return Row.of(
        level,
        cells,
        str(infused.n),
        f"{found.N}/{infused.n}",
        Cell(text=f"{found.n}/{found.N}", title=", ".join(found.subjects), mark="bad" if found.n else ""),
        bound.text,
        status,
        kind="strong" if status.text == "in force" else "",
    )


def _status(current: str, level: str, is_used: bool) -> str:
    if level == current:
        return "in force"
    return "treated, not in force" if is_used else "not opened"

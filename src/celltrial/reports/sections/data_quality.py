"""How far the data can be relied on: delegation log, fallen signatures, open queries, what is behind, odd samples."""

from celltrial.decisions.access import has_delegation_log, list_signatures
from celltrial.decisions.review import queries, stale
from celltrial.reports.content import Cell, Row
from celltrial.reports.material import Material
from celltrial.reports.sections.cell_response import kinetics_doubts

__all__ = ["data_quality_rows"]

_SHOWN = 12


def data_quality_rows(material: Material) -> list[Row]:
    """What, found and which events; marked where somebody has to look. Computed from the record as it stood."""
    return [_delegation(material), _signatures(material), _queries(material), _behind(material), _kinetics(material)]


def _delegation(material: Material) -> Row:
    if has_delegation_log(material.state):
        return _row("Roles of those who wrote", "checked against the delegation log", ())
    return _row("Roles of those who wrote", "no delegation log: roles are as claimed, not checked", (), mark="watch")


def _signatures(material: Material) -> Row:
    lines = list_signatures(material.study, material.state)
    fallen = [line for line in lines if not line.status.is_standing]
    reasons = tuple(f"#{line.seq} of {line.covers}: {line.status.reason}" for line in fallen)
    return _row("Signatures", f"{len(fallen)} of {len(lines)} have fallen", reasons)


def _queries(material: Material) -> Row:
    threads = queries(material.state)
    waiting = [each for each in threads if not each.is_closed]
    told = tuple(f"{each.number} ({each.status}), {each.where}, event #{each.target}" for each in waiting)
    return _row("Queries", f"{len(waiting)} of {len(threads)} are not closed", told)


def _behind(material: Material) -> Row:
    found = stale(material.study, material.state)
    different = sum(each.is_different for each in found)
    told = tuple(f"{each.what}: {'≠' if each.is_different else '='} since event #{each.since}" for each in found)
    text = f"{len(found)} rest on data that have changed since, {different} would come out otherwise today"
    return _row("Signed, decided or sent on", text, told)


def _kinetics(material: Material) -> Row:
    told = tuple(f"{finding.where}: {finding.message} ({finding.found})" for _, finding in kinetics_doubts(material))
    return _row("Kinetics results to look into", str(len(told)), told)


def _row(what: str, text: str, details: tuple[str, ...], *, mark: str = "") -> Row:
    """A row whose details are told up to a dozen, and the rest counted; it is marked where there are any."""
    more = (f"and {len(details) - _SHOWN} more",) if len(details) > _SHOWN else ()
    note = "\n".join((*details[:_SHOWN], *more))
    return Row.of(what, Cell(text=text, note=note, mark=mark or ("watch" if details else "")))

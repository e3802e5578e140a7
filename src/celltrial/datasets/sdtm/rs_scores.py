"""Rows of RS for PGA, BILAG-2004, the damage index, activity beside SLEDAI-2K and the flare index, as recorded.

CDISC terminology has none of these test codes: they are this project's. Totals are derived (RSDRVFL = Y) and only there
where they can be evaluated. A system or item that was not assessed is NOT DONE.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from celltrial.datasets.context import Case, Casebook
from celltrial.datasets.dataset import Row
from celltrial.datasets.terms import flag
from celltrial.errors import CelltrialError, Finding
from celltrial.instruments import (
    BilagScore,
    DamageScore,
    bilag_systems,
    score_bilag_2004,
    score_slicc_damage,
    sfi_criteria,
    slicc_damage_items,
)
from celltrial.record import Entry, FormEntry
from celltrial.units import parse_number

__all__ = ["BILAG_TOTAL", "DAMAGE_TOTAL", "PGA", "read_number", "score_entries", "score_rows"]

PGA = "PGA"
BILAG_TOTAL = "BILAGTT"
DAMAGE_TOTAL = "SDITT"
_NOT_ASSESSED = "ND"


@dataclass(frozen=True, slots=True)
class _Test:
    """A test of a form: its code, its name, its subcategory."""

    code: str
    name: str
    part: str | None = None


# form -> its category; in the order of the rows
_CATEGORIES = {
    "pga": "PHYSICIAN GLOBAL ASSESSMENT",
    "bilag_2004": "BILAG-2004",
    "slicc_damage": "SLICC/ACR DAMAGE INDEX",
    "lupus_extra": "LUPUS ACTIVITY BESIDE SLEDAI-2K",
    "flare_index": "SELENA FLARE INDEX",
}
_EXTRA = {
    "haemolytic_anaemia": _Test("LUPHEMAN", "Haemolytic Anaemia due to Lupus"),
    "gastrointestinal_activity": _Test("LUPGIACT", "Gastrointestinal Activity of Lupus"),
}


def score_entries(book: Casebook, case: Case) -> Iterator[Entry[FormEntry]]:
    """The entries of the forms of this module, form by form."""
    for form in _CATEGORIES:
        yield from book.state.forms(form, case.subject)


def score_rows(entry: Entry[FormEntry], common: Row, findings: list[Finding]) -> Iterator[Row]:
    """The rows of one form. common: the columns that every row of it has; a score that cannot be read is a finding."""
    form, items = entry.body.form, entry.body.items
    head = common | {"RSCAT": _CATEGORIES[form], "RSEVAL": "INVESTIGATOR"}
    match form:
        case "pga":
            yield head | _pga(items)
        case "bilag_2004":
            yield from (head | _graded(test, items.get(system, "")) for system, test in _bilag_tests().items())
        case "slicc_damage":
            yield from (head | _points(test, items.get(item, "")) for item, test in _damage_tests().items())
        case _:
            tests = _EXTRA if form == "lupus_extra" else _flare_tests()
            yield from (head | _word(test, items.get(item, "")) for item, test in tests.items())
    yield from (head | total for total in _total(form, items, common["USUBJID"], findings))


def _pga(items: Mapping[str, str]) -> Row:
    text = items.get("value", "").strip()
    row = _row(_Test(PGA, "Physician Global Assessment, 0 to 3"), text, text)
    return row | {"RSSTRESN": read_number(text)}


def _graded(test: _Test, text: str) -> Row:
    """A grade; where nobody assessed the system there is none."""
    grade = text.strip()
    if grade == _NOT_ASSESSED:
        return _row(test, "", "", why="NOT ASSESSED")
    return _row(test, grade, grade)


def _points(test: _Test, text: str) -> Row:
    return _row(test, text.strip(), text.strip()) | {"RSSTRESN": read_number(text)}


def _word(test: _Test, text: str) -> Row:
    return _row(test, text.strip().upper(), flag(text.strip()))


def _row(test: _Test, recorded: str, standard: str | None, *, why: str = "ITEM LEFT BLANK") -> Row:
    return {
        "RSTESTCD": test.code,
        "RSTEST": test.name,
        "RSSCAT": test.part,
        "RSORRES": recorded or None,
        "RSSTRESC": standard or None,
        "RSSTAT": None if recorded else "NOT DONE",
        "RSREASND": None if recorded else why,
    }


def _total(form: str, items: Mapping[str, str], usubjid: str, findings: list[Finding]) -> Iterator[Row]:
    """The derived total of a form that has one."""
    try:
        match form:
            case "bilag_2004":
                grades = {
                    name: "" if items.get(name) == _NOT_ASSESSED else items.get(name, "") for name in bilag_systems()
                }
                bilag = score_bilag_2004(grades)
                if isinstance(bilag, BilagScore):
                    yield _derived(_Test(BILAG_TOTAL, "BILAG-2004 Numerical Score"), bilag.total)
            case "slicc_damage":
                texts = {item.item: items.get(item.item, "").strip() for item in slicc_damage_items()}
                points = {name: int(text) if text.isdigit() else None for name, text in texts.items()}
                damage = score_slicc_damage(points)
                if isinstance(damage, DamageScore):
                    yield _derived(_Test(DAMAGE_TOTAL, "SLICC/ACR Damage Index Total"), damage.total)
    except CelltrialError as error:
        findings += [
            Finding(
                message=each.message,
                where=f"RS {usubjid}, {form}: {each.where}",
                found=each.found,
                expected=each.expected,
                next_step="correct the entry",
            )
            for each in error.findings
        ]


def _derived(test: _Test, total: int) -> Row:
    return {
        "RSTESTCD": test.code,
        "RSTEST": test.name,
        "RSSTRESC": str(total),
        "RSSTRESN": float(total),
        "RSDRVFL": "Y",
    }


def _bilag_tests() -> Mapping[str, _Test]:
    return {
        system: _Test(f"BILAG{number:02d}", f"BILAG-2004 {system.title()}")
        for number, system in enumerate(bilag_systems(), start=1)
    }


def _damage_tests() -> Mapping[str, _Test]:
    return {
        item.item: _Test(f"SDI{number:02d}", f"SDI {_title(item.item)}", item.domain.replace("_", " ").upper())
        for number, item in enumerate(slicc_damage_items(), start=1)
    }


def _flare_tests() -> Mapping[str, _Test]:
    asked = [each for each in sfi_criteria() if each.is_asked]
    return {
        each.criterion: _Test(f"SFI{number:02d}", f"SFI {_title(each.criterion)}", each.severity.upper())
        for number, each in enumerate(asked, start=1)
    }


def _title(name: str) -> str:
    return name.replace("_", " ").title()


def read_number(text: str) -> float | None:
    """The number that was typed; None where it is none, which the form's own check has told."""
    try:
        return float(parse_number(text))
    except CelltrialError:
        return None

"""PC: cellular-kinetics results, `<50` below the limit of quantification; SUPPPC: white cells at the same time."""

from celltrial.datasets.context import Case, Casebook, number_rows, open_casebook, trace
from celltrial.datasets.dataset import Dataset, Row, build_dataset
from celltrial.datasets.profiles import infusion_number
from celltrial.datasets.results import format_value, read_amount, round_off
from celltrial.datasets.sdtm.relrec import profile_group
from celltrial.datasets.sdtm.supp import Qualifier, derive_supp, public_columns
from celltrial.datasets.terms import analyte_term, cdisc_unit, term
from celltrial.errors import CelltrialError, Finding
from celltrial.record import Entry, KineticsSample, TrialState
from celltrial.study import Study
from celltrial.units import parse_number

__all__ = ["derive_pc", "derive_supppc"]

_QUALIFIERS = (
    Qualifier("PCWBC", "Leukocytes at the Time of the Sample", "CRF"),
    Qualifier("PCWBCU", "Unit of the Leukocytes", "CRF"),
)


def derive_pc(study: Study, state: TrialState) -> Dataset:
    """Concentrations over time. A result below the limit has no number: the limit stands in PCLLOQ.

    The planned time is counted in days from the first infusion (PCTPTNUM, PCELTM); the visit is the one of that day.
    """
    rows, findings = _rows(study, state)
    return build_dataset("PC", public_columns(rows), findings=findings)


def derive_supppc(study: Study, state: TrialState) -> Dataset:
    """White cells counted with the sample: copies per microgram cannot be turned into copies per microlitre without."""
    return derive_supp("PC", _QUALIFIERS, _rows(study, state)[0])


def _rows(study: Study, state: TrialState) -> tuple[list[Row], list[Finding]]:
    book = open_casebook(study, state)
    findings: list[Finding] = []
    rows = [
        _row(book, case, entry, findings)
        for case in book.cases
        for entry in book.state.entries(KineticsSample, case.subject)
    ]
    return number_rows(rows, "PCSEQ", ("PCTESTCD", "PCDTC")), findings


def _row(book: Casebook, case: Case, entry: Entry[KineticsSample], findings: list[Finding]) -> Row:
    body = entry.body
    where = f"PC {case.usubjid}, {body.analyte} {body.collected_at}"
    at = book.moment(body.collected_at, where, findings)
    name, problems = analyte_term(body.analyte, "PC")
    findings.extend(problems)
    return (
        book.base(case, "PC")
        | {
            "PCGRPID": profile_group(name.testcd, body.specimen, infusion_number(book, case, at)),
            "PCTESTCD": name.testcd,
            "PCTEST": name.test,
            "PCCAT": name.category or None,
            "PCSPEC": term("specimen", body.specimen),
            "PCMETHOD": term("method", str(book.study.kinetics.get("method", ""))),
            "EPOCH": case.epoch(at),
            "PCDTC": at.iso,
            "PCDY": at.study_day(case.infused),
            "_PCWBC": body.leukocytes,
            "_PCWBCU": body.leukocytes_unit,
        }
        | _result(body, where, findings)
        | _planned(body.nominal_day, case)
        | book.visit_columns(case.visits_on.get(at.day, "") if at.day else "")
        | trace(entry)
    )


def _result(body: KineticsSample, where: str, findings: list[Finding]) -> Row:
    limit = read_amount(body.lloq, body, where, findings)
    unit = cdisc_unit(limit.unit) if limit else cdisc_unit(body.unit)
    columns: Row = {"PCORRESU": body.unit or None, "PCSTRESU": unit, "PCLLOQ": float(limit.value) if limit else None}
    if body.blq == "yes":
        below = f"<{format_value(float(limit.value))}" if limit else "BLQ"
        return columns | {"PCORRES": f"<{body.lloq}" if body.lloq else "BLQ", "PCSTRESC": below}
    value = read_amount(body.value, body, where, findings)
    if value is None:
        return columns | {"PCORRES": body.value or None, "PCSTRESC": body.value or None}
    number = round_off(float(value.value))
    return columns | {
        "PCORRES": body.value,
        "PCSTRESC": format_value(number),
        "PCSTRESN": number,
        "PCSTRESU": cdisc_unit(value.unit),
    }


def _planned(nominal_day: str, case: Case) -> Row:
    """The planned time from the first infusion: days, 0 = the day of infusion."""
    try:
        day = float(parse_number(nominal_day))
    except CelltrialError:
        return {}
    text = format_value(abs(day))
    reference = {"PCTPTREF": "FIRST INFUSION", "PCRFTDTC": case.infused.iso} if case.infused.iso else {}
    return {
        "PCTPT": f"DAY {format_value(day)}",
        "PCTPTNUM": day,
        "PCELTM": f"{'-' if day < 0 else ''}P{text}D" if day.is_integer() else None,
        **reference,
    }

"""From the project's words to CDISC's: terms, analytes and units, as the tables of `metadata/` hold them."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from celltrial.datasets.dataset import read_table
from celltrial.errors import Finding
from celltrial.units import analytes

__all__ = [
    "AnalyteTerm",
    "analyte_named",
    "analyte_of",
    "analyte_term",
    "cdisc_unit",
    "flag",
    "parameter_name",
    "study_unit",
    "term",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class AnalyteTerm:
    """Where an analyte goes and what it is called there; blank fields are not used by its domain."""

    domain: str
    testcd: str
    test: str
    category: str
    specimen: str
    agent: str
    paramcd: str


@cache
def _terms() -> Mapping[tuple[str, str], str]:
    return {(row["list"], row["word"].lower()): row["term"] for row in read_table("terms")}


def term(name: str, word: str) -> str | None:
    """CDISC's term for a word of list `name`; the word in upper case where the table has none; None for a blank.

    >>> term("outcome", "ongoing"), term("route", "nasal"), term("route", "")
    ('NOT RECOVERED/NOT RESOLVED', 'NASAL', None)
    """
    if not word.strip():
        return None
    return _terms().get((name, word.strip().lower()), word.strip().upper()) or None


def flag(word: str) -> str | None:
    """`yes`, `no` and `unknown` as Y, N and U; None for a blank."""
    return term("yesno", word)


def cdisc_unit(unit: str) -> str | None:
    """The unit as CDISC spells it, the same size; as written where the table has none; None for a bare number.

    >>> cdisc_unit("10*9/L"), cdisc_unit("U/L"), cdisc_unit("1")
    ('10^9/L', 'U/L', None)
    """
    text = unit.strip()
    return (_terms().get(("unit", text.lower()), text) or None) if text else None


@cache
def _analytes() -> Mapping[str, AnalyteTerm]:
    return {
        row["analyte"]: AnalyteTerm(
            domain=row["domain"],
            testcd=row["testcd"],
            test=row["test"],
            category=row["category"],
            specimen=row["specimen"],
            agent=row["agent"],
            paramcd=row["paramcd"],
        )
        for row in read_table("analytes")
    }


def analyte_term(analyte: str, domain: str) -> tuple[AnalyteTerm, tuple[Finding, ...]]:
    """The analyte's place and name; one that is not in the table keeps its own name in `domain`, with a finding."""
    known = _analytes().get(analyte)
    if known is not None:
        return known, ()
    code = "".join(letter for letter in analyte.upper() if letter.isalnum())[:8]
    made = AnalyteTerm(
        domain=domain,
        testcd=code if code[:1].isalpha() else f"X{code}"[:8],
        test=analyte.replace("_", " ").capitalize()[:40],
        category="",
        specimen="",
        agent="",
        paramcd=code if code[:1].isalpha() else f"X{code}"[:8],
    )
    finding = Finding(
        message=f"the analyte {analyte!r} has no CDISC name here",
        where=f"{domain}TESTCD",
        found=analyte,
        expected="a line in datasets/metadata/analytes.csv",
        next_step=f"add the line; until then it is written as {made.testcd}",
    )
    return made, (finding,)


@cache
def _places() -> Mapping[tuple[str, str, str, str], str]:
    return {(each.domain, each.testcd, each.specimen, each.agent): analyte for analyte, each in _analytes().items()}


def analyte_of(domain: str, testcd: str, specimen: str | None, agent: str | None) -> str | None:
    """The analyte behind a test of a domain; None for one that the table does not have.

    >>> analyte_of("LB", "WBC", "URINE", None)
    'urine_leukocytes'
    """
    return _places().get((domain, testcd, specimen or "", agent or ""))


def parameter_name(analyte: str | None, testcd: str, test: str) -> tuple[str, str]:
    """PARAMCD and PARAM of an analyte, unique where SDTM tells analytes apart by more than the test code.

    The unit is the study's own: a result that could not be converted to it has no AVAL.

    >>> parameter_name("anti_dsdna", "ATAB", "Autoantibody")
    ('DSDNA', 'Autoantibody, Double stranded dna (IU/mL)')
    """
    known = _analytes().get(analyte or "")
    if known is None or analyte is None:
        return testcd, test
    beside = known.agent.capitalize() or (known.specimen.capitalize() if known.paramcd != known.testcd else "")
    name = f"{known.test}, {beside}" if beside else known.test
    unit = study_unit(analyte)
    return known.paramcd, f"{name} ({unit})" if unit else name


def study_unit(analyte: str) -> str | None:
    """The unit that results of an analyte are given in, as CDISC spells it; None for a bare number."""
    units = {str(code): each.unit for code, each in analytes().items()}
    return cdisc_unit(units.get(analyte, ""))


def analyte_named(test: str) -> str | None:
    """The analyte of a test's name, for tests that only one analyte has."""
    return next((analyte for analyte, each in _analytes().items() if each.test == test), None)

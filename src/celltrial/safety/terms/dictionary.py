"""The terms as data: `terms.csv` (one row a term) and `grades.csv` (one row a term and group of versions of CTCAE).

A row holds for the versions it names. Only part of CTCAE 6.0 could be read: a term without a row for 6.0 may still be
in it. The words of the grades are ours and only help to find the grade; the wording of CTCAE decides.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from types import MappingProxyType
from typing import Literal, cast

from celltrial.errors import Finding, UsageError
from celltrial.safety.ctcae.table import CTCAE_VERSIONS, Version, has_term, require_version
from celltrial.tables import read_package_table

__all__ = ["AeKind", "AeTerm", "ae_kind", "ae_term", "ae_terms", "fold_name", "names_of_kind"]

AeKind = Literal[
    "organ",
    "laboratory",
    "cytopenia",
    "infection",
    "infusion_reaction",
    "malignancy",
    "crs",
    "icans",
    "iec_hs",
    "gvhd",
    "icaht",
    "licats",
    "alopecia",
    "b_cell_aplasia",
    "hypogammaglobulinaemia",
]

_PACKAGE = "celltrial.safety.terms"
_GRADES = (1, 2, 3, 4, 5)


@dataclass(frozen=True, slots=True, kw_only=True)
class AeTerm:
    """A term with its grades, for the versions of CTCAE in which they hold.

    code: MedDRA code as CTCAE prints it; blank where CTCAE has no such term or the code was not seen.
    grades: grade -> our words for it; None where the scale has no such grade.
    scale: `CTCAE`, or what grades a term that is not in CTCAE in these versions; `reported_under` then says which
    term of CTCAE it is reported under. numeric_in: the versions in which `celltrial grade ctcae` grades it by number.
    """

    term: str
    soc: str
    code: str
    kind: AeKind
    versions: tuple[Version, ...]
    grades: Mapping[int, str | None] = field(hash=False)
    numeric_in: tuple[Version, ...]
    scale: str
    reported_under: str
    chinese: str
    synonyms: tuple[str, ...]
    note: str

    @property
    def is_in_ctcae(self) -> bool:
        """Whether these versions of CTCAE have the term."""
        return self.scale == "CTCAE"

    @property
    def names(self) -> tuple[str, ...]:
        """Everything the term is called: itself, its synonyms, its Chinese name."""
        return (self.term, *self.synonyms, *((self.chinese,) if self.chinese else ()))

    def to_json(self) -> dict[str, object]:
        """The term as one JSON object."""
        return {
            "term": self.term,
            "soc": self.soc,
            "code": self.code or None,
            "kind": self.kind,
            "versions": list(self.versions),
            "in_ctcae": self.is_in_ctcae,
            "scale": self.scale,
            "reported_under": self.reported_under or None,
            "numeric_in": list(self.numeric_in),
            "grades": {str(grade): words for grade, words in self.grades.items()},
            "synonyms": list(self.synonyms),
            "chinese": self.chinese or None,
            "note": self.note or None,
        }


def ae_terms(version: str | None = None) -> tuple[AeTerm, ...]:
    """All terms of a version of CTCAE (4.03, 5.0 or 6.0), by class and name; without one, every row of the dictionary.

    Terms that CTCAE does not have stand among them, each with the scale that grades it.
    Raises UsageError where there is no such version.

    >>> len({each.term for each in ae_terms("5.0")}) > 150
    True
    """
    if version is None:
        return _all_terms()
    wanted = require_version(version)
    return tuple(each for each in _all_terms() if wanted in each.versions)


def ae_term(term: str, version: str = "5.0") -> AeTerm:
    """The term of that name, or of that synonym, code or Chinese name, in a version of CTCAE.

    Raises UsageError where the dictionary has none, or where the version of CTCAE has it only under another name.

    >>> ae_term("anaemia").term, ae_term("Anemia").grades[3]
    ('Anemia', 'Hb <80 g/L (<8 g/dL, <4.9 mmol/L); transfusion')
    >>> ae_term("Bacteremia").grades[1] is None
    True
    """
    wanted = fold_name(term)
    rows = ae_terms(version)
    by_name = [each for each in rows if wanted == fold_name(each.term)]
    found = by_name or [each for each in rows if wanted and wanted in _folded_names(each)]
    if len(found) == 1:
        return found[0]
    elsewhere = sorted({name for each in _all_terms() if wanted in _folded_names(each) for name in each.versions})
    raise UsageError(
        Finding(
            message=f"the dictionary has no such adverse-event term in version {version}",
            found=repr(term),
            expected=f"a term of it; other versions have one: {', '.join(elsewhere)}" if elsewhere else "a term of it",
            next_step="search with `celltrial grade terms`",
        )
    )


def ae_kind(term: str) -> AeKind | None:
    """The kind of a term or one of its synonyms, whatever the version; None where the dictionary has none.

    >>> ae_kind("thrombocytopenia"), ae_kind("Graft versus host disease"), ae_kind("hiccough")
    ('cytopenia', 'gvhd', None)
    """
    return _kinds().get(fold_name(term))


def names_of_kind(kind: AeKind) -> frozenset[str]:
    """Every name of the terms of a kind, case folded as written, spaces single."""
    return frozenset(
        " ".join(name.casefold().split()) for each in _all_terms() if each.kind == kind for name in each.names
    )


def fold_name(text: str) -> str:
    """One spelling of a name: case, signs and the British and American spellings folded; for comparison only.

    >>> fold_name("Haemorrhage, Oesophageal") == fold_name("hemorrhage esophageal")
    True
    """
    plain = re.sub(r"[^\w]+", " ", text.casefold().replace("æ", "ae").replace("œ", "oe"))
    plain = plain.replace("ae", "e").replace("oe", "e").replace("leuco", "leuko")
    return " ".join(re.sub(r"our\b", "or", plain).split())


@cache
def _folded_names(entry: AeTerm) -> frozenset[str]:
    return frozenset(fold_name(name) for name in (*entry.names, *((entry.code,) if entry.code else ())))


@cache
def _kinds() -> Mapping[str, AeKind]:
    return {fold_name(name): each.kind for each in _all_terms() for name in each.names}


@cache
def _all_terms() -> tuple[AeTerm, ...]:
    entries = {row["term"]: row for row in read_package_table(_PACKAGE, "terms.csv")}
    return tuple(_ae_term(entries[row["term"]], row) for row in read_package_table(_PACKAGE, "grades.csv"))


def _ae_term(entry: Mapping[str, str], row: Mapping[str, str]) -> AeTerm:
    synonyms = tuple(name for name in entry["synonyms"].split(";") if name)
    versions = tuple(version for version in CTCAE_VERSIONS if version in row["versions"].split(";"))
    written = {grade: row[f"grade_{grade}"] for grade in _GRADES}
    names = (entry["term"], *synonyms)
    return AeTerm(
        term=entry["term"],
        soc=entry["soc"],
        code=entry["code"],
        kind=cast("AeKind", entry["kind"]),
        versions=versions,
        grades=MappingProxyType({grade: None if words == "-" else words for grade, words in written.items()}),
        numeric_in=tuple(version for version in versions if _is_numeric(version, names)),
        scale=row["scale"],
        reported_under=row["reported_under"],
        chinese=entry["chinese"],
        synonyms=synonyms,
        note=row["note"],
    )


def _is_numeric(version: Version, names: tuple[str, ...]) -> bool:
    return any(has_term(version, name, direction) for name in names for direction in ("L", "H"))

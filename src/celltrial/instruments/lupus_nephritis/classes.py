"""Classes of lupus nephritis, ISN/RPS 2003 with its suffixes and the 2018 revision, and the trial's active III or IV.

The pathologist classifies. From percentages a class is derived only where they leave no choice. In 2018 the suffixes A,
A/C and C gave way to activity and chronicity indices, and IV-S and IV-G were dropped: both editions are read.
Source: Weening JJ et al., J Am Soc Nephrol 2004;15:241-50; Bajema IM et al., Kidney Int 2018;93:789-96.
"""

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from celltrial.answers import Conclusion, Condition, YesNoUnknown, conclude
from celltrial.errors import Finding, UsageError
from celltrial.instruments.lupus_nephritis.indices import NihIndices
from celltrial.instruments.renal_function.checks import check_positive, check_words, require
from celltrial.instruments.renal_function.exact import show_exact
from celltrial.missing import NotEvaluable

__all__ = [
    "GlomerularFindings",
    "IsnRpsClass",
    "NephritisBiopsy",
    "derive_isn_rps_class",
    "judge_active_class_iii_or_iv",
    "parse_isn_rps_class",
]

IsnRpsClass = Literal["I", "II", "III", "IV", "V", "VI"]
Suffix = Literal["A", "A/C", "C"]

_PART = re.compile(r"(?P<cls>I{1,3}|IV|VI?)(?:\s*-\s*(?P<pattern>[SG]))?\s*(?:\(?\s*(?P<suffix>A\s*/\s*C|A|C)\s*\)?)?")
_CLASSES: tuple[IsnRpsClass, ...] = ("I", "II", "III", "IV", "V", "VI")
_SUFFIXES: dict[str, Suffix] = {"A": "A", "A/C": "A/C", "C": "C"}
_PROLIFERATIVE = ("III", "IV")


@dataclass(frozen=True, slots=True, kw_only=True)
class NephritisBiopsy:
    """A class, or III or IV together with V; the 2003 suffix of III or IV, and S or G of class IV, where reported."""

    classes: tuple[IsnRpsClass, ...]
    suffix: Suffix | None = None
    pattern: Literal["S", "G"] | None = None

    def __str__(self) -> str:
        shown = [f"{each}{self._details(each)}" for each in self.classes]
        return "+".join(shown)

    def _details(self, each: str) -> str:
        pattern = f"-{self.pattern}" if self.pattern and each == "IV" else ""
        suffix = f" ({self.suffix})" if self.suffix and each in _PROLIFERATIVE else ""
        return pattern + suffix


@dataclass(frozen=True, slots=True, kw_only=True)
class GlomerularFindings:
    """What the report counts; None and `unknown` are not known.

    involved_percent: glomeruli with endo- or extracapillary lesions of lupus, active or scarred, of all glomeruli.
    globally_sclerosed_percent: of all glomeruli. residual_activity: any active lesion left.
    membranous: subepithelial deposits that qualify for class V. active_lesions, chronic_lesions: in the glomeruli.
    diffuse_wire_loops: the 2003 text puts these into class IV even with little proliferation.
    """

    involved_percent: Decimal | None
    globally_sclerosed_percent: Decimal | None
    membranous: YesNoUnknown
    residual_activity: YesNoUnknown = "unknown"
    mesangial_hypercellularity: YesNoUnknown = "unknown"
    mesangial_deposits: YesNoUnknown = "unknown"
    active_lesions: YesNoUnknown = "unknown"
    chronic_lesions: YesNoUnknown = "unknown"
    diffuse_wire_loops: YesNoUnknown = "no"


def parse_isn_rps_class(text: str) -> NephritisBiopsy:
    """Read `III`, `V + III (A/C)`, `IV-G (A)`, `Class IV+V`.

    Raises UsageError for another text, and for what the classification does not know: III with IV, a suffix of V.

    >>> str(parse_isn_rps_class("V + IV-S(A/C)"))
    'IV-S (A/C)+V'
    """
    parts = [_PART.fullmatch(part.strip()) for part in re.sub(r"(?i)class(es)?", "", text).upper().split("+")]
    read = [part for part in parts if part is not None]
    if len(read) < len(parts) or not _may_stand_together([part["cls"] for part in read]):
        raise _not_a_class(text)
    details = [part for part in read if part["cls"] in _PROLIFERATIVE]
    if any((part["suffix"] or part["pattern"]) and part not in details for part in read):
        raise _not_a_class(text)
    if any(part["pattern"] and part["cls"] != "IV" for part in read):
        raise _not_a_class(text)
    suffixes = [_SUFFIXES[part["suffix"].replace(" ", "")] for part in details if part["suffix"]]
    patterns = [part["pattern"] for part in details if part["pattern"]]
    named = {part["cls"] for part in read}
    return NephritisBiopsy(
        classes=tuple(each for each in _CLASSES if each in named),
        suffix=suffixes[0] if suffixes else None,
        pattern=("S" if patterns[0] == "S" else "G") if patterns else None,
    )


def derive_isn_rps_class(found: GlomerularFindings) -> NephritisBiopsy | NotEvaluable:
    """The class that the findings leave no choice about: III below 50 % involved, IV from 50 %, VI from 90 % sclerosed.

    Returns:
        NephritisBiopsy; NotEvaluable saying what is not known, or why a pathologist has to decide.
    Raises:
        UsageError: percentages outside 0 to 100, words that no rule knows.
    Source: Weening 2004, table 2.
    """
    _require_findings(found)
    sclerosed, involved = found.globally_sclerosed_percent, found.involved_percent
    if sclerosed is None or (sclerosed >= 90 and found.residual_activity == "unknown"):
        missing = "globally_sclerosed_percent" if sclerosed is None else "residual_activity"
        return NotEvaluable(f"not known: {missing}; class VI is not ruled out")
    if sclerosed >= 90 and found.residual_activity == "no":
        return NephritisBiopsy(classes=("VI",))
    if involved is None:
        return NotEvaluable("not known: involved_percent")
    if involved < 50 and found.diffuse_wire_loops != "no":
        return NotEvaluable("diffuse wire loops present or not ruled out: class IV is possible; a pathologist decides")
    if found.membranous == "unknown":
        return NotEvaluable(f"not known: membranous; {show_exact(involved)} % of glomeruli involved, with or without V")
    if involved > 0:
        proliferative: IsnRpsClass = "IV" if involved >= 50 else "III"
        classes: tuple[IsnRpsClass, ...] = (proliferative, "V") if found.membranous == "yes" else (proliferative,)
        return NephritisBiopsy(classes=classes, suffix=_suffix(found.active_lesions, found.chronic_lesions))
    if found.membranous == "yes":
        return NephritisBiopsy(classes=("V",))
    return _mesangial(found.mesangial_hypercellularity, found.mesangial_deposits)


def judge_active_class_iii_or_iv(biopsy: NephritisBiopsy | None, indices: NihIndices | None = None) -> Conclusion:
    """Whether the nephritis is class III or IV, with or without V, and not purely chronic: the trial's flag.

    Without a 2003 suffix the activity index answers: 1 or more is active, 0 is not (our reading of the 2018 edition).

    >>> judge_active_class_iii_or_iv(parse_isn_rps_class("III (C)+V")).answer
    'no'
    """
    if biopsy is None:
        unknown = Condition(name="class", answer="unknown", reason="no biopsy class known")
        return conclude([unknown])
    is_proliferative = any(each in _PROLIFERATIVE for each in biopsy.classes)
    of_class = Condition(
        name="class", answer="yes" if is_proliferative else "no", reason=f"{biopsy}; needs III or IV, with or without V"
    )
    if not is_proliferative:
        return conclude([of_class])
    activity = _activity_lower(indices)
    flags = []
    if biopsy.suffix == "C" and activity[0]:
        flags.append(f"suffix C beside an activity index of {activity[0]} or more: ask the pathologist")
    if biopsy.suffix in ("A", "A/C") and activity == (0, True):
        flags.append(f"suffix {biopsy.suffix} beside an activity index of 0: ask the pathologist")
    return conclude([of_class, _active(biopsy.suffix, activity)], flags)


def _active(suffix: Suffix | None, activity: tuple[int, bool]) -> Condition:
    lower, is_whole = activity
    if suffix is not None:
        return Condition(
            name="active", answer="no" if suffix == "C" else "yes", reason=f"suffix {suffix}; needs A or A/C"
        )
    if lower > 0:
        return Condition(name="active", answer="yes", reason=f"activity index {lower} or more; needs 1 or more")
    answer: YesNoUnknown = "no" if is_whole else "unknown"
    reason = "activity index 0" if is_whole else "neither suffix nor activity index known"
    return Condition(name="active", answer=answer, reason=f"{reason}; needs suffix A or A/C, or an index of 1 or more")


def _activity_lower(indices: NihIndices | None) -> tuple[int, bool]:
    """The activity index at least, and whether that is all of it."""
    if indices is None:
        return 0, False
    if isinstance(indices.activity, NotEvaluable):
        return int(indices.activity.lower_bound or 0), False
    return indices.activity, True


def _suffix(active: YesNoUnknown, chronic: YesNoUnknown) -> Suffix | None:
    answers: dict[tuple[YesNoUnknown, YesNoUnknown], Suffix] = {
        ("yes", "yes"): "A/C",
        ("yes", "no"): "A",
        ("no", "yes"): "C",
    }
    return answers.get((active, chronic))


def _mesangial(hypercellularity: YesNoUnknown, deposits: YesNoUnknown) -> NephritisBiopsy | NotEvaluable:
    if deposits == "no":
        return NotEvaluable("no mesangial deposits and no lesion: none of the classes")
    if deposits == "unknown":
        return NotEvaluable("not known: mesangial_deposits")
    if hypercellularity == "unknown":
        return NotEvaluable("not known: mesangial_hypercellularity; class I or II")
    return NephritisBiopsy(classes=("II",) if hypercellularity == "yes" else ("I",))


def _may_stand_together(classes: list[str]) -> bool:
    return len(classes) == 1 or sorted(classes) in (["III", "V"], ["IV", "V"])


def _not_a_class(text: str) -> UsageError:
    return UsageError(
        Finding(
            message="not a class of ISN/RPS",
            where="ln_class",
            found=repr(text),
            expected="I to VI, III+V or IV+V; III and IV with (A), (A/C) or (C); IV-S or IV-G",
            next_step="write the class as in the report; several biopsies are several rows",
        )
    )


def _require_findings(found: GlomerularFindings) -> None:
    percents = {
        "involved_percent": found.involved_percent,
        "globally_sclerosed_percent": found.globally_sclerosed_percent,
    }
    names = (
        "membranous",
        "residual_activity",
        "mesangial_hypercellularity",
        "mesangial_deposits",
        "active_lesions",
        "chronic_lesions",
        "diffuse_wire_loops",
    )
    over = [
        Finding(message=f"ISN/RPS: {name} is over 100", where=name, found=str(percent), expected="0 to 100")
        for name, percent in percents.items()
        if percent is not None and percent > 100
    ]
    words = [(name, str(getattr(found, name)), ("yes", "no", "unknown")) for name in names]
    require(check_positive("ISN/RPS", percents, or_zero=percents), over, check_words("ISN/RPS", words))

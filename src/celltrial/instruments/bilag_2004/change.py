"""What changed in BILAG-2004 between two assessments: new A, new B, improved systems; each tri-state.

SRI and BICLA build on it. A grade that is not known leaves a system open only where it could matter: a system at A
before cannot be a new A, whatever it is now.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from celltrial.answers import YesNoUnknown
from celltrial.errors import Finding
from celltrial.instruments.bilag_2004.score import BilagGrade, read_bilag_grades

__all__ = ["BilagChange", "bilag_change", "check_bilag_course"]

_KNOWN: tuple[BilagGrade, ...] = ("A", "B", "C", "D", "E")


@dataclass(frozen=True, slots=True, kw_only=True)
class BilagChange:
    """System id -> yes, no or unknown, for every system in order.

    new_a: A now and not A before. new_b: B now and C, D or E before (from A to B is an improvement).
    improved: from A to B, C, D or E; from B to C, D or E. Only systems that may have been A or B before are there.
    """

    new_a: Mapping[str, YesNoUnknown]
    new_b: Mapping[str, YesNoUnknown]
    improved: Mapping[str, YesNoUnknown]

    def count(self, of: Mapping[str, YesNoUnknown]) -> tuple[int, int]:
        """The fewest and the most systems of one of the mappings: (yes, yes or unknown)."""
        answers = list(of.values())
        return answers.count("yes"), len(answers) - answers.count("no")


def bilag_change(before: Mapping[str, str], after: Mapping[str, str]) -> BilagChange:
    """Compare two assessments, system by system.

    Args:
        before, after: system id -> `A` to `E`; missing or blank is not known. Other keys are not read.
    Raises:
        UsageError: a grade that is none of these.
    Source: new A and new B as SRI reads them (Furie RA et al., Arthritis Rheum 2009;61:1143-51); that a new B comes
        from C, D or E is background that we could not see printed. Improvement: BICLA (Wallace DJ et al., Arthritis
        Rheum 2011;63:S894), where E after A or B counts as improved too (it stands for D: see check_bilag_course).

    >>> bilag_change({"renal": "C"}, {"renal": "B"}).new_b["renal"]
    'yes'
    >>> bilag_change({"renal": "A"}, {"renal": "B"}).new_b["renal"]
    'no'
    """
    was, now = read_bilag_grades(before), read_bilag_grades(after)
    pairs = {system: _completions(was[system], now[system]) for system in was}
    return BilagChange(
        new_a={system: _agree([b != "A" and a == "A" for b, a in each]) for system, each in pairs.items()},
        new_b={system: _agree([b in "CDE" and a == "B" for b, a in each]) for system, each in pairs.items()},
        improved={
            system: _agree([_is_improved(b, a) for b, a in each])
            for system, each in pairs.items()
            if was[system] in ("A", "B", "")
        },
    )


def check_bilag_course(before: Mapping[str, str], after: Mapping[str, str]) -> tuple[Finding, ...]:
    """What cannot be: a system that was active or inactive before and is now called never affected (E)."""
    was, now = read_bilag_grades(before), read_bilag_grades(after)
    return tuple(
        Finding(
            message="BILAG-2004: a system that was affected is now graded as never affected",
            where=system,
            found=f"{was[system]}, then E",
            expected="D once a system has been affected",
            rule="E: never affected; D: affected before, not active now",
            next_step="correct one of the two grades",
        )
        for system in was
        if was[system] in ("A", "B", "C", "D") and now[system] == "E"
    )


def _completions(was: BilagGrade, now: BilagGrade) -> list[tuple[BilagGrade, BilagGrade]]:
    """The pair with each unknown grade tried each way."""
    return [(b, a) for b in ((was,) if was else _KNOWN) for a in ((now,) if now else _KNOWN)]


def _is_improved(was: BilagGrade, now: BilagGrade) -> bool:
    return was in ("A", "B") and now > was


def _agree(outcomes: list[bool]) -> YesNoUnknown:
    if all(outcomes):
        return "yes"
    return "unknown" if any(outcomes) else "no"

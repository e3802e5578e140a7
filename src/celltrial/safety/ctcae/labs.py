"""Whole columns of results at once; numpy and polars are loaded when they are needed."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from celltrial.safety.ctcae.grade import Mode
from celltrial.safety.ctcae.table import Circumstance

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

__all__ = ["LabGrades", "grade_labs"]


@dataclass(frozen=True, slots=True)
class LabGrades:
    """The grade of every row, -1 where there is none, and its reason: `reasons[reason_codes[row]]`."""

    grades: "npt.NDArray[np.int8]"
    reason_codes: "npt.NDArray[np.int32]"
    reasons: tuple[str, ...]

    def reason(self, row: int) -> str:
        """Which criterion gave the grade of a row, or why there is none."""
        return self.reasons[int(self.reason_codes[row])]


def grade_labs(
    term: Any,
    direction: Any,
    value: Any,
    unit: Any,
    *,
    version: str = "5.0",
    lln: Any = None,
    uln: Any = None,
    baseline: Any = None,
    baseline_flag: Any = None,
    percent_change: Any = None,
    mi_limit: Any = None,
    mode: Mode = "worst-case",
    circumstances: Mapping[Circumstance, Any] | None = None,
    progress: Callable[[float], None] | None = None,
) -> LabGrades:
    """The CTCAE grades of many results: what `grade_lab` gives for each row, grade and reason alike.

    Args:
        term, direction, unit, baseline_flag: texts, each a sequence, numpy array or polars Series of length n.
        value, lln, uln, baseline, percent_change, mi_limit: numbers of at most 15 significant digits, columns of the
            same kinds; None or NaN where not known. A column that is not given is not known.
        circumstances: by name a column of yes, no, unknown; blank or None where it was not told.
        progress: called with the share that is done, between 0 and 1.
    Returns:
        LabGrades of length n.
    Raises:
        UsageError: an unknown version, mode, flag or circumstance; columns that differ in length.

    >>> found = grade_labs(["Anemia", "Anemia"], ["L", "L"], [79, None], ["g/L", "g/L"])
    >>> found.grades.tolist(), found.reason(1)
    ([3, -1], 'no value')
    """
    from celltrial.safety.ctcae.frame import grade_frame

    texts = {"term": term, "direction": direction, "unit": unit, "baseline_flag": baseline_flag}
    numbers = {
        "value": value,
        "lln": lln,
        "uln": uln,
        "baseline": baseline,
        "percent_change": percent_change,
        "mi_limit": mi_limit,
    }
    told = {str(name): column for name, column in (circumstances or {}).items()}
    return grade_frame(texts, numbers, told, version=version, mode=mode, progress=progress)

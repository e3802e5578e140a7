"""`celltrial dose next --design boin12`: the next dose from DLTs and responses together, written `1NEB 2TTN`."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from celltrial.errors import Finding, UsageError

if TYPE_CHECKING:
    from celltrial.escalation.boin12 import Boin12

__all__ = ["propose_with_responses"]

_NUMBERS = ("min_response", "cutoff_dlt", "cutoff_response", "enough", "explore_from", "p_saf", "p_tox")
_UTILITIES = ("response_only", "neither", "both", "dlt_only")
_WHOLE = ("enough", "explore_from")


def propose_with_responses(
    target: float, settings: Mapping[str, float | str], outcomes: str, *, levels: int, start: int
) -> dict[str, object]:
    """What BOIN12 proposes next, and the optimum dose if the trial ended here, as one JSON object.

    Args:
        target: the highest acceptable DLT rate. settings: the others, and the utilities, by their names.
        outcomes: level, then N neither, T DLT, E response, B both, for each participant.
    Raises:
        UsageError: settings or outcomes that cannot be read.
    """
    from celltrial.escalation.boin12 import count_pairs

    design = _build(target, settings)
    counts = count_pairs(outcomes, levels=levels, start=start)
    proposal, chosen = design.propose(counts), design.select(counts)
    level = None if proposal.stop else proposal.level
    action = "stay" if level == counts.current else "escalate" if (level or 0) > counts.current else "de-escalate"
    return {
        "design": "boin12",
        "action": "stop" if level is None else action,
        "level": level,
        "reasons": list(proposal.reasons),
        "optimum_dose": chosen.level,
        "mtd": chosen.mtd,
        "inputs": {
            "n": list(counts.n),
            "dlt": list(counts.dlt),
            "response": list(counts.response),
            "both": None if counts.both is None else list(counts.both),
            "current": counts.current,
        },
    }


def _build(target: float, settings: Mapping[str, float | str]) -> "Boin12":
    from celltrial.escalation.boin12 import Boin12, Utilities

    known = (*_NUMBERS, *_UTILITIES)
    findings = [
        Finding(
            message="no such parameter of boin12, or not a number", found=f"{key}={value}", expected=", ".join(known)
        )
        for key, value in settings.items()
        if key not in known or isinstance(value, str)
    ]
    if findings:
        raise UsageError(findings)
    numbers = {key: float(value) for key, value in settings.items()}
    utilities = Utilities(**{key: numbers[key] for key in _UTILITIES if key in numbers})
    rest = {key: int(numbers[key]) if key in _WHOLE else numbers[key] for key in _NUMBERS if key in numbers}
    return Boin12(max_dlt=target, utilities=utilities, **rest)  # type: ignore[arg-type]  # whole numbers where asked

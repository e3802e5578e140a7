"""The sheets of what is scored at the bedside."""

from collections.abc import Mapping, Sequence

from celltrial.cli.scoring.sheet import Sheet
from celltrial.missing import NotEvaluable

__all__ = ["sheets"]


def sheets() -> dict[str, Sheet]:
    """The ICE score, by the name of the command line."""
    from celltrial.safety.ice import ice_items

    return {
        "ice": Sheet(
            label="ICE score of adults, for ICANS (items yes where done correctly, no, or unknown)",
            columns=ice_items(),
            added=("total", "lower_bound", "upper_bound", "lost", "reason"),
            score=_score_ice_row,
        )
    }


def _score_ice_row(row: Mapping[str, str]) -> Sequence[object]:
    from celltrial.safety.ice import score_ice

    result = score_ice(row)
    lost = ";".join(result.lost)
    if isinstance(result.total, NotEvaluable):
        return (None, *result.range, lost, result.total.reason)
    return (result.total, None, None, lost, None)

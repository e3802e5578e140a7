"""How the study file asks for its kinetic parameters, as `kinetics` takes it.

Keys of `kinetics` of a study: auc_method, partial_areas (pairs of days), blq (before_first, embedded, after_last: zero,
half or missing), lambda_z (min_points, min_adj_r2, min_span). What is not there keeps the default.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Literal, cast

from celltrial.errors import Finding, StudyError
from celltrial.kinetics import BLQ_ICH_M13A, Acceptance, BlqRule, NcaOptions
from celltrial.study import Study

__all__ = ["nca_options"]

Substitute = Literal["zero", "drop", "half"]
_SUBSTITUTES: Mapping[str, Substitute] = {
    "zero": "zero",
    "half": "half",
    "missing": "drop",
    "drop": "drop",
}
_METHODS = ("linear-up-log-down", "linear")


def nca_options(study: Study) -> NcaOptions:
    """The options of the study file. Raises StudyError for a word that none of them is."""
    asked = study.kinetics
    default = NcaOptions()
    method = str(asked.get("auc_method", default.method))
    if method not in _METHODS:
        raise _unknown("auc_method", method, _METHODS)
    windows = cast("Sequence[tuple[float, float]]", asked.get("partial_areas", ()))
    return NcaOptions(
        method=cast("Any", method),
        blq=_blq(cast("Mapping[str, object]", asked.get("blq", {}))),
        acceptance=_acceptance(cast("Mapping[str, Any]", asked.get("lambda_z", {}))),
        windows=tuple((float(start), float(end)) for start, end in windows) if windows else default.windows,
    )


def _blq(asked: Mapping[str, object]) -> BlqRule:
    def substitute(place: str, default: Substitute) -> Substitute:
        word = str(asked.get(place, default))
        if word not in _SUBSTITUTES:
            raise _unknown(f"blq.{place}", word, tuple(_SUBSTITUTES))
        return _SUBSTITUTES[word]

    embedded = substitute("embedded", BLQ_ICH_M13A.embedded_after_tmax)
    return BlqRule(
        before_first=substitute("before_first", BLQ_ICH_M13A.before_first),
        embedded_before_tmax=embedded,
        embedded_after_tmax=embedded,
        after_last=substitute("after_last", BLQ_ICH_M13A.after_last),
    )


def _acceptance(asked: Mapping[str, Any]) -> Acceptance:
    default = Acceptance()
    return Acceptance(
        min_points=int(asked.get("min_points", default.min_points)),
        min_adj_r2=float(asked.get("min_adj_r2", default.min_adj_r2)),
        min_span=float(asked.get("min_span", default.min_span)),
    )


def _unknown(key: str, found: str, expected: tuple[str, ...]) -> StudyError:
    return StudyError(
        Finding(
            message="an option of the kinetics analysis that is not known",
            where=f"study.yaml, kinetics.{key}",
            found=found,
            expected=", ".join(expected),
            next_step="correct the study file",
        )
    )

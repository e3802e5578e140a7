"""Non-compartmental parameters against four other programs, on the vectors from outside (`make oracles`).

What disagrees is named in `DEPARTURES` with its reason and stands in docs/kinetics.md; nothing else may.
"""

import json
import math
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from celltrial.kinetics import (
    BLQ_DROP_ALL,
    BLQ_ICH_M13A,
    BLQ_KEEP_ZERO,
    BLQ_PKANALIX,
    Acceptance,
    Estimate,
    Nca,
    NcaOptions,
    Profile,
    Sample,
    TobitFit,
    compute_nca,
    compute_tobit_slope,
    summarise_geometric,
)
from celltrial.missing import Blq

VECTORS = Path(__file__).parents[2] / "shared" / "oracles" / "nca_vectors.json"
pytestmark = pytest.mark.skipif(not VECTORS.exists(), reason=f"the vectors from outside are not there: {VECTORS}")

METHODS = {
    "linear": "linear",
    "linear_log": "linear-up-log-down",
    "lin up/log down": "linear-up-log-down",
    "Linear": "linear",
    "Log": "linear-up-log-down",
    "lin-log": "linear-log",
}
RULES = {
    "ICH M13A (first=0, middle=drop, last=0)": BLQ_ICH_M13A,
    "first=keep(0),middle=drop,last=keep(0) [PKNCA default; = ICH M13A]": BLQ_ICH_M13A,
    "PKanalix (0 before tmax, LLOQ/2 after)": BLQ_PKANALIX,
    "drop all": BLQ_DROP_ALL,
    "drop_all": BLQ_DROP_ALL,
    "keep_all_as_zero": BLQ_KEEP_ZERO,
    "zeros kept as given (trailing zeros dropped for AUCLST)": BLQ_KEEP_ZERO,
}
PKPDUTILS = {
    "cmax": "cmax",
    "tmax": "tmax",
    "clast": "clast",
    "tlast": "tlast",
    "auc_last": "auc_last",
    "auc_all": "auc_all",
    "auc_inf_obs": "auc_inf",
    "auc_extrap_fraction": "auc_extrapolated_fraction",
    "mrt": "mrt",
    "lambda_z": "lambda_z",
    "lambda_z_r2_adj": "adj_r2",
    "lambda_z_n_points": "lambda_z_n",
    "lambda_z_t_first": "lambda_z_first",
    "lambda_z_t_last": "lambda_z_last",
    "lambda_z_span": "span_ratio",
    "thalf": "half_life",
    "auc0_28": "auc_0_28",
}
PKNCA = {
    "auclast": "auc_last",
    "aucall": "auc_all",
    "cmax": "cmax",
    "tmax": "tmax",
    "tlast": "tlast",
    "clast.obs": "clast",
    "lambda.z": "lambda_z",
    "adj.r.squared": "adj_r2",
    "lambda.z.time.first": "lambda_z_first",
    "lambda.z.time.last": "lambda_z_last",
    "lambda.z.n.points": "lambda_z_n",
    "half.life": "half_life",
    "span.ratio": "span_ratio",
    "aucinf.obs": "auc_inf",
    "aucint.all": "auc_0_28",
}
NONCOMPART = {
    "CMAX": "cmax",
    "TMAX": "tmax",
    "CLST": "clast",
    "TLST": "tlast",
    "LAMZHL": "half_life",
    "LAMZ": "lambda_z",
    "LAMZLL": "lambda_z_first",
    "LAMZUL": "lambda_z_last",
    "LAMZNPT": "lambda_z_n",
    "R2ADJ": "adj_r2",
    "AUCLST": "auc_last",
    "AUCALL": "auc_all",
    "AUCIFO": "auc_inf",
    "MRTEVIFO": "mrt",
    "AUC0_28": "auc_0_28",
}
SLOPE = {"lambda_z", "adj_r2", "lambda_z_n", "lambda_z_first", "lambda_z_last", "half_life", "span_ratio"}
BEYOND = SLOPE | {"auc_inf", "auc_extrapolated_fraction", "mrt"}


def departure(engine: str, vector: dict[str, Any], parameter: str) -> str:
    """Why we differ from a program in a parameter of a vector, or blank."""
    name, rule, method = vector["profile"], RULES[vector["blq_rule"]], METHODS[vector["auc_method"]]
    if engine == "pkpdutils":
        if name == "flatTail" and parameter in BEYOND:
            return "it gives an exactly flat tail a slope of 1e-17"
        if rule == BLQ_DROP_ALL and parameter == "auc_0_28":
            return "it puts zeros before the first result into the partial area although told to drop them"
    if engine == "PKNCA":
        if method == "linear-log" and name in ("tieCmax", "flatTail") and parameter.startswith("auc"):
            return "it has no logarithmic area between two equal values after Tmax, and so none at all"
        if name in ("risingTail", "sim25", "sim80", "sim82") and parameter in BEYOND:
            return "it chooses the best window before it drops rising ones"
        if rule == BLQ_DROP_ALL and parameter in ("auc_last", "auc_all", "auc_inf"):
            return "it has no area without a sample at its start"
        if name == "noDecline" and parameter == "auc_0_28":
            return "it stops at the last sample, day 14, and calls that the area to day 28"
    if engine == "NonCompart":
        if name == "noDecline" and parameter == "lambda_z_n":
            return "0 where we say not estimable"
        if method != "linear" and parameter in ("auc_last", "auc_all", "auc_inf", "mrt"):
            zeros = vector["values"][1:] if parameter == "auc_all" else vector["values"][1 : vector["last"]]
            peak = vector["values"].index(max(vector["values"]))
            if 0.0 in zeros[peak:]:
                return "it gives no area to a segment that falls to 0"
    return ""


def load() -> dict[str, Any]:
    return json.loads(VECTORS.read_text()) if VECTORS.exists() else {}


def cart_vectors() -> Iterator[Any]:
    """(engine, vector, our names -> expected) for every result on the CAR-T profiles of a method we have."""
    data = load()
    profiles = {profile["name"]: profile for profile in data.get("cart_profiles", [])}
    for place, vector in enumerate([*data.get("computed_cart_pkpdutils", []), *data.get("computed_cart_R", [])]):
        if vector["auc_method"] not in METHODS:
            continue
        engine = vector["engine"].split()[0]
        names = {"pkpdutils": PKPDUTILS, "PKNCA": PKNCA, "NonCompart": NONCOMPART}[engine]
        found = vector.get("result") or vector["interval_0_inf"] | {
            "aucint.all": vector["interval_0_28"].get("aucint.all")
        }
        values = profiles[vector["profile"]]["conc"]
        last = max((i for i, value in enumerate(values) if value > 0), default=0)
        full = vector | {"times": profiles[vector["profile"]]["time"], "values": values, "last": last}
        expected = {ours: found.get(theirs) for theirs, ours in names.items()}
        yield pytest.param(engine, full, expected, id=f"{place}-{engine}-{vector['profile']}-{vector['auc_method']}")


def nca(times: list[float], values: list[float], **options: Any) -> Nca:
    """Our parameters without acceptance rules; 0 is below a limit of 50."""
    samples = tuple(
        Sample(day=time, value=value if value > 0 else Blq(Decimal(50)))
        for time, value in zip(times, values, strict=True)
    )
    any_slope = Acceptance(min_adj_r2=None, min_span=None)
    return compute_nca(Profile(samples=samples, unit="copies/ug"), NcaOptions(acceptance=any_slope, **options))


def agrees(found: Any, expected: float | None) -> bool:
    """The same number to 1e-9, or none on both sides."""
    if expected is None or math.isnan(expected):
        return not isinstance(found, Estimate)
    return isinstance(found, Estimate) and math.isclose(found.value, expected, rel_tol=1e-9, abs_tol=1e-12)


@pytest.mark.parametrize(("engine", "vector", "expected"), list(cart_vectors()))
def test_cart_profile(engine: str, vector: dict[str, Any], expected: dict[str, float | None]) -> None:
    """Every parameter that both sides have agrees, or its departure is named above."""
    # pkpdutils begins an area of which the first results were dropped with the first that is left
    start = None if engine == "pkpdutils" and vector["blq_rule"] == "drop all" else 0.0
    result = nca(
        vector["times"],
        vector["values"],
        method=METHODS[vector["auc_method"]],
        blq=RULES[vector["blq_rule"]],
        windows=((0.0, 28.0),),
        at_infusion=start,
    )
    wrong = {
        name: (value, result[name])
        for name, value in expected.items()
        if not agrees(result[name], value) and not departure(engine, vector, name)
    }
    assert not wrong


def theoph_vectors() -> Iterator[Any]:
    """(subject, method, our names -> expected) of NonCompart on the theophylline data, as WinNonlin prints them."""
    for table in load().get("computed_theoph", []):
        if table["engine"].startswith("NonCompart"):
            method = METHODS[table["config"]["down"]]
            for row in table["rows"]:
                expected = {ours: row[theirs] for theirs, ours in NONCOMPART.items() if theirs in row}
                yield pytest.param(row["Subject"], method, expected, id=f"{method}-{row['Subject']}")


@pytest.mark.parametrize(("subject", "method", "expected"), list(theoph_vectors()))
def test_theophylline(subject: int, method: str, expected: dict[str, float]) -> None:
    """Twelve subjects of a plain drug, hours in the place of days."""
    rows = [row for row in load()["theoph"] if row["Subject"] == subject]
    result = nca([row["Time"] for row in rows], [row["conc"] for row in rows], method=method)
    assert {name: value for name, value in expected.items() if not agrees(result[name], value)} == {}


def test_geometric_cv() -> None:
    """The geometric coefficient of variation of PKNCA's own test."""
    cases = [case for case in load()["extracted_pknca_unit_tests"]["cases"] if case["fn"] == "geocv"]
    assert cases
    for case in cases:
        ours = summarise_geometric(case["args"]["x"]).geometric_cv_percent
        assert ours == pytest.approx(case["expected"], rel=1e-12)


def test_closed_form() -> None:
    """The analytic area of a two-phase profile, approached by dense samples and linear-up log-down areas."""
    case = load()["analytic_stein_typical"]
    p = case["params"]
    rho = math.log(p["foldx"]) / p["tmax"]

    def value(day: float) -> float:
        if day < p["tmax"]:
            return float(p["cmax"] / p["foldx"] * math.exp(rho * day))
        since = day - p["tmax"]
        fast, slow = (1 - p["fb"]) * math.exp(-p["alpha"] * since), p["fb"] * math.exp(-p["beta"] * since)
        return float(p["cmax"] * (fast + slow))

    days = sorted({k / 100 for k in range(2801)} | {p["tmax"]})
    result = nca(days, [value(day) for day in days], windows=((0.0, 28.0),))
    assert result["auc_0_28"] == Estimate(pytest.approx(case["AUC0_28"], rel=1e-5), "copies*day/ug")


def tobit_cases() -> list[dict[str, Any]]:
    return list(load().get("computed_tobit_half_life", {}).get("cases", []))


@pytest.mark.parametrize("case", tobit_cases())
def test_tobit_half_life(case: dict[str, Any]) -> None:
    """The censored slope of PKNCA's development version, its window chosen by the smallest residual."""
    given, expected = case["input"], case["tobit"]
    limits = given["lloq"] if isinstance(given["lloq"], list) else [given["lloq"]] * len(given["conc"])
    samples = tuple(
        Sample(day=time, value=value if value >= limit else Blq(Decimal(str(limit))), lloq=limit)
        for time, value, limit in zip(given["time"], given["conc"], limits, strict=True)
    )
    profile = Profile(samples=samples, unit="x")
    found = compute_tobit_slope(profile, window="smallest residual", with_peak=given["allow"])
    assert isinstance(found, TobitFit)
    assert found.half_life == pytest.approx(expected["half.life"], rel=1e-4)

"""Structural models: limits, joins and symmetries that follow from their definitions."""

import numpy as np
import pytest

from celltrial.errors import UsageError
from celltrial.kinetics.population import MODELS, model_named, read_priors, to_natural


def curve(model: str, days: list[float], **changed: float) -> np.ndarray:
    """Concentrations at the typical values, with some parameters changed (transformed scale)."""
    priors = read_priors(model)
    theta = priors.locations.copy()
    for name, value in changed.items():
        theta[[each.name for each in priors.parameters].index(name)] = value
    return np.asarray(np.exp(model_named(model).log_curve(np, np.array([days]), theta[None]))[0])


@pytest.mark.parametrize("name", MODELS)
def test_a_curve_has_its_peak_at_the_stated_height_and_no_jump(name: str) -> None:
    """Every phase begins where the one before ends; the highest value after day 3 is Cmax, at the end of growth."""
    days = np.linspace(0, 400, 400_001)
    values = curve(name, days.tolist())
    late = days > 3
    assert values[late].max() == pytest.approx(read_priors(name)["cmax"].typical, rel=1e-3)
    assert np.abs(np.diff(np.log(values))).max() < 0.02


def test_an_early_lag_is_no_lag() -> None:
    """With a lag that tends to 0 the model with lag is Stein's with Tmax = Tgrow."""
    days = [0.0, 2.0, 5.0, 9.3, 20.0, 100.0]
    stein = {name: read_priors("stein2019")[name].location for name in ("foldx", "cmax", "alpha", "fb", "beta")}
    lagged = curve("ogasawara2021", days, tlag=np.log(1e-9), tgrow=np.log(9.3), **stein)
    assert lagged == pytest.approx(curve("stein2019", days), rel=1e-6)


def test_the_lag_holds_the_first_value() -> None:
    """Until the lag ends nothing changes; at the peak the curve has grown by foldx."""
    lag, growing = (read_priors("ogasawara2021")[name].typical for name in ("tlag", "tgrow"))
    start, end, peak = curve("ogasawara2021", [0.0, lag, lag + growing])
    assert start == pytest.approx(end)
    assert peak / start == pytest.approx(read_priors("ogasawara2021")["foldx"].typical)


def test_distribution_falls_at_its_rate() -> None:
    """Before T0 the four-phase curve falls by kd a day, and the trough is Cmax over foldx."""
    priors = read_priors("liu2021")
    at = curve("liu2021", [0.0, 1.0, priors["t0"].typical])
    assert at[0] / at[1] == pytest.approx(np.exp(priors["kd"].typical))
    assert at[2] == pytest.approx(priors["cmax"].typical / priors["foldx"].typical)


def test_rejection_begins_at_recovery() -> None:
    """Until recovery the curve is Stein's; afterwards it is lower by exp(-delta x days)."""
    days = [0.0, 10.0, 28.0, 38.0]
    ratio = curve("allogeneic_rejection", days) / curve("stein2019", days)
    assert ratio == pytest.approx([1, 1, 1, np.exp(-0.1 * 10)])


def test_subjects_and_draws_are_axes() -> None:
    """Parameters of shape (draws, subjects, P) on days (subjects, K) give (draws, subjects, K), row by row the same."""
    model, priors = model_named("stein2019"), read_priors("stein2019")
    rng = np.random.default_rng(1)
    days, theta = rng.uniform(0, 90, (3, 5)), priors.locations + 0.3 * rng.standard_normal((4, 3, 6))
    whole = model.log_curve(np, days, theta)
    assert whole.shape == (4, 3, 5)
    assert whole[2, 1] == pytest.approx(model.log_curve(np, days[1:2], theta[2, 1:2])[0])


def test_models_of_ours_say_so() -> None:
    """What is not published is labelled."""
    assert "our reading" in model_named("liu2021").reading
    assert "not verified" in model_named("allogeneic_rejection").reading


def test_an_unknown_model_is_named_with_those_there_are() -> None:
    """The message lists the choices."""
    with pytest.raises(UsageError, match="stein2019, ogasawara2021, liu2021, allogeneic_rejection"):
        model_named("stein")


def test_published_spreads_as_sd_or_as_variance() -> None:
    """The choice is explicit; a model without published spreads has ours either way."""
    assert read_priors("stein2019")["foldx"].spread("sd") == 2.4
    assert read_priors("stein2019")["foldx"].spread("variance") == pytest.approx(2.4**0.5)
    assert read_priors("liu2021")["foldx"].spread("variance") == read_priors("liu2021")["foldx"].spread_scale


def test_transforms_undo_each_other() -> None:
    """A typical value is the natural value of its location."""
    for name in MODELS:
        for each in read_priors(name).parameters:
            assert to_natural(each.location, each.transform) == pytest.approx(each.typical)
            assert each.lower < each.location < each.upper

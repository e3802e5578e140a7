"""What designs make of data."""

import pytest

from celltrial.errors import UsageError
from celltrial.escalation import Counts, select_mtd
from celltrial.escalation.crm import WorkingModel, fit_crm
from celltrial.escalation.fitting import TrialData, fit_design
from celltrial.escalation.titecrm import Followed

SKELETON = {"skeleton": "0.1 0.2 0.35"}


def complete(*cohorts: tuple[int, int, int]) -> TrialData:
    """Level, evaluable and DLTs of each cohort."""
    n, dlt = [0] * 3, [0] * 3
    people = []
    for level, size, dlts in cohorts:
        n[level - 1] += size
        dlt[level - 1] += dlts
        people += [Followed(level=level, dlt=place < dlts, days=1.0) for place in range(size)]
    counts = Counts(n=tuple(n), dlt=tuple(dlt), current=cohorts[-1][0])
    return TrialData(counts=counts, followed=tuple(people), doses=(3.0, 4.5, 6.0))


def waiting(days: float) -> TrialData:
    """Three complete at level 1, one DLT and two in follow-up at level 2."""
    people = [Followed(level=1, dlt=False, days=28.0)] * 3
    people += [Followed(level=2, dlt=True, days=10.0), *[Followed(level=2, dlt=False, days=days)] * 2]
    return TrialData(counts=Counts(n=(3, 3, 0), dlt=(0, 1, 0), current=2), followed=tuple(people), window=28.0)


def test_the_fit_of_the_crm_is_the_posterior() -> None:
    fit = fit_design("crm", complete((1, 3, 0), (2, 3, 1)), target=0.25, parameters=SKELETON)
    known = fit_crm(WorkingModel(skeleton=(0.1, 0.2, 0.35)), target=0.25, n=(3, 3, 0), dlt=(0, 1, 0))
    assert fit.to_json()["ptox"] == list(known.rates)
    assert dict(fit.estimates) == {"beta": known.beta, "variance": known.variance}
    assert (fit.decision.level, fit.mtd) == (2, known.level)


def test_a_whole_window_makes_titecrm_the_crm() -> None:
    ready = fit_design("titecrm", waiting(28.0), target=0.25, parameters=SKELETON)
    plain = fit_design("crm", complete((1, 3, 0), (2, 3, 1)), target=0.25, parameters=SKELETON)
    assert ready.to_json()["ptox"] == pytest.approx(plain.to_json()["ptox"], abs=1e-12)


def test_less_follow_up_leaves_more_doubt_about_toxicity() -> None:
    early, late = (
        fit_design("tite-crm", waiting(days), target=0.25, parameters=SKELETON | {"scheme": "linear"}).to_json()["ptox"]
        for days in (2.0, 26.0)
    )
    assert all(first > second for first, second in zip(early, late, strict=True))


def test_a_design_for_complete_outcomes_refuses_pending_ones() -> None:
    with pytest.raises(UsageError, match="fitted to complete outcomes"):
        fit_design("crm", waiting(14.0), target=0.25)
    with pytest.raises(UsageError, match="2 in follow-up"):
        fit_design("boin", waiting(14.0), target=0.25)


@pytest.mark.parametrize(("days", "action"), [(2.0, "wait"), (27.0, "wait")])
def test_tite_boin_waits_while_most_are_pending(days: float, action: str) -> None:
    """Two of three pending are more than half."""
    fit = fit_design("tite-boin", waiting(days), target=0.30)
    assert (fit.decision.action, fit.decision.level) == (action, None)


def test_tite_boin_goes_on_with_few_pending() -> None:
    people = (*waiting(28.0).followed[:5], Followed(level=2, dlt=False, days=14.0))
    data = TrialData(counts=Counts(n=(3, 3, 0), dlt=(0, 1, 0), current=2), followed=people, window=28.0)
    fit = fit_design("tite-boin", data, target=0.30)
    # 1 / (3 - 1 + 0.5) = 0.4 is above lambda_d 0.359
    assert (fit.decision.action, fit.decision.level) == ("de-escalate", 1)


def test_the_blrm_takes_the_doses_of_the_data() -> None:
    fit = fit_design("blrm", complete((1, 3, 0), (2, 3, 1)), target=0.30)
    document = fit.to_json()
    assert document["dose"] == [3.0, 4.5, 6.0]
    shares = [document[name] for name in ("p_under", "p_target", "p_over", "p_unacceptable")]
    assert [sum(each) for each in zip(*shares, strict=True)] == pytest.approx([1.0, 1.0, 1.0])
    assert all(
        low < middle < high
        for low, middle, high in zip(document["q025"], document["q50"], document["q975"], strict=True)
    )


def test_counts_have_isotonic_estimates_and_nothing_where_nobody_was() -> None:
    fit = fit_design("boin", complete((1, 3, 1), (2, 3, 0)), target=0.30)
    known = select_mtd((3, 3, 0), (1, 0, 0), target=0.30)
    document = fit.to_json()
    assert document["isotonic"][:2] == pytest.approx(list(known.estimates[:2]))
    assert [document[name][2] for name in ("rate", "isotonic", "p_above_target", "upper95")] == [None] * 4
    # one-sided 95 % bound of 0/3: 1 - 0.05^(1/3)
    assert document["upper95"][1] == pytest.approx(1 - 0.05 ** (1 / 3))
    assert fit.mtd == known.level
    assert fit.shown()[0] == ("n", "3", "3", "0")
    assert fit.shown()[2][-1] == "-"

"""TITE-CRM by name, with the follow-up that comes with each decision."""

from typing import Any

import pytest

from celltrial.errors import UsageError
from celltrial.escalation import Counts, PartialCounts, PartialDecision, decide_partial, design_named
from celltrial.escalation.crm.design import Crm
from celltrial.escalation.titecrm import Followed, fit_titecrm
from celltrial.escalation.titecrm_rule import TiteCrmRule

SKELETON = (0.1, 0.25, 0.4)
OPEN = {"skeleton": "0.1 0.25 0.4", "no_skip": "off", "coherence": "off"}


def state(**changes: Any) -> PartialCounts:
    """Six at level 1 without DLT; at level 2 one DLT at 0.9 of the window, one complete, one pending at 0.4."""
    counts: dict[str, Any] = {
        "n": (6, 3, 0),
        "dlt": (0, 1, 0),
        "pending": (0, 1, 0),
        "follow_up": (0.0, 0.4, 0.0),
        "current": 2,
        "followed": ((2, 0.4),),
        "dlt_times": ((2, 0.9),),
    }
    return PartialCounts(**counts | changes)


def decide(partial: PartialCounts, **parameters: str) -> PartialDecision:
    """Target 0.25, no restrictions but those given."""
    return decide_partial(design_named("tite-crm", target=0.25, parameters=OPEN | parameters), partial)


@pytest.mark.parametrize("scheme", ["linear", "adaptive"])
def test_it_is_the_fit_to_the_participants_as_followed(scheme: Any) -> None:
    """The same participants given one by one."""
    one_by_one = [Followed(level=1, dlt=False, days=28)] * 6
    one_by_one += [Followed(level=2, dlt=True, days=25.2), Followed(level=2, dlt=False, days=28)]
    one_by_one += [Followed(level=2, dlt=False, days=11.2)]
    fit = fit_titecrm(Crm(target=0.25, skeleton=SKELETON).model(3), one_by_one, target=0.25, window=28, scheme=scheme)
    decision = decide(state(), scheme=scheme)
    assert decision.level == fit.level
    assert f"beta {fit.beta:.3f}" in decision.reasons[0]


def test_the_schemes_weigh_follow_up_differently() -> None:
    """A late DLT makes early follow-up worth less."""
    linear, adaptive = (decide(state(), scheme=scheme).reasons[1] for scheme in ("linear", "adaptive"))
    assert linear == "1 in follow-up count 0.40 together"
    assert adaptive == "1 in follow-up count 0.22 together"


def test_coherence_looks_at_the_last_cohort_so_far() -> None:
    """A DLT in the cohort of one that came last: no escalation after it."""
    calm = state(n=(6, 6, 0), pending=(0, 1, 0), dlt=(0, 1, 0))
    free = decide(calm)
    assert free.level == 2 or free.level == 3
    after_dlt = state(n=(12, 1, 0), pending=(1, 0, 0), follow_up=(0.9, 0.0, 0.0), followed=((1, 0.9),), last=(1, 1))
    held_back = decide(after_dlt, coherence="last-cohort")
    assert held_back.level is not None
    assert held_back.level <= 2


def test_with_nobody_pending_it_is_the_crm() -> None:
    """Proposal and selection."""
    crm, tite = (design_named(name, target=0.25, parameters=OPEN) for name in ("crm", "tite-crm"))
    counts = Counts(n=(3, 6, 0), dlt=(0, 1, 0), current=2)
    assert tite.decide(counts).level == crm.decide(counts).level
    complete = PartialCounts(n=counts.n, dlt=counts.dlt, pending=(0, 0, 0), follow_up=(0.0,) * 3, current=2)
    assert decide(complete).level == crm.decide(counts).level
    assert isinstance(tite.base, TiteCrmRule)
    assert tite.base.select(counts) == tite.base.crm.select(counts)
    assert dict(tite.base.parameters)["scheme"] == "linear"


def test_there_is_no_such_scheme() -> None:
    """Words are checked."""
    with pytest.raises(UsageError, match="weighting scheme"):
        design_named("tite-crm", target=0.25, parameters={"scheme": "steep"})
    with pytest.raises(UsageError, match="no decision for one level alone"):
        design_named("tite-crm", target=0.25).base.cell(1, 3)

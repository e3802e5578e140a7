"""SLEDAI-2K: the sum of the weights of what is present and due to lupus; unknown items make it unknown, never lower.

No rule for imputing a missing item is published, so a missing item leaves a lower bound and no score. After
lymphodepletion or CAR-T a low count, a fever or a seizure may have another cause: each present item says which.
Two scores are called clinical in the literature: without serology (`clinical`), and without any laboratory item
(`nonlaboratory`). They have two names here.
"""

from collections.abc import Mapping
from functools import cache

from celltrial.instruments.sledai_2k.descriptors import (
    SledaiItem,
    SledaiScore,
    find_standings,
    name_uncertain,
    read_descriptors,
    require_window,
    sum_descriptors,
    total_without,
)
from celltrial.missing import NotEvaluable

__all__ = [
    "score_clinical_sledai_2k",
    "score_nonlaboratory_sledai_2k",
    "score_sledai_2k",
    "sledai_2k_items",
]

_NAME = "SLEDAI-2K"


@cache
def sledai_2k_items() -> tuple[SledaiItem, ...]:
    """The 24 items of `items.csv`, in their published order."""
    return read_descriptors("celltrial.instruments.sledai_2k")


def score_sledai_2k(
    items: Mapping[str, str], attributions: Mapping[str, str], *, window_days: int | None = None
) -> SledaiScore | NotEvaluable:
    """The SLEDAI-2K of one assessment.

    Args:
        items: item id -> `yes`, `no` or `unknown`; a missing or blank item is unknown. Other keys are not read.
        attributions: item id -> `sle`, `other` or `unknown`, read for present items only; missing or blank is unknown.
        window_days: 10 (the original) or 30 days before the visit; kept with the score. None: not told.
    Returns:
        SledaiScore; or NotEvaluable naming every item that is unknown, with the sum of what is certain as lower bound.
    Raises:
        UsageError: a value that is none of these, all of them at once; a window that is neither 10 nor 30.
    Source: Gladman DD et al., J Rheumatol 2002;29:288-91 (items, weights); Touma Z et al., Lupus 2010;19:49-51.

    >>> none = {item.item: "no" for item in sledai_2k_items()}
    >>> score_sledai_2k(none | {"arthritis": "yes"}, {"arthritis": "sle"}, window_days=30).total
    4
    >>> score_sledai_2k(none | {"fever": "unknown"}, {})
    NotEvaluable(reason='not known whether present: fever', lower_bound=0)
    """
    require_window(_NAME, window_days)
    standings = find_standings(_NAME, sledai_2k_items(), items, attributions)
    score = sum_descriptors(_NAME, sledai_2k_items(), standings, window_days)
    uncertain = name_uncertain(standings, items)
    return NotEvaluable(uncertain, lower_bound=score.total) if uncertain else score


def score_clinical_sledai_2k(items: Mapping[str, str], attributions: Mapping[str, str]) -> int | NotEvaluable:
    """The clinical SLEDAI-2K (without complement and anti-dsDNA), which may be known where the total is not.

    Source: DORIS 2021 (van Vollenhoven, Lupus Sci Med 2021;8:e000538): serology is left out.
    """
    clinical = tuple(item for item in sledai_2k_items() if not item.is_serology)
    return total_without(_NAME, clinical, items, attributions)


def score_nonlaboratory_sledai_2k(items: Mapping[str, str], attributions: Mapping[str, str]) -> int | NotEvaluable:
    """The SLEDAI-2K without any laboratory item (urine, blood counts, serology); 0 to 83.

    It is the score that the entry criteria of the anifrolumab trials call clinical; never the one of DORIS.

    Source: Furie R et al., Arthritis Rheumatol 2017;69:376-86 (MUSE: points from laboratory results left out). Which
        items are of the laboratory is our reading: numbers 11 to 14, 20, 21, 23 and 24.
    """
    bedside = tuple(item for item in sledai_2k_items() if not item.is_laboratory)
    return total_without(_NAME, bedside, items, attributions)

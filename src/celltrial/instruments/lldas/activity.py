"""Two conditions of LLDAS that the SLEDAI-2K items answer: activity of major organs, and new activity."""

from collections.abc import Mapping

from celltrial.answers import Condition, YesNoUnknown, any_of
from celltrial.instruments.sledai_2k import SledaiItem, sledai_2k_items
from celltrial.instruments.visit_values import find_bad_words, require_none
from celltrial.tables import read_package_table

__all__ = ["find_major_organ_activity", "find_new_sledai_activity"]

_ANSWERS = ("yes", "no", "unknown", "")
_ATTRIBUTIONS = ("sle", "other", "unknown", "")


def find_major_organ_activity(items: Mapping[str, str], attributions: Mapping[str, str]) -> Condition:
    """Whether a SLEDAI-2K item of a major organ system is active: items 1-8, 11-14, 18, 19 and 22.

    Args:
        items: SLEDAI-2K item id -> yes, no or unknown; missing or blank is unknown.
        attributions: item id -> sle, other or unknown, read for present items; only sle is activity of lupus.
    Returns:
        The condition "major organ activity": `yes` where there is some; its reason names the items.
    Raises:
        UsageError: words that are none of these, all at once.
    Source: Franklyn K et al., Ann Rheum Dis 2016;75:1615-21, table 1; systems in `major_organs.csv`.

    >>> find_major_organ_activity({"proteinuria": "yes"}, {"proteinuria": "sle"}).answer
    'yes'
    """
    rows = read_package_table("celltrial.instruments.lldas", "major_organs.csv")
    systems = {row["sledai_system"] for row in rows}
    scoring = _scoring("LLDAS", items, attributions)
    return _any_item(
        "major organ activity", {i.item: scoring[i.item] for i in sledai_2k_items() if i.system in systems}
    )


def find_new_sledai_activity(
    items: Mapping[str, str],
    attributions: Mapping[str, str],
    previous_items: Mapping[str, str],
    previous_attributions: Mapping[str, str],
    *,
    is_serology_counted: bool = True,
) -> Condition:
    """Whether a SLEDAI-2K item scores now that did not score at the previous assessment: one reading of "new activity".

    The answer is `yes` where there is a new item. An item that is unknown at either assessment leaves it unknown,
    unless it is known not to score now, or known to have scored before. LLDAS prints "new features" and no rule.
    is_serology_counted: the reading says "no new item above 0", which includes complement and anti-dsDNA.

    Raises UsageError for words that are not yes, no, unknown (items) or sle, other, unknown (attributions).
    Source: as defined for trials by Oon S et al., cited in Ann Rheum Dis (comparison of the LLDAS criteria of two post
    hoc studies, table 1); that reading also asks for no new BILAG activity, which is not judged here.
    """
    now = _scoring("LLDAS, this assessment", items, attributions)
    before = _scoring("LLDAS, previous assessment", previous_items, previous_attributions)
    counted = [item for item in sledai_2k_items() if is_serology_counted or not item.is_serology]
    return _any_item("new activity", {i.item: _is_new(now[i.item], before[i.item]) for i in counted})


def _is_new(now: YesNoUnknown, before: YesNoUnknown) -> YesNoUnknown:
    if now == "no" or before == "yes":
        return "no"
    return "yes" if (now, before) == ("yes", "no") else "unknown"


def _scoring(where: str, items: Mapping[str, str], attributions: Mapping[str, str]) -> dict[str, YesNoUnknown]:
    """Whether each item scores: present and due to lupus."""
    every = sledai_2k_items()
    answers = {item.item: items.get(item.item, "") for item in every}
    causes = {f"{item.item}_attribution": attributions.get(item.item, "") for item in every}
    require_none(find_bad_words(where, answers, _ANSWERS) + find_bad_words(where, causes, _ATTRIBUTIONS))
    return {item.item: _scores(item, answers, causes) for item in every}


def _scores(item: SledaiItem, answers: Mapping[str, str], causes: Mapping[str, str]) -> YesNoUnknown:
    match (answers[item.item], causes[f"{item.item}_attribution"]):
        case ("no", _) | ("yes", "other"):
            return "no"
        case ("yes", "sle"):
            return "yes"
        case _:
            return "unknown"


def _any_item(name: str, answers: Mapping[str, YesNoUnknown]) -> Condition:
    answer = any_of(answers.values())
    deciding = [item for item, each in answers.items() if each == answer]
    reason = "none" if answer == "no" else f"{'' if answer == 'yes' else 'not known: '}{', '.join(deciding)}"
    return Condition(name=name, answer=answer, reason=reason)

"""EULAR/ACR 2019: entry, highest per domain, threshold with a clinical item, and unknown items."""

import pytest

from celltrial.errors import UsageError
from celltrial.instruments import EularAcrScore, eular_acr_2019_items, score_eular_acr_2019
from celltrial.missing import NotEvaluable

ABSENT = {each.item: "no" for each in eular_acr_2019_items()}


def score(*present: str, ana: str = "yes", unknown: tuple[str, ...] = ()) -> EularAcrScore:
    return score_eular_acr_2019(ana, ABSENT | dict.fromkeys(present, "yes") | dict.fromkeys(unknown, "unknown"))


def test_only_the_highest_of_a_domain_counts() -> None:
    """Alopecia, ulcers and malar rash together are 6, not 10."""
    result = score("non_scarring_alopecia", "oral_ulcers", "acute_cutaneous_lupus")
    assert (result.total, result.classified, result.counted) == (6, "no", ("acute_cutaneous_lupus",))


def test_ten_points_with_a_clinical_item_classify() -> None:
    """Joints 6 and proteinuria 4 reach the line exactly."""
    result = score("joint_involvement", "proteinuria")
    assert (result.total, result.classified, result.has_clinical_item) == (10, "yes", "yes")
    assert result.by_domain == {"musculoskeletal": 6, "renal": 4}


def test_twelve_immunologic_points_do_not_classify() -> None:
    """Without a clinical item no number of points is enough."""
    result = score("antiphospholipid_antibodies", "low_c3_and_c4", "anti_dsdna_or_anti_sm")
    assert (result.total, result.classified, result.reason) == (12, "no", "no clinical item")


def test_without_ana_nothing_is_scored() -> None:
    """The entry criterion absent: not classified, and no total at all."""
    result = score("lupus_nephritis_class_3_or_4", ana="no")
    assert result.classified == "no"
    assert isinstance(result.total, NotEvaluable)


def test_ana_not_known_leaves_the_verdict_open() -> None:
    """Points alone do not enter a candidate."""
    assert score("lupus_nephritis_class_3_or_4", ana="").classified == "unknown"


def test_an_unknown_item_matters_only_where_it_could_count() -> None:
    """Unknown ulcers beside a malar rash change nothing; an unknown biopsy does."""
    settled = score("acute_cutaneous_lupus", "joint_involvement", unknown=("oral_ulcers",))
    assert (settled.total, settled.classified) == (12, "yes")
    open_total = score("acute_cutaneous_lupus", "joint_involvement", unknown=("lupus_nephritis_class_2_or_5",))
    assert open_total.classified == "yes"
    assert open_total.total == NotEvaluable("not known: lupus_nephritis_class_2_or_5", lower_bound=12)


def test_unknown_is_not_no() -> None:
    """Six certain points and an unknown biopsy are unknown, not a refusal; two possible points are a refusal."""
    result = score("joint_involvement", unknown=("proteinuria",))
    assert (result.classified, result.reason) == ("unknown", "6 to 10 points; not known: proteinuria")
    assert score("joint_involvement", unknown=("oral_ulcers",)).classified == "no"


def test_clinical_item_not_known() -> None:
    """Twelve immunologic points with an unknown fever stay open."""
    result = score("antiphospholipid_antibodies", "low_c3_and_c4", "anti_dsdna_or_anti_sm", unknown=("fever",))
    assert (result.classified, result.has_clinical_item) == ("unknown", "unknown")
    assert "clinical item" in result.reason


def test_words_that_cannot_be_read() -> None:
    """All unreadable answers at once."""
    with pytest.raises(UsageError) as caught:
        score_eular_acr_2019("positive", ABSENT | {"fever": "Y"})
    assert [each.where for each in caught.value.findings] == ["entry_ana", "fever"]

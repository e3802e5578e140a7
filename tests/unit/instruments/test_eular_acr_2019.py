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


def test_the_most_is_51_points() -> None:
    """The maximum of each of the ten domains: 2+4+5+6+6+6+10 clinical, 2+4+6 immunologic."""
    everything = tuple(ABSENT)
    result = score(*everything)
    assert (result.total, len(result.by_domain)) == (51, 10)
    assert sum(each.weight for each in eular_acr_2019_items() if each.item in result.counted and each.is_clinical) == 39


@pytest.mark.parametrize(
    ("present", "total", "classified"),
    [
        (("pleural_or_pericardial_effusion", "proteinuria"), 9, "no"),
        (("acute_pericarditis", "proteinuria"), 10, "yes"),
        (("lupus_nephritis_class_2_or_5",), 8, "no"),
        (("lupus_nephritis_class_2_or_5", "oral_ulcers"), 10, "yes"),
        (("lupus_nephritis_class_3_or_4",), 10, "yes"),
        (("anti_dsdna_or_anti_sm", "low_c3_or_c4"), 9, "no"),
        (("anti_dsdna_or_anti_sm", "low_c3_and_c4"), 10, "no"),
        (("anti_dsdna_or_anti_sm", "low_c3_or_c4", "fever"), 11, "yes"),
        (("anti_dsdna_or_anti_sm", "fever"), 8, "no"),
        (("anti_dsdna_or_anti_sm", "low_c3_and_c4", "antiphospholipid_antibodies", "fever"), 14, "yes"),
        ((), 0, "no"),
    ],
)
def test_ten_points_from_both_sides(present: tuple[str, ...], total: int, classified: str) -> None:
    """Nine points do not classify; ten do, with a clinical item among them."""
    result = score(*present)
    assert (result.total, result.classified) == (total, classified)


def test_ana_not_known_does_not_open_what_points_have_closed() -> None:
    """Nine points at most: not classified, whatever the antibodies are."""
    assert score("lupus_nephritis_class_2_or_5", ana="unknown").classified == "no"
    assert score("anti_dsdna_or_anti_sm", "low_c3_and_c4", ana="unknown").classified == "no"


@pytest.mark.parametrize(
    ("lower", "higher", "domain"),
    [
        ("leukopenia", "thrombocytopenia", "haematologic"),
        ("delirium", "seizure", "neuropsychiatric"),
        ("subacute_cutaneous_or_discoid_lupus", "acute_cutaneous_lupus", "mucocutaneous"),
        ("pleural_or_pericardial_effusion", "acute_pericarditis", "serosal"),
        ("lupus_nephritis_class_2_or_5", "lupus_nephritis_class_3_or_4", "renal"),
        ("low_c3_or_c4", "low_c3_and_c4", "complement"),
    ],
)
def test_within_each_domain_the_highest_counts(lower: str, higher: str, domain: str) -> None:
    """The lower one adds nothing."""
    weights = {each.item: each.weight for each in eular_acr_2019_items()}
    assert score(lower, higher).by_domain == {domain: weights[higher]}

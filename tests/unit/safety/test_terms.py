"""The dictionary of adverse-event terms: what is in it, how it is found, that it agrees with the laboratory engine."""

import re
from decimal import Decimal

import pytest

from celltrial.errors import UsageError
from celltrial.safety.ctcae import CTCAE_VERSIONS, grade_lab
from celltrial.safety.ctcae.table import Version, term_names
from celltrial.safety.dlt_rule import excluded_terms
from celltrial.safety.terms import (
    AeTerm,
    ae_kind,
    ae_term,
    ae_terms,
    find_ae_terms,
    names_of_kind,
    suggest_ae_terms,
)
from celltrial.safety.terms.dictionary import fold_name
from celltrial.safety.toxicity_terms import is_cytopenia, toxicity_kind
from celltrial.tables import read_package_table

VERSION_FILES = {"4.03": "v4.csv", "5.0": "v5.csv", "6.0": "v6.csv"}


def first(words: str, version: str = "5.0") -> str | None:
    found = find_ae_terms(words, version)
    return found[0].term if found else None


def by_name(version: str) -> dict[str, AeTerm]:
    synonyms = {fold_name(name): each for each in ae_terms(version) for name in each.names}
    return synonyms | {fold_name(each.term): each for each in ae_terms(version)}


def test_there_are_enough_terms_and_infections() -> None:
    terms = ae_terms("5.0")
    assert len({each.term for each in terms}) >= 150
    assert len({each.term for each in terms if each.kind == "infection"}) >= 30
    assert len({each.soc for each in terms}) >= 18


def test_a_term_has_one_row_a_version() -> None:
    for version in CTCAE_VERSIONS:
        names = [each.term for each in ae_terms(version)]
        assert len(names) == len(set(names))


def test_every_term_has_a_row() -> None:
    terms = {row["term"] for row in read_package_table("celltrial.safety.terms", "terms.csv")}
    assert terms == {each.term for each in ae_terms()}


def test_codes_are_medra_codes_and_unique() -> None:
    codes = {each.term: each.code for each in ae_terms() if each.code}
    assert all(re.fullmatch(r"100\d{5}", code) for code in codes.values())
    assert len(set(codes.values())) == len(codes)


def test_a_term_outside_ctcae_says_what_grades_it_and_where_it_is_reported() -> None:
    for each in ae_terms():
        assert each.is_in_ctcae == (each.reported_under == "")
        assert each.scale


@pytest.mark.parametrize(
    ("term", "under"),
    [
        ("Immune effector cell-associated haematotoxicity", "Investigations - Other, specify"),
        ("Hypogammaglobulinaemia", "Investigations - Other, specify"),
        ("B-cell aplasia", "Investigations - Other, specify"),
        ("Ferritin increased", "Investigations - Other, specify"),
        ("LICATS", "the term of the organ event; Immune system disorders - Other, specify"),
        ("IEC-HS", "Immune system disorders - Other, specify"),
        ("ICANS", "Nervous system disorders - Other, specify"),
    ],
)
def test_terms_that_ctcae_5_does_not_have(term: str, under: str) -> None:
    assert ae_term(term, "5.0").reported_under == under


def test_icans_is_a_term_of_ctcae_6_only() -> None:
    assert [ae_term("ICANS", version).is_in_ctcae for version in CTCAE_VERSIONS] == [False, False, True]


def test_no_grade_is_none_and_not_a_text() -> None:
    assert ae_term("Bacteremia").grades == {1: None, 2: "positive culture, no signs", 3: None, 4: None, 5: None}
    assert all(words != "-" and words != "" for each in ae_terms() for words in each.grades.values())


def test_words_are_few() -> None:
    assert max(len(words) for each in ae_terms() for words in each.grades.values() if words) < 110


def test_every_term_of_the_laboratory_engine_is_in_the_dictionary() -> None:
    for version in CTCAE_VERSIONS:
        known = by_name(version)
        lacking = [each.term for each in term_names(version) if fold_name(each.term) not in known]
        assert lacking == [], version


def test_terms_graded_by_number_say_so() -> None:
    assert ae_term("Anemia").numeric_in == ("4.03", "5.0", "6.0")
    assert ae_term("Hyperglycemia", "5.0").numeric_in == ()
    assert ae_term("Hyperglycemia", "6.0").numeric_in == ("6.0",)
    assert ae_term("Nausea").numeric_in == ()
    result = grade_lab("Anemia", "L", value=Decimal(79), unit="g/L", version="5.0")
    assert getattr(result, "value", None) == 3


@pytest.mark.parametrize("version", CTCAE_VERSIONS)
def test_the_numbers_of_the_words_are_those_of_the_engine(version: Version) -> None:
    """Every absolute limit of a laboratory rule stands in the words of the term, in one of its units at least.

    A limit that the engine holds one above the printed whole number (59 - 30 holds 59.9) may stand as printed.
    """
    limits: dict[str, dict[str, set[Decimal]]] = {}
    for row in read_package_table("celltrial.safety.ctcae", VERSION_FILES[version]):
        if row["of"] == "absolute" and row["operator"] != "missing":
            limits.setdefault(row["term"], {}).setdefault(row["units"], set()).add(Decimal(row["factor"]))
    assert len(limits) > 20
    known = by_name(version)
    for term, systems in limits.items():
        words = " ".join(text for text in known[fold_name(term)].grades.values() if text)
        told = {Decimal(number) for number in re.findall(r"\d+(?:\.\d+)?", words)}
        assert any(all(limit in told or limit - 1 in told for limit in each) for each in systems.values()), term


@pytest.mark.parametrize(
    ("words", "term"),
    [
        ("Anemia", "Anemia"),
        ("  ANEMIA ", "Anemia"),
        ("anaemia", "Anemia"),
        ("10002272", "Anemia"),
        ("贫血", "Anemia"),
        ("发热", "Fever"),
        ("diarrhoea", "Diarrhea"),
        ("hypokalaemia", "Hypokalemia"),
        ("oedema limbs", "Edema limbs"),
        ("leucopenia", "White blood cell decreased"),
        ("CRS", "Cytokine release syndrome"),
        ("GVHD", "Graft versus host disease"),
        ("UTI", "Urinary tract infection"),
        ("herpes zoster", "Shingles"),
        ("pulmonary embolism", "Thromboembolic event"),
        ("pneumot", "Pneumothorax"),
        ("kidney acute", "Acute kidney injury"),
        ("anemai", "Anemia"),
        ("neutropennia", "Neutrophil count decreased"),
        ("lung infektion", "Lung infection"),
    ],
)
def test_a_term_is_found_by_what_people_write(words: str, term: str) -> None:
    assert first(words) == term


def test_the_term_itself_comes_before_terms_that_hold_it() -> None:
    assert first("fever") == "Fever"
    assert "Febrile neutropenia" in [each.term for each in find_ae_terms("fever with")]


def test_a_typing_error_is_looked_for_only_where_nothing_fits() -> None:
    assert {each.term for each in find_ae_terms("hypernatremia")} == {"Hypernatremia"}


def test_short_words_do_not_turn_into_others() -> None:
    assert find_ae_terms("alk") == find_ae_terms("ALK")
    assert all("Alkal" in each.term for each in find_ae_terms("alk"))
    assert find_ae_terms("axt") == ()


def test_nothing_is_found_for_nothing() -> None:
    assert find_ae_terms("  ") == ()
    assert find_ae_terms("xyzzy") == ()
    assert suggest_ae_terms("xyzzy") == ()


def test_suggestions_name_the_versions_of_other_terms() -> None:
    assert suggest_ae_terms("thrombocytopenias", "5.0")[0] == "Platelet count decreased"
    assert any("6.0" in each for each in suggest_ae_terms("peripheral edemaa", "5.0"))


def test_platelets_are_another_term_in_version_6() -> None:
    assert first("low platelets", "5.0") == "Platelet count decreased"
    assert first("low platelets", "6.0") == "Thrombocytopenia"
    with pytest.raises(UsageError, match=r"other versions have one: 4\.03, 5\.0"):
        ae_term("Platelet count decreased", "6.0")


def test_versions_differ_where_ctcae_does() -> None:
    assert (
        ae_term("Neutrophil count decreased", "5.0").grades[4] != ae_term("Neutrophil count decreased", "6.0").grades[4]
    )
    assert [ae_term("Sepsis", version).grades[3] is None for version in ("4.03", "5.0")] == [True, False]
    assert [ae_term("Hypertension", version).grades[1] is None for version in CTCAE_VERSIONS] == [False, False, True]


def test_an_unknown_version_or_term_is_refused() -> None:
    with pytest.raises(UsageError, match="no such version"):
        ae_terms("7.0")
    with pytest.raises(UsageError, match="no such version"):
        find_ae_terms("anemia", "5")
    with pytest.raises(UsageError, match="no such adverse-event term"):
        ae_term("hiccough")
    with pytest.raises(UsageError, match="no such adverse-event term"):
        ae_term("")


def test_a_name_shared_by_two_terms_means_the_same_kind() -> None:
    kinds: dict[str, set[str]] = {}
    for each in ae_terms():
        for name in each.names:
            kinds.setdefault(fold_name(name), set()).add(each.kind)
    assert {name for name, found in kinds.items() if len(found) > 1} == set()


@pytest.mark.parametrize(
    ("term", "kind"),
    [
        ("cytokine release syndrome", "crs"),
        ("CRS", "crs"),
        ("ICANS", "icans"),
        ("graft  versus host disease", "gvhd"),
        ("acute graft versus host disease", "gvhd"),
        ("IEC-HS", "iec_hs"),
        ("Secondary hemophagocytic lymphohistiocytosis", "iec_hs"),
        ("immune effector cell-associated hematotoxicity", "icaht"),
        ("Lung infection", "organ"),
        ("Neutrophil count decreased", "organ"),
        ("LICATS", "organ"),
        ("something nobody wrote down", "organ"),
    ],
)
def test_the_kind_of_the_dlt_rule(term: str, kind: str) -> None:
    assert toxicity_kind(term) == kind


@pytest.mark.parametrize(
    "term",
    [
        "neutrophil count decreased",
        "lymphocyte count decreased",
        "white blood cell decreased",
        "platelet count decreased",
        "anemia",
        "anaemia",
        "febrile neutropenia",
        "Thrombocytopenia",
        "Lymphopenia",
    ],
)
def test_cytopenias_that_lymphodepletion_is_expected_to_cause(term: str) -> None:
    assert is_cytopenia(term)


def test_other_terms_are_no_such_cytopenia() -> None:
    assert not is_cytopenia("Hemolysis")
    assert not is_cytopenia("CD4 lymphocytes decreased")
    assert not is_cytopenia("nothing")


@pytest.mark.parametrize(
    ("exclusion", "terms"),
    [
        ("alopecia", {"alopecia", "hair loss"}),
        ("b_cell_aplasia", {"b-cell aplasia", "b cell aplasia", "b-lymphocyte count decreased"}),
        (
            "hypogammaglobulinaemia",
            {
                "hypogammaglobulinaemia",
                "hypogammaglobulinemia",
                "blood immunoglobulin g decreased",
                "immunoglobulins decreased",
            },
        ),
    ],
)
def test_terms_that_an_exclusion_of_the_dlt_rule_names(exclusion: str, terms: set[str]) -> None:
    assert terms <= excluded_terms(exclusion)


def test_exclusions_that_name_no_term() -> None:
    assert excluded_terms("licats") == frozenset()
    assert excluded_terms("disease") == frozenset()


def test_names_of_a_kind_are_those_of_its_terms() -> None:
    assert {"crs", "cytokine storm", "细胞因子释放综合征"} <= names_of_kind("crs")
    assert ae_kind("cytokine storm") == "crs"
    assert ae_kind("unheard of") is None

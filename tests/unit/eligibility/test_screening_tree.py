"""The tree as a whole: applicability, stages, open questions, what is needed, the overall verdict, JSON and hash."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from ruamel.yaml import YAML

from celltrial.eligibility import (
    INCLUSION_ONLY,
    Condition,
    Cost,
    Facts,
    Person,
    parse_criteria,
    render_explanation,
    screen,
)
from celltrial.errors import Source, UsageError
from eligibility_people import (
    ALL_QUESTIONS,
    ANCHORS,
    AS_OF,
    FILE,
    day,
    eligible,
    judged,
    lab,
    one,
    result,
    run,
    said,
    with_lab,
    without_lab,
)

QUESTIONS = ("Q01", "Q02", "Q03", "Q04", "Q05", "Q06", "Q07", "Q10", "Q12", "Q17", "Q20", "Q24")
LATER = {"lymphodepletion": "2026-03-20T09:00", "infusion": "2026-03-25T10:00"}


def man() -> Facts:
    """The same candidate as a man who can father children."""
    return replace(
        without_lab(eligible(), "hcg_serum"),
        person=Person(birth=day("1992-07-15"), sex="M", event=1),
        attestations=(
            said("informed_consent"),
            said("fertile", by="investigator"),
            said("contraception_m_and_no_sperm_donation"),
        ),
    )


def test_one_who_meets_everything() -> None:
    """Eligible, each criterion met, with the note that there are no exclusions."""
    screening = run(eligible())
    assert screening.verdict == "eligible"
    assert [each.words for each in screening.results] == ["met"] * 10
    assert screening.notes == (INCLUSION_ONLY,)
    assert screening.needs == ()
    assert screening.expires is not None
    assert screening.expires.isoformat() == "2026-03-30"


def test_not_applicable_to_a_man() -> None:
    """The pregnancy test is not applicable, and says because of which part; his own commitment is asked for."""
    screening = run(man())
    assert screening.verdict == "eligible"
    assert screening.result("I05").words == "not applicable"
    assert screening.result("I05").reasons == ("does not apply: I05.when.1: sex: male",)
    assert [screening.result(each).words for each in ("I04a", "I04b", "I04c")] == [
        "not applicable",
        "not applicable",
        "met",
    ]
    assert run(replace(man(), attestations=man().attestations[:2])).verdict == "unknown"


def test_condition_not_known_asks_for_it() -> None:
    """Whether she can bear children is not known: the criterion is unknown unless its consequence holds anyway."""
    facts = replace(
        eligible(), attestations=tuple(each for each in eligible().attestations if "able" not in each.statement)
    )
    screening = run(facts)
    assert screening.result("I04a").words == "met"
    assert screening.result("I05").words == "met"
    no_test = run(without_lab(facts, "hcg_serum"))
    assert no_test.result("I05").words == "unknown"
    assert {need.leaf for need in no_test.result("I05").needs} == {"I05.when.2", "I05a"}


@pytest.mark.parametrize(
    ("stage", "tested", "expected"),
    [
        ("screening", None, "met"),
        ("lymphodepletion", None, "unknown"),
        ("lymphodepletion", "2026-03-18T09:00", "met"),
        ("lymphodepletion", "2026-03-18T08:59", "unknown"),
        ("infusion", "2026-03-19T09:00", "met"),
    ],
)
def test_second_pregnancy_test_is_due_before_lymphodepletion(stage: str, tested: str | None, expected: str) -> None:
    """Not due at screening, where the first test decides alone; due from lymphodepletion on."""
    facts = eligible()
    if tested:
        facts = replace(facts, measurements=(*facts.measurements, lab("hcg_serum", "negative", on=tested)))
    screening = run(facts, stage=stage, anchors=LATER)
    assert screening.result("I05").words == expected
    if stage == "screening":
        second = screening.result("I05b")
        assert (second.words, second.is_due, second.needs) == ("unknown", False, ())
        assert [each.why.value for each in second.unknown] == ["not due yet"]


def test_organ_function_is_checked_again() -> None:
    """Before lymphodepletion results of the last 7 days count; screening's are outside the window, the echo is not."""
    at_screening = run(eligible(), stage="lymphodepletion", anchors=LATER)
    found = at_screening.result("I10c")
    assert [each.why.value for each in found.unknown] == ["outside window"]
    assert "window 7 days before lymphodepletion" in found.reasons[0]
    assert at_screening.result("I10i").words == "met"
    fresh = replace(
        with_lab(
            eligible(),
            lab("alt", "100", "U/L", uln="40", on="2026-03-18"),
            lab("ast", "30", "U/L", uln="40", on="2026-03-13"),
        ),
    )
    again = run(fresh, stage="lymphodepletion", anchors=LATER)
    assert [again.result(each).words for each in ("I10d", "I10e")] == ["not met", "met"]


def test_weight_moves_with_the_recheck() -> None:
    """At a later stage the weight of the last 30 days before that stage counts."""
    fresh = replace(
        eligible(),
        measurements=(*eligible().measurements, lab("creatinine", "70", "umol/L", on="2026-04-10")),
        coverage=tuple(replace(each, covers_to=day("2026-04-12")) for each in eligible().coverage),
    )
    late = run(fresh, stage="lymphodepletion", anchors={"lymphodepletion": "2026-04-12"})
    assert [each.why.value for each in late.result("I10a").unknown] == ["outside window"]
    assert "weight 60 kg on 2026-03-02" in late.result("I10a").reasons[0]
    early = run(fresh, stage="lymphodepletion", anchors={"lymphodepletion": "2026-04-01"})
    assert "creatinine" in early.result("I10a").reasons[0]


def test_unknown_stage_is_refused() -> None:
    """A stage the file does not name is wrong use."""
    with pytest.raises(UsageError, match="unknown stage"):
        run(eligible(), stage="follow-up")


def test_open_questions_block_eligible() -> None:
    """Everything is met, and the verdict is unknown because of the questions, by name."""
    screening = run(eligible(), answered=frozenset())
    assert screening.verdict == "unknown"
    assert screening.because == (
        "I03: question Q04 open",
        "I04: question Q01, Q06, Q07 open",
        "I05: question Q02, Q03, Q06 open",
        "I06: question Q10, Q12 open",
        "I08: question Q17 open",
        "I10: question Q20, Q24, Q05 open",
    )
    assert sorted(screening.open_questions) == sorted(QUESTIONS)
    i06 = screening.result("I06")
    assert (i06.words, i06.reading.words) == ("unknown", "met")
    assert i06.reasons[0] == "open question: Q10, Q12; under our reading: met"


def test_each_single_open_question_blocks() -> None:
    """Answering all but one is not enough; the one is named."""
    for question in QUESTIONS:
        screening = run(eligible(), answered=ALL_QUESTIONS - {question})
        assert (screening.verdict, screening.open_questions) == ("unknown", (question,))


def test_open_question_does_not_save_who_fails() -> None:
    """Not met in every reading stays not met; the candidate is not eligible."""
    facts = with_lab(eligible(), lab("hemoglobin", "50", "g/L"))
    screening = run(facts, answered=frozenset())
    assert screening.verdict == "not eligible"
    assert screening.result("I10c").words == "not met"
    assert screening.because[0].startswith("I10 not met: I10c: hemoglobin 50 g/L on 2026-03-02")


def test_the_other_reading_of_a_question_counts() -> None:
    """INR or aPTT: one over the limit is not met if both are meant, met if one is: open until Q24 is answered."""
    facts = with_lab(eligible(), lab("inr", "1.9", "1", uln="1.2"))
    open_ = run(facts, answered=ALL_QUESTIONS - {"Q24"})
    assert (open_.result("I10g").words, open_.verdict) == ("unknown", "unknown")
    assert run(facts).result("I10g").words == "not met"
    both = with_lab(facts, lab("aptt", "90", "s", uln="36"))
    assert run(both, answered=ALL_QUESTIONS - {"Q24"}).result("I10g").words == "not met"


def test_question_does_not_touch_what_is_not_applicable() -> None:
    """The pregnancy test's question is no matter for a man."""
    assert run(man(), answered=ALL_QUESTIONS - {"Q02"}).result("I05").words == "not applicable"


def test_needed_to_decide_is_sorted_by_cost_and_not_hidden_by_failures() -> None:
    """A failed criterion elsewhere hides nothing; inside a decided part nothing is asked."""
    facts = replace(
        without_lab(with_lab(eligible(), lab("hemoglobin", "50", "g/L")), "lvef", "ana", "anti_dsdna"),
        judgements=(judged("disease_still_active", "yes"),),
    )
    screening = run(facts)
    assert screening.verdict == "not eligible"
    assert [(need.leaf, need.unknown.cost) for need in screening.needs] == [
        ("I09", Cost.ASK),
        ("I07a", Cost.BLOOD_DRAW),
        ("I07b", Cost.BLOOD_DRAW),
        ("I07c", Cost.BLOOD_DRAW),
    ]
    # I10 fails by its haemoglobin, so its missing echo cannot change it
    assert screening.result("I10").needs == ()
    assert screening.result("I10i").needs != ()


def test_met_by_one_of_several_asks_for_no_other() -> None:
    """SLEDAI suffices: the missing judgements of I08 are not needed."""
    assert run(eligible()).result("I08").needs == ()
    weak = replace(eligible(), scores=eligible().scores[:1])
    assert [need.leaf for need in run(weak).result("I08").needs] == ["I08a", "I08c", "I08d"]


def test_empty_candidate_is_met_nowhere() -> None:
    """Of somebody nothing is known of, nothing is met and nothing fails."""
    screening = run(Facts(), anchors=LATER, stage="infusion")
    assert {each.words for each in screening.results} == {"unknown"}
    assert screening.verdict == "unknown"


def test_bases_combine() -> None:
    """`all` is as weak as its weakest part, `any` as strong as its strongest."""
    screening = run(eligible())
    bases = {each.id: each.basis.value if each.basis else None for each in screening.results}
    assert bases == {
        "I01": "recorded",
        "I02": "attested",
        "I03": "presumed",
        "I04": "attested",
        "I05": "recorded",
        "I06": "judged",
        "I07": "recorded",
        "I08": "derived",
        "I09": "judged",
        "I10": "presumed",
    }


def test_an_exclusion_is_met_when_it_is_absent() -> None:
    """A file with exclusions is complete, says so by no note, and fails who has what is excluded."""
    raw = YAML(typ="safe").load(FILE.read_text(encoding="utf-8"))
    raw["complete"] = True
    raw["exclusion"] = [{"id": "E01", "says": "dialysis", "condition": "dialysis", "active": "1 year before screening"}]
    full = parse_criteria(raw, locate=lambda path: Source(file="e"))
    sick = replace(
        eligible(),
        conditions=(*eligible().conditions, Condition(code="dialysis", onset=day("2026-01-01"), status="ongoing")),
    )
    assert run(sick, file=full).result("E01").words == "not met"
    assert run(sick, file=full).verdict == "not eligible"
    assert run(eligible(), file=full).result("E01").words == "unknown"  # silence is not absence
    assert run(eligible(), file=full).notes == ()


def test_json_has_the_agreed_shape() -> None:
    """Per criterion id, verdict, basis, reasons, needs, expires, source events, children; and it is plain JSON."""
    document = json.loads(json.dumps(run(eligible()).to_json()))
    assert document["overall"] == "eligible"
    assert document["notes"] == [INCLUSION_ONLY]

    def check(node: dict[str, object]) -> None:
        assert {"id", "verdict", "basis", "reasons", "needs", "expires", "source_events", "children"} <= node.keys()
        assert node["verdict"] in ("met", "not met", "unknown", "not applicable")
        for child in node["children"]:  # type: ignore[attr-defined]  # a list of nodes
            check(child)

    for each in document["criteria"]:
        check(each)
    i10c = next(each for each in document["criteria"][9]["children"] if each["id"] == "I10c")
    assert (i10c["verdict"], i10c["basis"], i10c["expires"]) == ("met", "presumed", "2026-03-30")
    assert i10c["source_events"] == [15, 60]


def test_hash_covers_verdicts_and_events_and_not_the_time_of_asking() -> None:
    """The same record gives the same hash whenever it is asked; another event or verdict another one."""

    def at(days: int, facts: Facts) -> str:
        return screen(
            one("sex: female"), facts, stage="screening", anchors=ANCHORS, as_of=AS_OF + timedelta(days=days)
        ).content_hash

    woman = Facts(person=Person(sex="F", event=3))
    assert at(0, woman) == at(5, woman)
    assert at(0, woman) != at(0, Facts(person=Person(sex="F", event=4)))
    assert at(0, woman) != at(0, Facts(person=Person(sex="M", event=3)))
    assert len(at(0, woman)) == 64


def test_explanation_is_in_words() -> None:
    """Verdict first, then what is needed by cost, then the criteria with the record's own words."""
    text = render_explanation(run(without_lab(eligible(), "lvef"), answered=ALL_QUESTIONS - {"Q12"}), who="01-001")
    lines = text.splitlines()
    assert lines[0] == "01-001: UNKNOWN at stage screening (ct1192-sle)"
    assert "note: inclusion criteria only: the record lists no exclusions" in lines
    assert "because: I06: question Q12 open" in lines
    needed = lines[lines.index("Still needed to decide, the cheapest first:") + 1 :][:4]
    assert needed == [
        "  procedure",
        "    I10i  lvef: a result in the window 8 weeks before screening",
        "  ask the sponsor",
        "    I06  the sponsor answers Q12 (questions.yaml)",
    ]
    assert any(line.startswith("    I10c  until 2026-03-30") for line in lines)
    assert "    I10i  UNKNOWN" in lines
    assert any(line.startswith('    "Positive for anti nuclear antibodies, anti ds DNA') for line in lines)


def test_default_windows_are_marked() -> None:
    """A window that is ours and not the record's says "(default)"; the record's own does not."""
    screening = run(eligible())
    assert "window 28 days before screening (default)" in screening.result("I10d").reasons[0]
    assert "screening period: 28 days before screening (default)" in screening.result("I07a").reasons[0]
    assert screening.result("I10i").reasons[0].endswith("window 8 weeks before screening")


def test_only_a_part_that_is_due_later() -> None:
    """A criterion with nothing due yet decides nothing at this stage."""
    yaml = "lab: hcg_serum\nis: negative\nwithin: 48 hours before lymphodepletion\ndue: lymphodepletion"
    found = result(yaml, Facts())
    assert (found.words, found.is_due) == ("unknown", False)
    assert run(Facts(), file=one(yaml)).verdict == "eligible"

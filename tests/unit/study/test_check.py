"""What one place of the study files says of another: each broken link is found, with the line to look at."""

import pytest

from celltrial.study import check_texts, read_study_texts, shipped_study

TEXTS = read_study_texts(shipped_study())


def found(file: str, old: str, new: str) -> dict[int, list[str]]:
    """The findings on the study with the first `old` of that file replaced: line -> messages, in that file."""
    text = TEXTS[file]
    assert old in text, f"{old!r} is not in {file}"
    by_line: dict[int, list[str]] = {}
    for each in check_texts({**TEXTS, file: text.replace(old, new, 1)}):
        if each.source and each.source.file == file:
            by_line.setdefault(each.source.line or 0, []).append(each.message)
    return by_line


def line_of(file: str, text: str) -> int:
    return next(n for n, line in enumerate(TEXTS[file].splitlines(), start=1) if text in line)


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        ("study.yaml", "start_level: DL1", "start_level: DL4", "the start level is not a dose level"),
        ("study.yaml", "cells: 4.5e8", "cells: 2.5e8", "dose level DL2 is not above the one before"),
        ("study.yaml", "name: boin", "name: crm9", "the design is not among `designs`"),
        ("study.yaml", "max_n: 12", "max_n: 11", "max_n of the design and of its rule differ"),
        ("study.yaml", "cohort_size: 3", "cohort_size: 13", "more participants than the record plans"),
        ("study.yaml", "sentinel_days: 14", "sentinel_days: 29", "the sentinel interval is longer than the DLT window"),
        ("study.yaml", "window_days: 28", "window_days: 27", "no visit closes the DLT window"),
        ("study.yaml", "kind: death, grade_at_least: 5", "kind: death, grade_at_least: 4", "D08: death is grade 5"),
        ("study.yaml", "{rate: 0.30,", "{rate: 0.25,", "ST01: the rate is not the target of the design"),
        (
            "study.yaml",
            "parameters: {grade: 3, n: 1}",
            "parameters: {n: 1}",
            "ST04: the numbers are not those of its kind",
        ),
        (
            "study.yaml",
            "0.30, cutoff: 0.95}",
            "0.30, cutoff: 0.95, prior_a: 1}",
            "ST01: the numbers are not those of its kind",
        ),
        ("study.yaml", "unit: copies/ug", "unit: cells/uL", "the unit is not the analyte's"),
        ("study.yaml", "partial_areas: [0-28", "partial_areas: [28-0", "a partial area that ends before it begins"),
        ("study.yaml", "lloq: 50", "lloq: 500000", "lloq leaves no value plausible"),
        ("study.yaml", "name: Wuhan Union Hospital", "name: Beijing Hospital", "the site is not the record's hospital"),
        ("study.yaml", "phase: Phase 1", "phase: Phase 2", "a registry fact is not what the record says"),
        ("study.yaml", "minimum_age: 18", "minimum_age: 61", "a registry fact is not what the record says"),
        (
            "study.yaml",
            "prior_organs: organ_involvement",
            "prior_organs: organs",
            "prior organs on a form that forms.yaml does not have",
        ),
        (
            "forms.yaml",
            "infection:\n  label: Detail",
            "infections:\n  label: Detail",
            "nothing reads an assessment on the form infections",
        ),
        (
            "study.yaml",
            "forms: [labs, vitals]",
            "forms: [lab, vitals]",
            "visit D0 asks for a form that forms.yaml does not have",
        ),
        ("study.yaml", "day: 4", "day: 1", "visit D3 overlaps the one before"),
        ("study.yaml", "daily: {from: 1, to: 15", "daily: {from: 15, to: 1", "daily assessments end before they begin"),
        ("study.yaml", "[CD19, CD20]", "[CD19, CD19]", "the same twice in one list"),
        ("study.yaml", "assumption: A29", "assumption: A99", "an assumption that assumptions.yaml does not have"),
        (
            "forms.yaml",
            "kind: text, required: true}",
            "kind: choice, required: true}",
            "demographics.country: kind and choices do not agree",
        ),
        (
            "questions.yaml",
            "gonorrhea treatment",
            "gonorrhoea treatment",
            "a phrase that the registry record does not have",
        ),
        ("questions.yaml", "blocks: [I08]", "blocks: [I09]", "Q17 blocks a criterion that does not name it"),
        ("questions.yaml", 'answer: ""', "answer: lymphodepletion", "Q01 is half answered"),
        ("trace.yaml", "criterion:I01,", "criterion:I11,", "a binding to something that the study files do not have"),
        ("eligibility.yaml", "[Q10, Q12]", "[Q10, Q13]", "I06 names a question that does not block it"),
        (
            "eligibility.yaml",
            "judged: disease_still_active",
            "judged: disease_active",
            "no form takes this word as question",
        ),
        ("eligibility.yaml", "version: as registered", "version: amended", "the criteria are of another version"),
        (
            "assumptions.yaml",
            "covers: [complete]",
            "covers: [exclusion]",
            "a place that eligibility.yaml does not have",
        ),
    ],
)
def test_a_broken_link_is_found_at_its_line(file: str, old: str, new: str, message: str) -> None:
    """The finding stands on the line that was changed and says what is wrong with it."""
    line = TEXTS[file][: TEXTS[file].index(old)].count("\n") + 1
    assert message in found(file, old, new)[line]


def test_what_nothing_uses_is_found() -> None:
    """An assumption, a form, a measure that nothing refers to is named, at its own line."""
    extra = '\nA90:\n  about: "x"\n  value: "x"\n  why: "x"\n  confirm: "x"\n  evidence: "x"\n'
    text = TEXTS["assumptions.yaml"] + extra
    (finding,) = check_texts({**TEXTS, "assumptions.yaml": text})
    assert finding.message == "nothing rests on assumption A90"
    assert finding.source is not None
    assert finding.source.line == text[: text.index("A90")].count("\n") + 1


def test_every_problem_of_every_file_comes_at_once_in_the_order_of_the_files() -> None:
    """Three files broken in three ways give three places, sorted by file and line."""
    broken = {
        **TEXTS,
        "study.yaml": TEXTS["study.yaml"].replace("target: 0.30", "target: 30", 1),
        "forms.yaml": TEXTS["forms.yaml"].replace("domain: LB", "domain: QQ", 1),
        "registry-record.txt": TEXTS["registry-record.txt"].replace("Sex: All", "Sex: Female", 1),
    }
    places = [each.source for each in check_texts(broken) if each.source]
    assert [each.file for each in places] == ["study.yaml", "forms.yaml", "trace.yaml", "registry-record.txt"]
    assert places[0].line == line_of("study.yaml", "target: 0.30")
    assert places[-1].line == line_of("registry-record.txt", "Sex: All")


def test_a_syntax_error_is_said_alone_and_does_not_make_others_up() -> None:
    """While an entry cannot be read, nothing is said of what refers to it."""
    text = TEXTS["study.yaml"].replace("start_level: DL1", 'start_level: "DL1', 1)
    (finding,) = check_texts({**TEXTS, "study.yaml": text})
    assert finding.source is not None
    assert (finding.source.file, finding.source.line) == ("study.yaml", line_of("study.yaml", "start_level"))


@pytest.mark.parametrize("name", ["i3+3", "3+3"])
def test_another_design_is_one_line_away(name: str) -> None:
    """Changing `name` is all it takes."""
    text = TEXTS["study.yaml"].replace("name: boin", f"name: {name}", 1)
    assert check_texts({**TEXTS, "study.yaml": text}) == ()


@pytest.mark.parametrize(
    "address", ["postgresql://app:hunter2@db/trials", "postgresql://db/trials?password=hunter2", "hunter2"]
)
def test_a_password_in_the_study_files_is_refused_and_not_repeated(address):
    """The finding names the line and what would be right; the text itself is not shown."""
    text = f"{TEXTS['study.yaml'].rstrip()}\ndatabase: {address}\n"
    findings = check_texts({**TEXTS, "study.yaml": text})
    assert [(each.source.file, each.source.line) for each in findings] == [("study.yaml", len(text.splitlines()))]
    assert "without a password" in findings[0].expected
    assert "hunter2" not in str(findings[0].to_json())

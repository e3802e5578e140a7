"""Breaking any line of the study files gives a finding with that file and line: tried on every line of every file.

Each operator makes one line wrong in one way. A line that no operator can make wrong fails the test too. In the long
files each line meets one of its operators in turn; CELLTRIAL_MUTATIONS=all tries all of them on every line (minutes).
"""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from celltrial.study import STUDY_FILES, check_texts, read_study_texts, shipped_study

TEXTS = read_study_texts(shipped_study())
RECORD = "registry-record.txt"
KEY = re.compile(r"(?P<lead> *(?:- )?)(?P<key>[^\s:#\"'{\[\]-][^:]*):(?P<rest>(?: .*)?)")
INNER = re.compile(r"(?<=[{ ])[a-z_0-9]+(?=: )")
ITEM = re.compile(r"(?P<lead> *- )(?P<value>[^:]+)")

# keys whose value is any text that is not blank: another text is not wrong
FREE_TEXT = frozenset(
    {
        "about",
        "area",
        "asks",
        "confirm",
        "evaluable_if",
        "evidence",
        "label",
        "reading",
        "text",
        "unit",
        "value",
        "version",
        "why",
    }
)
# names that other lines of the file use: misspelt, they are found missing where they are used
USED_BY_NAME = frozenset({"consent", "screening", "lymphodepletion", "infusion", "screening_period"})
# of the operators of a line, one in so many is tried
STEP = {"study.yaml": 4, "forms.yaml": 4, "eligibility.yaml": 8, "questions.yaml": 3, "assumptions.yaml": 2}


@dataclass(frozen=True, slots=True)
class Mutant:
    """One line made wrong: how, the whole text, and the lines at which a finding tells the reader where."""

    operator: str
    text: str
    lines: frozenset[int]


def mutants_of_yaml(lines: list[str], n: int) -> Iterator[Mutant]:
    """Every way to make line `n` (from 0) wrong."""
    line, own = lines[n], {n + 1}

    def changed(operator: str, *new: str, at: set[int] | None = None) -> Mutant:
        text = "\n".join([*lines[:n], *new, *lines[n + 1 :], ""])
        return Mutant(operator, text, frozenset(at or own))

    indent = len(line) - len(line.lstrip(" "))
    above = next((k for k in range(n - 1, -1, -1) if KEY.fullmatch(lines[k])), 0)
    match = KEY.fullmatch(line)
    # a line of a text that runs over several lines belongs to the key above
    near = {n, n + 1, n + 2} | ({above + 1} if match is None else set())
    yield changed("a quote left open", line[:indent] + '"' + line[indent:].replace('"', ""), at=near)
    if match is None:
        return
    lead, key, rest = match["lead"], match["key"], match["rest"]
    where_used = set(range(len(lines) + 1)) if key in USED_BY_NAME else None
    yield changed("key misspelt", f"{lead}{key}x:{rest}", at=where_used)
    yield changed("colon forgotten", f"{lead}{key}{rest}", at={n, n + 1, n + 2})
    inner = INNER.findall(rest)
    if rest.startswith(" {") and inner:
        chosen = inner[n % len(inner)]
        yield changed("inner key misspelt", f"{lead}{key}:{rest.replace(f'{chosen}: ', f'{chosen}x: ', 1)}")
    value = rest.split(" #")[0].strip()
    if value and value not in ('""', "{}", "[]", ">-"):
        yield changed("value blanked", f'{lead}{key}: ""')
        if key not in FREE_TEXT:
            yield changed("value garbled", f'{lead}{key}: "¿{value.strip(chr(34))}"')
        second = f"{' ' * len(lead)}{key}:{rest}"
        yield changed("key twice", line, second, at={n + 1, n + 2})


def mutants_of_record(lines: list[str], n: int) -> Iterator[Mutant]:
    """The ways to change what a line of the record says."""
    line = lines[n]
    for operator, new in (("word changed", [line + " x"]), ("letter lost", [line[:-1]]), ("line gone", [])):
        text = "\n".join([*lines[:n], *new, *lines[n + 1 :], ""])
        before = max((k for k in range(n) if lines[k].strip()), default=0)
        yield Mutant(operator, text, frozenset({n + 1, before + 1}))


def survivors(file: str, step: int) -> tuple[list[str], int]:
    """Mutants that no finding names with file and line, and how many were tried: one in `step` of each line's."""
    lines = TEXTS[file].splitlines()
    make = mutants_of_record if file == RECORD else mutants_of_yaml
    alive, tried = [], 0
    for n, line in enumerate(lines):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        mutants = list(make(lines, n))
        assert mutants, f"{file}:{n + 1}: no operator applies to {line!r}"
        for mutant in mutants[n % min(step, len(mutants)) :: step]:
            tried += 1
            findings = check_texts({**TEXTS, file: mutant.text})
            places = {each.source.line for each in findings if each.source and each.source.file == file}
            if not places & mutant.lines:
                found = sorted(filter(None, places))
                alive.append(f"{file}:{n + 1}: {mutant.operator}: {line.strip()[:60]} -> {found}")
    return alive, tried


def test_the_files_are_right_before_they_are_broken() -> None:
    """The shipped study has no finding: whatever a mutant shows comes from the mutation."""
    assert check_texts(TEXTS) == ()


@pytest.mark.parametrize("file", STUDY_FILES)
def test_breaking_any_line_is_found_at_that_line(file: str) -> None:
    """An operator on every line of the file ends in a finding that names the file and the line."""
    step = 1 if os.environ.get("CELLTRIAL_MUTATIONS") == "all" else STEP.get(file, 1)
    alive, tried = survivors(file, step)
    written = [line for line in TEXTS[file].splitlines() if line.strip() and not line.lstrip().startswith("#")]
    assert tried >= len(written)
    assert alive == []


@pytest.mark.parametrize("file", STUDY_FILES)
def test_a_missing_entry_is_found(file: str) -> None:
    """Taking a whole entry out of a file (a visit, a form, a question, a sentence) is found, whatever entry it is."""
    lines = TEXTS[file].splitlines()
    starts = [n for n, line in enumerate(lines) if re.match(r"\S", line) and not line.startswith("#")]
    unnoticed = []
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
        findings = check_texts({**TEXTS, file: "\n".join(lines[:start] + lines[end:])})
        if not any(each.source and each.source.line for each in findings):
            unnoticed.append(lines[start])
    assert unnoticed == []

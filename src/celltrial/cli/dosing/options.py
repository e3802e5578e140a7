"""What the commands of `celltrial dose` share: the options that name a design, and the design built from them."""

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from celltrial.escalation import Counts, Design

__all__ = [
    "CohortSize",
    "DesignName",
    "Doses",
    "Json",
    "Outcomes",
    "Parameters",
    "Rules",
    "Start",
    "Target",
    "build_design",
    "design_called",
    "parse_numbers",
    "parse_rules",
    "parse_settings",
    "read_outcomes",
    "require_doses",
    "split_named",
]

DesignName = Annotated[
    str, typer.Option("--design", metavar="NAME", help="a design; `celltrial dose designs` lists them")
]
Target = Annotated[float, typer.Option("--target", metavar="P", help="target DLT rate, e.g. 0.30")]
Parameters = Annotated[
    list[str], typer.Option("--parameter", metavar="NAME=VALUE", help="a parameter of the design; repeatable")
]
Rules = Annotated[
    list[str], typer.Option("--rule", metavar="NAME[:NAME=VALUE,..]", help="a rule around the design; repeatable")
]
Json = Annotated[bool, typer.Option("--json", help="one JSON document on stdout")]
Doses = Annotated[int, typer.Option("--doses", metavar="D", help="how many dose levels")]
CohortSize = Annotated[int, typer.Option("--cohort-size", metavar="K", help="participants evaluated together")]
Start = Annotated[int, typer.Option("--start", help="the starting level, from 1")]
Outcomes = Annotated[
    str,
    typer.Option(
        "--outcomes", metavar='"1NNN 2NNT"', help="what has been seen: level, then N (no DLT) or T (DLT) for each"
    ),
]

# other spellings of the designs' names, as papers and packages write them
_SPELLINGS = {
    "3plus3": "3+3",
    "aplusb": "a+b",
    "i3plus3": "i3+3",
    "mtpi2": "mtpi-2",
    "titeboin": "tite-boin",
    "titecrm": "tite-crm",
    "bfboin": "bf-boin",
    "rolling6": "rolling-6",
    "rollingsix": "rolling-6",
}
# a comma between settings, not one inside a list of numbers: skeleton=0.1,0.2,nu=2
_BETWEEN = re.compile(r",(?=\s*[A-Za-z_]+=)")


def design_called(name: str) -> str:
    """The name as `design_named` knows it: `titeboin`, `TITE-BOIN` and `tite-boin` are one."""
    lower = name.lower()
    return _SPELLINGS.get(re.sub(r"[-_ ]", "", lower), lower)


def build_design(name: str, target: float, parameters: Sequence[str], rules: Sequence[str]) -> "Design":
    """The design that the options name. Raises UsageError with every finding."""
    from celltrial.escalation import design_named

    return design_named(
        design_called(name), target=target, parameters=parse_settings(parameters), rules=parse_rules(rules)
    )


def parse_rules(rules: Sequence[str]) -> list[tuple[str, dict[str, float | str]]]:
    """`NAME:NAME=VALUE,..` as name and numbers."""
    return [split_named(rule) for rule in rules]


def split_named(text: str) -> tuple[str, dict[str, float | str]]:
    """A name and its settings: `crm:half_width=0.06,nu=2`."""
    name, _, settings = text.partition(":")
    return name, parse_settings(_BETWEEN.split(settings))


def parse_settings(words: Sequence[str]) -> dict[str, float | str]:
    """`NAME=VALUE` pairs; a value that reads as a number is one."""
    from celltrial.errors import Finding, UsageError

    pairs = [word.strip().partition("=") for word in words if word.strip()]
    problems = [
        Finding(message="not a setting", found=repr("".join(pair)), expected="NAME=VALUE, e.g. p_tox=0.42")
        for pair in pairs
        if not all(pair)
    ]
    if problems:
        raise UsageError(problems)
    return {name: _number_or_text(value) for name, _, value in pairs}


def _number_or_text(text: str) -> float | str:
    try:
        return float(text)
    except ValueError:
        return text


def parse_numbers(text: str, what: str = "rates") -> tuple[float, ...]:
    """Numbers with commas or blanks between them."""
    from celltrial.errors import Finding, UsageError

    try:
        return tuple(float(word) for word in text.replace(",", " ").split())
    except ValueError:
        finding = Finding(
            message=f"not a list of {what}", found=repr(text), expected="numbers with commas, 0.1,0.2,0.3"
        )
        raise UsageError(finding) from None


def read_outcomes(text: str, *, doses: int | None, start: int) -> "Counts":
    """The counts after the outcomes. Raises UsageError without `doses`: levels nobody was treated at count too."""
    from celltrial.escalation.notation import read_history

    return read_history(text, levels=require_doses(doses), start=start)


def require_doses(doses: int | None) -> int:
    """How many levels. Raises UsageError where that was not said: it is not guessed from the outcomes."""
    from celltrial.errors import Finding, UsageError

    if doses is None:
        raise UsageError(
            Finding(
                message="the number of dose levels is not known",
                expected="--doses D beside --outcomes",
                next_step="say how many levels the study has, those nobody was treated at included",
            )
        )
    return doses

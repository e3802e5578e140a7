"""What every command that writes asks for: who, in which role, at which time; and the options that say so."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from celltrial.errors import Finding, UsageError

if TYPE_CHECKING:
    from celltrial.decisions.trial import Trial
    from celltrial.record import Author

__all__ = ["AsJson", "Person", "Role", "StudyFolder", "author", "moment", "now"]

StudyFolder = Annotated[Path, typer.Argument(metavar="STUDY", help="A study folder with its record")]
Person = Annotated[
    str, typer.Option(envvar="CELLTRIAL_PERSON", help="Who writes; the account of this computer if not given")
]
Role = Annotated[str, typer.Option(envvar="CELLTRIAL_ROLE", help="In which role of the study")]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON document on stdout")]


def author(trial: "Trial", person: str, role: str) -> "Author":
    import getpass

    from celltrial.codes import PersonId
    from celltrial.record import Author

    return Author(person=PersonId(person or getpass.getuser().lower()), role=role, site=trial.study.site.id)


def now(trial: "Trial") -> datetime:
    """The clock; in a simulated record, whose time is virtual, not before its last event."""
    state, clock = trial.record.state(), datetime.now(UTC)
    return max(clock, state.as_of) if state.is_simulated and state.as_of else clock


def moment(trial: "Trial", text: str) -> datetime | None:
    """The end of what `text` may stand for: a day is taken whole."""
    from celltrial.studyday import parse_partial_date

    if not text:
        return None
    # recorded time has parts of a second
    latest = parse_partial_date(text, trial.study.site.zone).latest.replace(microsecond=999_999)
    if latest > now(trial):
        raise UsageError(
            Finding(
                message="a cut cannot freeze what is not recorded yet",
                found=text,
                expected="a day that is over, or a time",
            )
        )
    return latest

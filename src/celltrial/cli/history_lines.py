"""The histories of data as lines for people and as a document; nothing is cut off."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from celltrial.record import Event, TrialState
    from celltrial.record.history import DatumHistory, Value
    from celltrial.study import Study

__all__ = ["history_document", "print_histories"]


def print_histories(study: "Study", subject: str, histories: "Sequence[DatumHistory]") -> None:
    """A heading a datum; under it each value it has had, in the order written, and what has touched it since."""
    from rich.text import Text

    from celltrial.cli.console import stdout_console

    console = stdout_console()
    for datum in histories:
        standing = "" if datum.standing else "   no standing value: entered in error"
        console.print(Text(f"{subject}  {datum.name}", style="bold").append(standing, style="bold red"), soft_wrap=True)
        for value in datum.values:
            style = "green" if value.stands else "default"
            console.print(Text(f"  {'is ' if value.stands else 'was'}  ").append(_shown(value), style), soft_wrap=True)
            for line in (_written(study, value.how, value.event), f"why: {value.event.why}", *_remarks(value)):
                console.print(Text(f"         {line}", style="dim"), soft_wrap=True)
        for touch in datum.touches:
            state = f" ({touch.state})" if touch.state else ""
            console.print(Text(f"    *  {touch.kind}: {touch.says}{state}"), soft_wrap=True)
            for line in (_written(study, "", touch.event), f"why: {touch.event.why}"):
                console.print(Text(f"         {line}", style="dim"), soft_wrap=True)
        console.print()


def history_document(
    study: "Study", state: "TrialState", subject: str, histories: "Sequence[DatumHistory]"
) -> dict[str, object]:
    """The same as one JSON document."""
    return {
        "study": study.id,
        "subject": subject,
        "as_of": state.as_of.isoformat() if state.as_of else None,
        "head": state.head,
        "data": [
            {
                "datum": datum.name,
                "place": list(datum.place),
                "path": datum.path,
                "standing": datum.standing.text if datum.standing else None,
                "values": [_value_document(study, value) for value in datum.values],
                "touches": [
                    {
                        "kind": touch.kind,
                        "says": touch.says,
                        "state": touch.state,
                        **_event_document(study, touch.event),
                    }
                    for touch in datum.touches
                ],
            }
            for datum in histories
        ],
    }


def _value_document(study: "Study", value: "Value") -> dict[str, object]:
    return {
        "value": value.text,
        "how": value.how,
        "stands": value.stands,
        "happened": value.happened,
        "redacted_by": value.redacted_by.seq if value.redacted_by else None,
        **_event_document(study, value.event),
    }


def _event_document(study: "Study", event: "Event") -> dict[str, object]:
    from celltrial.record.envelope import format_instant

    author = event.author
    return {
        "event": event.seq,
        "person": str(author.person),
        "printed_name": author.printed_name,
        "role": author.role,
        "site": author.site,
        "recorded_at": format_instant(event.recorded_at),
        "recorded_at_site": _there(study, event.recorded_at).isoformat(),
        "source_at": event.source_at,
        "via": event.via,
        "why": event.why,
        "hash": event.hash,
    }


def _shown(value: "Value") -> str:
    if value.how == "entered in error":
        return "the whole entry marked as entered in error"
    return value.text.replace("\n", "\n       ") or "(blank)"


def _written(study: "Study", how: str, event: "Event") -> str:
    """How, by which event, when on the site's clock and in UTC, by whom."""
    author = event.author
    name = f"{author.printed_name} ({author.person})" if author.printed_name else str(author.person)
    there = _there(study, event.recorded_at)
    utc = f"{event.recorded_at:%H:%M:%S} UTC"
    when = f"{there:%Y-%m-%d %H:%M:%S} {study.site.zone.key} = {utc}"
    return f"{how} #{event.seq}, {when}, by {name}, {author.role}, site {author.site}".lstrip()


def _remarks(value: "Value") -> list[str]:
    """When it happened, where it was first written down, from which file, and who made it unreadable."""
    remarks = [f"happened {value.happened}"] if value.happened else []
    if value.event.source_at:
        remarks.append(f"first written down {value.event.source_at}")
    if value.event.via:
        remarks.append(f"from {value.event.via}")
    if value.redacted_by is not None:
        remarks.append(f"made unreadable by #{value.redacted_by.seq}")
    return remarks


def _there(study: "Study", moment: "datetime") -> "datetime":
    return moment.astimezone(study.site.zone)

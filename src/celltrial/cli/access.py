"""`celltrial access`, `life`, `sign` and `signatures`: who may do what, where each stands, what is signed."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from celltrial.cli.console import print_json, print_table
from celltrial.cli.writing import AsJson, Person, Role, StudyFolder, author, moment, now
from celltrial.errors import Finding, RefusedError

if TYPE_CHECKING:
    from celltrial.codes import PersonId
    from celltrial.decisions.access import Delegation, Reauthenticate, SigningRequest
    from celltrial.decisions.trial import Trial

__all__ = ["register"]

_NO_LOG = "no delegation log: roles are as claimed, not checked (docs/access.md)"
AsOf = Annotated[str, typer.Option(help="As the record stood then (ISO 8601); now if not given")]


def register(app: typer.Typer) -> None:
    """Add the commands on access, signatures and the participants' lives."""
    app.command("access", help="Who holds which role, and the table of roles, actions and states.")(_access)
    app.command("life", help="Where each participant stands, and who has to do what next.")(_life)
    app.command("sign", help="Sign events: what they say is shown, the signer is asked again, with a meaning.")(_sign)
    app.command("signatures", help="Every signature: standing, or fallen and why.")(_signatures)


def _access(
    words: Annotated[list[str], typer.Argument(metavar="[review] STUDY", help="`review` for the periodic review")],
    as_json: AsJson = False,
) -> None:
    from celltrial.cli.trials import open_trial
    from celltrial.decisions.access import has_delegation_log, review_access, study_state

    is_review = words[0] == "review" and len(words) > 1
    trial = open_trial(Path(words[-1]))
    state = trial.record.state()
    at = now(trial)
    lines = review_access(trial.study, state, trial.record.events(), at.astimezone(trial.study.site.zone).date())
    has_log = has_delegation_log(state)
    if as_json:
        document = {
            "study_state": study_state(state),
            "delegation_log": has_log,
            "note": "" if has_log else _NO_LOG,
            "people": [each.to_json() for each in lines],
        }
        print_json(document if is_review else document | {"permissions": _table_rows(trial)})
        return
    typer.echo(f"state of the study: {study_state(state)}" + ("" if has_log else f"\n{_NO_LOG}"))
    if is_review:
        _print_review(lines, str(at.date()))
    else:
        _print_people(lines)
        _print_permissions(trial)


def _life(
    study: StudyFolder,
    subject: Annotated[str, typer.Argument(help="One participant; all if not given")] = "",
    as_of: AsOf = "",
    as_json: AsJson = False,
) -> None:
    from celltrial.cli.trials import open_trial
    from celltrial.decisions.life import life_states

    trial = open_trial(study)
    known = moment(trial, as_of)
    found = life_states(trial.study, trial.record.state(known), as_of=known or now(trial))
    chosen = [each for each in found if subject in ("", each.subject)]
    if subject and not chosen:
        from celltrial.errors import UsageError

        names = ", ".join(str(each.subject) for each in found) or "nobody yet"
        raise UsageError(Finding(message=f"no such participant: {subject}", expected=f"one of: {names}"))
    if as_json:
        print_json({"participants": [each.to_json() for each in chosen]})
        return
    rows = (
        (
            each.subject,
            each.state,
            f"{each.since:%Y-%m-%d} #{each.event}" if each.since else "",
            each.owner + (f" ({', '.join(each.people)})" if each.people else ""),
            each.next_step,
            "\n".join((*each.waits_for, *each.notes)),
        )
        for each in chosen
    )
    print_table("Where each stands", ("subject", "state", "since", "owner", "next", "waits for; notes"), rows)


def _sign(
    study: StudyFolder,
    events: Annotated[list[int], typer.Argument(metavar="SEQ...", help="The numbers of the events")],
    meaning: Annotated[str, typer.Option(help="What the signature means, in words")],
    person: Person = "",
    role: Role = "investigator",
    as_json: AsJson = False,
) -> None:
    from celltrial.cli.trials import open_trial
    from celltrial.decisions.access import sign

    trial = open_trial(study)
    who = author(trial, person, role)
    hook = _own_account(trial, is_quiet=as_json)
    event = sign(trial.record, events, meaning=meaning, author=who, at=now(trial), reauthenticate=hook)
    if as_json:
        print_json({"event": event.seq, "head": event.hash, "signature": dict(event.payload)})
        return
    typer.echo(f"signed as event {event.seq} by {event.payload['printed_name']}: {meaning}\nhead {event.hash}")


def _signatures(
    study: StudyFolder,
    subject: Annotated[str, typer.Argument(help="One participant; all signatures if not given")] = "",
    as_json: AsJson = False,
) -> None:
    from celltrial.cli.review import find_subject
    from celltrial.cli.trials import open_trial
    from celltrial.decisions.access import list_signatures

    trial = open_trial(study)
    whose = find_subject(trial, subject)
    lines = [each for each in list_signatures(trial.study, trial.record.state()) if whose in (None, each.subject)]
    if as_json:
        print_json({"signatures": [each.to_json() for each in lines]})
        return
    rows = (
        (each.seq, each.covers, each.signer, each.role, f"{each.at:%Y-%m-%d %H:%M}", each.meaning, each.told())
        for each in lines
    )
    fallen = sum(not each.status.is_standing for each in lines)
    print_table("Signatures", ("event", "covers", "signer", "role", "at (UTC)", "meaning", "status"), rows)
    typer.echo(f"{len(lines)} signatures, {fallen} fallen")


def _own_account(trial: "Trial", *, is_quiet: bool) -> "Reauthenticate":
    """At a terminal nobody else can be asked: the account of this computer is the person, and types the id again."""
    import getpass
    import sys

    is_simulated = trial.record.state().is_simulated
    account = getpass.getuser().lower()

    def ask(person: "PersonId", request: "SigningRequest") -> str:
        if not is_quiet:
            typer.echo(
                "\n".join((*request.lines, f"content {request.content_hash}", f"head    {request.head}")), err=True
            )
            typer.echo(f"meaning: {request.meaning}", err=True)
        if is_simulated:
            return f"simulated record: {person} as claimed by account {account}"
        if person != account:
            raise RefusedError(
                Finding(
                    message="only the own signature can be given",
                    found=f"{person}, asked for by the account {account}",
                    expected=f"{account}",
                    rule="21 CFR 11.200(a)(2): a signature is used only by its owner",
                    next_step="let the person sign under the own account of this computer",
                )
            )
        if sys.stdin.isatty() and typer.prompt("type your id to sign", err=True) != person:
            raise RefusedError(Finding(message="the id typed is not the signer's; nothing is signed"))
        return f"account {account} of this computer" + (", id typed again" if sys.stdin.isatty() else "")

    return ask


def _print_people(lines: "tuple[Delegation, ...]") -> None:
    rows = (
        (
            each.person,
            each.printed_name,
            each.role,
            each.site,
            f"{each.since} to {each.until or 'no end'}",
            each.status,
            "\n".join((*each.problems, *each.notices)) or "in order",
        )
        for each in lines
    )
    if lines:
        print_table("Delegation log", ("person", "name", "role", "site", "from, to", "status", "training"), rows)


def _print_review(lines: "tuple[Delegation, ...]", day: str) -> None:
    rows = (
        (
            each.person,
            each.role,
            each.since,
            each.status,
            f"{each.last_write:%Y-%m-%d}" if each.last_write else "never",
            "\n".join((*each.problems, *each.notices)) or "nothing",
        )
        for each in lines
    )
    print_table(f"Review of access on {day}", ("person", "role", "since", "status", "last write", "to do"), rows)


def _print_permissions(trial: "Trial") -> None:
    from celltrial.decisions.access import ACTIONS, STUDY_STATES, permissions

    table = permissions(trial.study)
    roles = [each.id for each in trial.study.roles]
    rows = []
    for action in ACTIONS:
        may = [role for role in roles if table[role, action, "open"].allowed]
        states = [state for state in STUDY_STATES if may and table[may[0], action, state].allowed]
        rows.append((action, ", ".join(may), "all" if len(states) == len(STUDY_STATES) else ", ".join(states)))
    print_table("Permissions (reasons: --json)", ("action", "roles", "states of the study"), rows)


def _table_rows(trial: "Trial") -> list[dict[str, object]]:
    from celltrial.decisions.access import permissions

    return [
        {"role": role, "action": action, "state": state, "allowed": cell.allowed, "reason": cell.reason}
        for (role, action, state), cell in permissions(trial.study).items()
    ]

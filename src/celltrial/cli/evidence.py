"""`celltrial checkpoint`, `key`, `evidence`: proof of the record that does not rest on its database."""

import json
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from celltrial.cli.console import print_json
from celltrial.cli.trials import PASSPHRASE, checkpoints_elsewhere, key_folder, open_trial, passphrase, warn
from celltrial.cli.writing import AsJson, Person, Role, StudyFolder, author, now
from celltrial.errors import CelltrialError, Finding, RefusedError, UsageError

if TYPE_CHECKING:
    from celltrial.decisions.trial import Trial
    from celltrial.record.bodies import CheckpointKey
    from celltrial.record.evidence.checkpoints import Checkpoint
    from celltrial.record.evidence.signed_note import VerifierKey
    from celltrial.record.evidence.signing_keys import SigningKey

__all__ = ["latest_line", "register", "ship_evidence", "sign_what_is_new"]

_RULE = "docs/evidence.md, Keys"
Ask = Annotated[bool, typer.Option("--passphrase", help=f"Ask for a passphrase ({PASSPHRASE} gives it unasked)")]


def register(app: typer.Typer) -> None:
    """Add the commands of the evidence."""
    app.command("checkpoint", help="Sign how many events there are and their root, and keep it outside the record.")(
        _checkpoint
    )
    app.command("evidence", help="What an inspector is given: events, checkpoints, keys, and a verifier of one file.")(
        _evidence
    )
    keys = typer.Typer(help="The key that signs checkpoints.", no_args_is_help=True)
    keys.command("create", help="Make the first key, put it on record, and sign the first checkpoint.")(_create)
    keys.command("rotate", help="Replace the key: the old one signs the new one.")(_rotate)
    keys.command("show", help="Every key of the record with its fingerprint, to print and hand over.")(_show)
    keys.command("retire", help="End the key that is in use: it signs nothing from now on.")(_retire)
    app.add_typer(keys, name="key")


def _checkpoint(
    study: StudyFolder,
    to: Annotated[Path | None, typer.Option(metavar="DIR", help="Keep it there; default: as docs/evidence.md")] = None,
    as_json: AsJson = False,
) -> None:
    from celltrial.record.evidence.automatic import find_key, sign_now
    from celltrial.record.evidence.checkpoints import checkpoint_line

    # the clock first: what is recorded after this moment may be missing
    trial = open_trial(study)
    at = now(trial)
    key = find_key(trial.record, key_folder(), passphrase=passphrase())
    if key is None:
        raise UsageError(_no_key(trial))
    checkpoint, path = sign_now(trial.record, to or _folder(trial, study), key, at)
    if as_json:
        print_json(_document(checkpoint, key.verifier) | {"file": str(path)})
        return
    typer.echo(f"{checkpoint_line(checkpoint, key.verifier)}\n{path}")


def _create(
    study: StudyFolder,
    ask: Ask = False,
    person: Person = "",
    role: Role = "data_manager",
    as_json: AsJson = False,
) -> None:
    from celltrial.record.bodies import CheckpointKey
    from celltrial.record.evidence.automatic import sign_now
    from celltrial.record.evidence.key_history import key_in_use, origin_of_state
    from celltrial.record.evidence.signing_keys import create_key

    trial = open_trial(study)
    state = trial.record.state()
    in_use = key_in_use(state)
    if in_use is not None:
        raise RefusedError(
            Finding(
                message="the record has a key already",
                found=in_use.fingerprint,
                rule=_RULE,
                next_step="replace it: celltrial key rotate; or end it: celltrial key retire",
            )
        )
    key = create_key(key_folder(), origin_of_state(state), passphrase=_passphrase(ask))
    _append(trial, CheckpointKey(key=str(key.verifier)), "a key for checkpoints", person, role)
    _, path = sign_now(trial.record, _folder(trial, study), key, now(trial))
    _print_key(key, path, as_json=as_json)


def _rotate(
    study: StudyFolder,
    ask: Ask = False,
    person: Person = "",
    role: Role = "data_manager",
    as_json: AsJson = False,
) -> None:
    from celltrial.record.evidence.automatic import find_key, sign_now
    from celltrial.record.evidence.key_history import origin_of_state, rotate
    from celltrial.record.evidence.signing_keys import create_key

    trial = open_trial(study)
    old = find_key(trial.record, key_folder(), passphrase=passphrase())
    if old is None:
        raise UsageError(_no_key(trial))
    folder = _folder(trial, study)
    # the old key's last word, so that nothing lies between the two
    sign_now(trial.record, folder, old, now(trial))
    new = create_key(key_folder(), origin_of_state(trial.record.state()), passphrase=_passphrase(ask))
    _append(trial, rotate(old, new.verifier), "the checkpoint key is replaced", person, role)
    _, path = sign_now(trial.record, folder, new, now(trial))
    _print_key(new, path, as_json=as_json, replaced=old.verifier.fingerprint)


def _retire(
    study: StudyFolder,
    compromised: Annotated[bool, typer.Option("--compromised", help="Somebody else may have it")] = False,
    key: Annotated[str, typer.Option(help="The fingerprint of an earlier key; default: the one in use")] = "",
    why: Annotated[str, typer.Option(help="What happened")] = "",
    person: Person = "",
    role: Role = "data_manager",
    as_json: AsJson = False,
) -> None:
    from celltrial.record.bodies import CheckpointKey
    from celltrial.record.evidence.key_history import keys_of_state

    trial = open_trial(study)
    keys, _ = keys_of_state(trial.record.state())
    digits = key.replace(" ", "").lower()
    named = [each for each in keys if (each.verifier.fingerprint.replace(" ", "") == digits if key else not each.until)]
    if not named:
        raise UsageError(Finding(message="no such key", found=key or "no key in use", next_step="celltrial key show"))
    if compromised and not why.strip():
        raise UsageError(Finding(message="say what happened to the key", expected="--why TEXT", rule=_RULE))
    status = "compromised" if compromised else "retired"
    body = CheckpointKey(key=str(named[0].verifier), status="compromised" if compromised else "retired")
    event = _append(trial, body, why.strip() or "the checkpoint key is retired", person, role)
    if as_json:
        print_json({"event": event, "fingerprint": named[0].verifier.fingerprint, "status": status})
        return
    typer.echo(f"event {event}: key {named[0].verifier.fingerprint} is {status}; no checkpoint is signed without a key")
    typer.echo("next: celltrial key create, and hand the new fingerprint over on paper")


def _show(study: StudyFolder, as_json: AsJson = False) -> None:
    from celltrial.record.evidence.key_history import keys_of_state
    from celltrial.record.evidence.signing_keys import key_path

    trial = open_trial(study)
    keys, _ = keys_of_state(trial.record.state())
    if as_json:
        print_json(
            {
                "keys": [
                    {
                        "key": str(each.verifier),
                        "fingerprint": each.verifier.fingerprint,
                        "since": each.since,
                        "until": each.until,
                        "status": each.ended or "in use",
                        "vouched_by": None if each.vouched_by is None else each.vouched_by.fingerprint,
                    }
                    for each in keys
                ]
            }
        )
        return
    if not keys:
        typer.echo("the record has no checkpoint key: a cut tail or a rebuilt chain cannot be seen")
        typer.echo(f"next: celltrial key create {study}")
    for each in keys:
        end = f"{each.ended} by event {each.until}" if each.until else "in use"
        vouched = f"signed by {each.vouched_by.fingerprint}" if each.vouched_by else "a first key: compare it on paper"
        path = key_path(key_folder(), each.verifier)
        here = f"private key {path}" if path.is_file() else "its private key is not on this computer"
        typer.echo(
            f"{each.verifier.fingerprint}   since event {each.since}, {end}\n  {each.verifier}\n  {vouched}; {here}"
        )


def _evidence(
    study: StudyFolder,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="A folder, or a file that ends in .zip")] = None,
    event: Annotated[int | None, typer.Option(help="Only the proof of this event, as JSON")] = None,
    as_json: AsJson = False,
) -> None:
    from celltrial.record.evidence.bundle import prove_event, write_evidence, write_evidence_zip
    from celltrial.record.evidence.folder import read_checkpoints

    trial = open_trial(study)
    sign_what_is_new(trial, study)
    rows, files = trial.record.rows(), read_checkpoints(_folder(trial, study))
    if event is not None:
        proof = prove_event(rows, files, event)
        if out is None:
            print_json(proof)
        else:
            out.write_text(json.dumps(proof, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
            typer.echo(f"{out}: event {event} and its proof; check it: python3 verify_record.py {out.name}")
        return
    if out is None:
        raise UsageError(Finding(message="where to?", expected="-o DIR, or -o FILE.zip", next_step="name one"))
    write = write_evidence_zip if out.suffix == ".zip" else write_evidence
    done = write(rows, files, out, study=trial.study.id, made_at=now(trial))
    if as_json:
        counts = {"events": done.events, "checkpoints": done.checkpoints}
        print_json({"path": str(out), "root": done.root} | counts)
        return
    typer.echo(f"{out}: {done.events} events, {done.checkpoints} checkpoints, root {done.root[:16]}")
    typer.echo(f"check it: python3 {out / 'verify_record.py' if out.suffix != '.zip' else f'verify_record.py {out}'}")


def ship_evidence(trial: "Trial", study: Path, out: Path, data: Iterable[Path], at: datetime) -> str:
    """Put the evidence beside exported data, whose hashes it holds too; returns what to print."""
    from celltrial.record.evidence.bundle import EVIDENCE, write_evidence
    from celltrial.record.evidence.folder import read_checkpoints

    sign_what_is_new(trial, study)
    rows, files = trial.record.rows(), read_checkpoints(_folder(trial, study))
    done = write_evidence(rows, files, out / EVIDENCE, study=trial.study.id, made_at=at, data=data)
    return f"{done.path}: {done.events} events, {done.checkpoints} checkpoints; check: python3 verify_record.py"


def sign_what_is_new(trial: "Trial", study: Path) -> None:
    """A checkpoint before something leaves the house, where there are events without one and the key is at hand."""
    from celltrial.record.evidence.automatic import find_key, is_simulated, require_consistent, sign_now
    from celltrial.record.evidence.comparison import compare_rows
    from celltrial.record.evidence.folder import read_checkpoints

    folder, at = _folder(trial, study), now(trial)
    try:
        key = find_key(trial.record, key_folder(), passphrase=passphrase())
        rows = trial.record.rows()
        if key is not None and compare_rows(rows, read_checkpoints(folder)).window:
            require_consistent(rows, folder, may_begin=is_simulated(trial.record))
            sign_now(trial.record, folder, key, at)
    except CelltrialError as error:
        # what leaves shows what is wrong: its verifier says so
        warn(error.findings)


def latest_line(trial: "Trial", study: Path) -> str:
    """The record's last checkpoint that holds, as it is printed on signed documents; says so where there is none."""
    from celltrial.record.evidence.checkpoints import checkpoint_line
    from celltrial.record.evidence.comparison import compare_rows
    from celltrial.record.evidence.folder import read_checkpoints

    compared = compare_rows(trial.record.rows(), read_checkpoints(_folder(trial, study)))
    return checkpoint_line(compared.latest, compared.latest_key)


def _folder(trial: "Trial", study: Path) -> Path:
    from celltrial.record.evidence.automatic import checkpoint_folder
    from celltrial.record.evidence.folder import FOLDER

    return checkpoint_folder(trial.record, study / FOLDER, checkpoints_elsewhere())


def _append(trial: "Trial", body: "CheckpointKey", why: str, person: str, role: str) -> int:
    from celltrial.record import Draft

    drafts = [Draft(body=body, why=why)]
    return trial.record.append(drafts, author=author(trial, person, role), at=now(trial))[0].seq


def _passphrase(ask: bool) -> bytes | None:
    if ask and passphrase() is None:
        return typer.prompt("passphrase of the new key", hide_input=True, confirmation_prompt=True).encode() or None
    return passphrase()


def _print_key(key: "SigningKey", checkpoint: Path, *, as_json: bool, replaced: str = "") -> None:
    from celltrial.record.evidence.signing_keys import key_path

    path = key_path(key_folder(), key.verifier)
    if as_json:
        files = {"private_key": str(path), "checkpoint": str(checkpoint)}
        print_json({"key": str(key.verifier), "fingerprint": key.verifier.fingerprint, "replaces": replaced} | files)
        return
    typer.echo(f"private key   {path}   only its owner can read it; keep a copy in a safe, not beside the record")
    typer.echo(f"checkpoint    {checkpoint}")
    typer.echo(f"fingerprint   {key.verifier.fingerprint}   print it and hand it over: it is what others check against")
    if replaced:
        typer.echo(f"the old key, {replaced}, signs nothing any more: destroy its file")


def _no_key(trial: "Trial") -> Finding:
    from celltrial.record.evidence.key_history import key_in_use

    in_use = key_in_use(trial.record.state())
    return Finding(
        message="there is no key to sign with",
        found=f"the key in use is not in {key_folder()}" if in_use else "the record has no key in use",
        expected=in_use.fingerprint if in_use else "",
        rule=_RULE,
        next_step="set CELLTRIAL_KEYS, or bring the key's file" if in_use else "make one: celltrial key create STUDY",
    )


def _document(checkpoint: "Checkpoint", key: "VerifierKey") -> dict[str, object]:
    return {
        "size": checkpoint.size,
        "root": checkpoint.root.hex(),
        "head": checkpoint.head,
        "at": f"{checkpoint.at:%Y-%m-%dT%H:%M:%SZ}",
        "key": key.fingerprint,
    }

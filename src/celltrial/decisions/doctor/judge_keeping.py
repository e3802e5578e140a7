"""Whether the record is well kept: whole, sealed, delegated, checkpointed, backed up, its redactions finished."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from celltrial.decisions.access.people import has_delegation_log
from celltrial.decisions.doctor.facts import FileFacts
from celltrial.decisions.doctor.findings import Check, fine, refused, warning
from celltrial.errors import Finding
from celltrial.record import TrialState, Verification
from celltrial.record.bodies import BackupDrill, Redaction, RedactionApproval

__all__ = [
    "check_checkpoints",
    "check_delegation_log",
    "check_drill",
    "check_key_file",
    "check_redactions",
    "check_study_files",
    "check_whole",
]

# the house's: a quarter of a year between drills, a day between checkpoints
_DRILL_DAYS = 90
_CHECKPOINT_HOURS = 24
_REDACTION_DAYS = 7


def check_whole(verified: Verification) -> Check:
    """Every hash, link and line of the projection."""
    if verified.ok:
        return fine("record", f"whole: {verified.events} events, head {verified.head[:16]}")
    first = verified.findings[0]
    return refused(
        "record",
        f"the record is NOT whole: {first.message}",
        found=f"{len(verified.findings)} findings; the first: {first.where or first.found}",
        next_step="celltrial verify STUDY names them all; keep the file as it is, restore the last backup beside it",
    )


def check_study_files(findings: Sequence[Finding], *, has_seal: bool) -> Check:
    """The study files load, and are what was sealed."""
    if findings:
        return refused(
            "study files",
            f"not as they were sealed, or not readable: {findings[0].message}",
            found=f"{len(findings)} findings",
            next_step="celltrial check STUDY names them all",
        )
    if not has_seal:
        return warning(
            "study files", "no version is sealed", found="no seal.json", next_step="celltrial check STUDY --seal"
        )
    return fine("study files", "as sealed")


def check_delegation_log(state: TrialState, *, is_simulated: bool) -> Check:
    """Roles are granted by name; without a log they are taken as claimed."""
    if has_delegation_log(state):
        return fine("delegation log", "there is one")
    if is_simulated:
        return fine("delegation log", "none; a simulated record")
    return warning(
        "delegation log",
        "nobody has been granted a role: who writes is taken at their word",
        found="no role_grant",
        rule="ICH E6(R3) 2.3.3; 21 CFR 11.10(g)",
        next_step="write the log: celltrial access STUDY",
    )


def check_checkpoints(
    state: TrialState, last_at: datetime | None, now: datetime, *, has_key: bool, is_simulated: bool
) -> Check:
    """A signed checkpoint of a day ago at the latest, where anything was written since."""
    name = "checkpoints"
    if not has_key:
        if is_simulated:
            return fine(name, "no key; a simulated record")
        return warning(
            name,
            "nothing outside the record proves it: whoever can write the file can rewrite it unseen",
            found="no key on record",
            rule="docs/evidence.md",
            next_step="celltrial key create STUDY",
        )
    if last_at is None:
        return warning(
            name,
            "no checkpoint is kept where they are looked for",
            found="none",
            next_step="celltrial checkpoint STUDY; or name their folder: CELLTRIAL_CHECKPOINTS",
        )
    found = f"the last of {last_at:%Y-%m-%d %H:%M} UTC"
    newer = state.as_of is not None and state.as_of > last_at
    if newer and now - last_at > timedelta(hours=_CHECKPOINT_HOURS) and not is_simulated:
        return warning(
            name,
            "events of more than a day are under no checkpoint: they could be taken away unseen",
            found=found,
            expected="one a day while the record grows",
            next_step="celltrial checkpoint STUDY",
        )
    return fine(name, found)


def check_key_file(key: FileFacts | None, folder: FileFacts | None, *, is_beside_record: bool) -> Check:
    """The private key: its owner's alone, and not where the record is."""
    if key is None or folder is None:
        return fine("signing key", "not on this computer")
    found = f"{key.path}: mode {key.mode & 0o777:o}, its folder {folder.mode & 0o777:o}"
    if key.mode & 0o077 or folder.mode & 0o022:
        return refused(
            "signing key",
            "others can read or replace the key: they could sign another history",
            found=found,
            expected="mode 600, in a folder of mode 700",
            rule="docs/evidence.md, Keys",
            next_step=f"chmod 600 {key.path}; may it have been copied: celltrial key retire --compromised",
        )
    if is_beside_record:
        return warning(
            "signing key",
            "the key is in the study folder: who takes the record takes the key",
            found=found,
            rule="docs/evidence.md, Keys",
            next_step="move it to a folder of its own, named in CELLTRIAL_KEYS",
        )
    return fine("signing key", found)


def check_drill(state: TrialState, now: datetime, *, is_simulated: bool) -> Check:
    """A backup was restored and verified within the last 90 days, and was whole."""
    name, rule = "backup drill", "ICH E6(R3) 4.3.3(d): backup and restoration are tested periodically"
    drills = state.entries(BackupDrill)
    if not drills:
        if is_simulated:
            return fine(name, "none; a simulated record")
        return warning(name, "no backup was ever tried out", found="none", rule=rule, next_step="celltrial drill STUDY")
    last = drills[-1]
    found = f"event {last.seq} of {last.event.recorded_at:%Y-%m-%d}, whole: {last.body.whole}"
    if last.body.whole == "no":
        return refused(
            name,
            "the last backup could not be restored",
            found=f"{found}: {last.body.findings[:120]}",
            rule=rule,
            next_step="mend what it found, then celltrial drill STUDY",
        )
    if now - last.event.recorded_at > timedelta(days=_DRILL_DAYS) and not is_simulated:
        expected = f"one in {_DRILL_DAYS} days"
        return warning(
            name,
            "the last drill is long ago",
            found=found,
            expected=expected,
            rule=rule,
            next_step="celltrial drill STUDY",
        )
    return fine(name, found)


def check_redactions(state: TrialState, now: datetime) -> Check:
    """Every text that one person asked to redact has been looked at by a second."""
    approved = {entry.body.redaction for entry in state.entries(RedactionApproval)}
    waiting = [entry for entry in state.entries(Redaction) if entry.seq not in approved]
    if not waiting:
        return fine("redactions", "none waits")
    found = f"event {waiting[0].seq} of {waiting[0].event.recorded_at:%Y-%m-%d}, {len(waiting)} in all"
    if now - waiting[0].event.recorded_at > timedelta(days=_REDACTION_DAYS):
        return warning(
            "redactions",
            "a text that is said to be personal can still be read: nobody has approved its redaction",
            found=found,
            next_step="a second person approves it: celltrial redact, or lets it stand",
        )
    return fine("redactions", f"{found}, waits for a second person")

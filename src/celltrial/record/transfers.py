"""Data that come in and go out, reconciled: what was to be moved, what was counted afterwards, under which hash.

Source: ICH E6(R3) 4.2.5: transferred data are reconciled.
"""

import re
from collections.abc import Iterator
from typing import Literal

from celltrial.errors import Finding
from celltrial.record.bodies import Transfer
from celltrial.record.state import TrialState

__all__ = ["check_transfer", "make_transfer"]

_SHA256 = re.compile(r"[0-9a-f]{64}")


def make_transfer(
    direction: Literal["import", "export", "print"],
    *,
    what: str,
    sha256: str,
    records: int,
    counted: int,
    through: int,
) -> Transfer:
    """The event of a transfer.

    Args:
        what: the file or package, by name.
        sha256: of the file; for a package, of its manifest.
        records: how many records there were to move; counted: how many were found there afterwards.
        through: the last event of the record that was known to it.

    >>> make_transfer("export", what="sdtm", sha256="0" * 64, records=12, counted=12, through=40).records
    '12'
    """
    return Transfer(
        direction=direction, what=what, sha256=sha256, records=str(records), counted=str(counted), through=through
    )


def check_transfer(state: TrialState, transfer: Transfer) -> Iterator[Finding]:
    """What keeps a transfer out: counts that differ, a hash that is none, events that are not in the record."""
    rule = "ICH E6(R3) 4.2.5: what is transferred is reconciled"
    where = f"transfer/{transfer.what}"
    if not (transfer.records.isdecimal() and transfer.counted.isdecimal()):
        found = f"{transfer.records!r} records, {transfer.counted!r} counted"
        yield Finding(message="not a count", where=where, found=found, expected="0, 1, 2, ...", rule=rule)
    elif int(transfer.records) != int(transfer.counted):
        yield Finding(
            message="the counts of the transfer do not agree",
            where=where,
            found=f"{transfer.records} records to move, {transfer.counted} counted afterwards",
            expected="as many",
            rule=rule,
            next_step="do the transfer again; what was moved is not to be used",
        )
    if not _SHA256.fullmatch(transfer.sha256):
        yield Finding(message="not a SHA-256", where=where, found=repr(transfer.sha256), expected="64 hex digits")
    if not 0 <= transfer.through <= state.length:
        yield Finding(
            message="a transfer of events that are not in the record",
            where=where,
            found=f"through event {transfer.through}",
            expected=f"0 to {state.length}",
        )

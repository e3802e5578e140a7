"""When something was first written down elsewhere: read, and never after it was recorded here.

The time of recording is the log's and cannot be given (21 CFR 11.10(e)); this one stands beside it.
"""

import dataclasses
from collections.abc import Iterator
from datetime import datetime

from celltrial.errors import DateError, Finding
from celltrial.record.events import Draft
from celltrial.study.model import Study
from celltrial.studyday import parse_partial_date

__all__ = ["check_source_time"]


def check_source_time(study: Study, draft: Draft, at: datetime) -> Iterator[Finding]:
    """A `source_at` that is no date to the day, or lies after `at`, the time of writing. Blank is fine."""
    if not draft.source_at.strip():
        return
    where = "/".join(part for part in (draft.subject or "", draft.body.TYPE, "source_at") if part)
    expected = "a day or a time: YYYY-MM-DD or YYYY-MM-DDThh:mm[+hh:mm]"
    try:
        written = parse_partial_date(draft.source_at, study.site.zone)
    except DateError as error:
        for each in error.findings:
            yield dataclasses.replace(each, where=where, expected=expected)
        return
    if not written.is_exact_day:
        yield Finding(
            message="when it was first written down is not known to the day",
            where=where,
            found=draft.source_at,
            expected=expected,
            next_step="give the day that the source document bears, or leave it out",
        )
    elif written.earliest > at:
        yield Finding(
            message="first written down after it is recorded here",
            where=where,
            found=draft.source_at,
            expected=f"not after {at.astimezone(study.site.zone):%Y-%m-%d %H:%M}",
            rule="docs/data-work.md, Late entries",
            next_step="correct the time that the source document bears",
        )

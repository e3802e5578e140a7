"""A transfer whose counts do not agree is refused."""

from dataclasses import replace

import pytest

from celltrial.decisions.gates_transfer import check_reconciled
from celltrial.record import Draft
from celltrial.record.transfers import make_transfer
from trial_builder import COORDINATOR, Story

WHOLE = make_transfer("export", what="sdtm", sha256="ab" * 32, records=12, counted=12, through=1)


def ask(transfer):
    story = Story()
    return check_reconciled(story.study, story.state, Draft(body=transfer), COORDINATOR, story.now)


def test_a_transfer_that_adds_up_passes():
    """As many counted as there were to move."""
    assert ask(WHOLE) == ()


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("counted", "11", "the counts of the transfer do not agree"),
        ("counted", "twelve", "not a count"),
        ("sha256", "AB" * 32, "not a SHA-256"),
        ("through", 2, "a transfer of events that are not in the record"),
    ],
)
def test_one_that_does_not_is_refused(field, value, message):
    """One record lost, a count that is none, a hash that is none, an event beyond the record."""
    assert [each.message for each in ask(replace(WHOLE, **{field: value}))] == [message]

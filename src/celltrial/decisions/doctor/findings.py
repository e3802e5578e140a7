"""What a check says: fine, to be mended soon, refused, or not known and why not."""

from dataclasses import dataclass
from typing import Literal

from celltrial.errors import Finding

__all__ = ["Check", "Outcome", "fine", "refused", "unknown", "warning"]

Outcome = Literal["ok", "warning", "refused", "unknown"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing that was looked at: its name, the outcome, what was found; a finding where it is not in order."""

    name: str
    outcome: Outcome
    found: str
    finding: Finding | None = None


def fine(name: str, found: str) -> Check:
    """In order."""
    return Check(name=name, outcome="ok", found=found)


def unknown(name: str, because: str) -> Check:
    """It could not be found out."""
    return Check(name=name, outcome="unknown", found=f"unknown, because {because}")


def warning(name: str, message: str, *, found: str, next_step: str, expected: str = "", rule: str = "") -> Check:
    """It can go on, and should be mended."""
    finding = Finding(message=message, found=found, expected=expected, rule=rule, next_step=next_step)
    return Check(name=name, outcome="warning", found=found, finding=finding)


def refused(name: str, message: str, *, found: str, next_step: str, expected: str = "", rule: str = "") -> Check:
    """It must not go on like this."""
    finding = Finding(message=message, found=found, expected=expected, rule=rule, next_step=next_step)
    return Check(name=name, outcome="refused", found=found, finding=finding)

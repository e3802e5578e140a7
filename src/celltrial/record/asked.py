"""What one row or element of an imported file asks to be appended, before it is judged."""

from collections.abc import Mapping
from dataclasses import dataclass

from celltrial.errors import Source

__all__ = ["Asked"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Where it stands in the file and what it says; `payload` is the body as read, texts as typed."""

    source: Source
    where: str
    kind: str
    payload: Mapping[str, object]
    subject: str = ""
    version: int | None = None
    why: str = ""
    source_at: str = ""

"""What all bodies share, and the words that several of them use."""

from typing import Annotated, ClassVar, Literal

from pydantic import ConfigDict, Strict

__all__ = ["Action", "Closed", "EventSeq", "Stage", "YesNo"]

EventSeq = Annotated[int, Strict()]
YesNo = Literal["yes", "no"]
Stage = Literal["screening", "lymphodepletion", "infusion"]
Action = Literal["start", "escalate", "stay", "de-escalate", "stop"]


class Closed:
    """A stored field that the type does not know is an error, never dropped."""

    __slots__ = ()
    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

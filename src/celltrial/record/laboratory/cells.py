"""Cells of a laboratory's file as our forms take them: results, times of collection, reference ranges.

A cell that no rule reads is refused, never guessed. Full-width signs and digits are read as the plain ones (NFKC).
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from zoneinfo import ZoneInfo

from celltrial.record.form_check import is_result

__all__ = [
    "Flag",
    "NotRead",
    "Result",
    "ResultRules",
    "normal",
    "read_moment",
    "read_range",
    "read_result",
]

Flag = Literal["high", "low", "normal"]
_COMPARED = re.compile(r"(?P<sign><=|>=|<|>|≤|≥)?\s*(?P<number>.*)", re.DOTALL)
_TITRE_OR_PLUS = re.compile(r"[<>]?\s*1:\d+|\d?\+{1,4}")
_BETWEEN = re.compile(r"\s*(?:--+|[-~～—–]|至)\s*")


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultRules:
    """How a laboratory prints results. Keys of `flags` and `words`, and `leave_out`, are `normal` texts."""

    decimal: str = "."
    thousands: str = ""
    flags: Mapping[str, Flag]
    words: Mapping[str, str]
    leave_out: frozenset[str] = frozenset()
    blank: Literal["leave out", "refuse"] = "refuse"


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """A result as the form takes it, and the flag printed with it (blank: none)."""

    text: str
    flag: Flag | Literal[""] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NotRead:
    """Why a cell gives nothing; `is_left_out` where the profile says that such a row is no result."""

    reason: str
    is_left_out: bool = False


def normal(text: str) -> str:
    """A text for comparison: full-width forms and superscripts as plain signs, outer and double blanks taken away.

    >>> normal("  ＜０．５ "), normal("10⁹/L")
    ('<0.5', '109/L')
    """
    return " ".join(unicodedata.normalize("NFKC", text).split())


def read_result(cell: str, rules: ResultRules) -> Result | NotRead:
    """The result in a cell.

    >>> rules = ResultRules(flags={"H": "high"}, words={"阴性": "negative"}, thousands=",")
    >>> read_result("＜0.10", rules).text, read_result("1,280.5 H", rules)
    ('<0.10', Result(text='1280.5', flag='high'))
    >>> read_result("1,5", rules)
    NotRead(reason="no rule of the profile reads '1,5'", is_left_out=False)
    """
    text = normal(cell)
    if not text:
        return NotRead(reason="no result", is_left_out=rules.blank == "leave out")
    if text in rules.leave_out:
        return NotRead(reason=f"the laboratory wrote {text!r}", is_left_out=True)
    for bare, flag in _without_flag(text, rules.flags):
        if bare in rules.words:
            return Result(text=rules.words[bare], flag=flag)
        compared = _COMPARED.fullmatch(bare)
        number = _plain_number(compared["number"], rules) if compared else ""
        if compared and number:
            return Result(text=(compared["sign"] or "") + number, flag=flag)
        if _TITRE_OR_PLUS.fullmatch(bare) and is_result(bare):
            return Result(text=bare, flag=flag)
    return NotRead(reason=f"no rule of the profile reads {cell.strip()!r}")


def read_moment(text: str, formats: Iterable[str], zone: ZoneInfo) -> str | NotRead:
    """The ISO text of a time, with the zone's offset; a day alone where the format has no hour.

    >>> read_moment("2026/1/5 8:05", ["%Y/%m/%d %H:%M"], ZoneInfo("Asia/Shanghai"))
    '2026-01-05T08:05+08:00'
    """
    plain = normal(text)
    if not plain:
        return NotRead(reason="no time of collection")
    read: dict[str, None] = {}
    for each in formats:
        try:
            local = datetime.strptime(plain, each).replace(tzinfo=zone)
        except ValueError:
            continue
        if "%H" not in each:
            read[local.date().isoformat()] = None
            continue
        if local.utcoffset() != local.replace(fold=1).utcoffset():
            return NotRead(reason=f"{local:%Y-%m-%d %H:%M} is an hour that the clock of {zone.key} had twice or never")
        read[local.isoformat(timespec="seconds" if "%S" in each else "minutes")] = None
    if len(read) > 1:
        return NotRead(reason=f"{text.strip()!r} may be {' or '.join(read)}")
    return next(iter(read), None) or NotRead(reason=f"no format of the profile reads {text.strip()!r}")


def read_range(cell: str, rules: ResultRules) -> tuple[str, str] | NotRead:
    """Lower and upper limit of a printed range; a word the profile knows (`阴性`) and a blank cell have none.

    >>> read_range("3.5～9.5", ResultRules(flags={}, words={})), read_range("<5", ResultRules(flags={}, words={}))
    (('3.5', '9.5'), ('', '5'))
    """
    text = normal(cell).strip("()[] ")
    if not text or text in rules.words:
        return "", ""
    parts = [_plain_number(each, rules) for each in _BETWEEN.split(text)]
    if len(parts) == 2 and all(parts):
        return parts[0], parts[1]
    compared = _COMPARED.fullmatch(text)
    number = _plain_number(compared["number"], rules) if compared and compared["sign"] else ""
    if compared and number:
        return ("", number) if compared["sign"] in ("<", "<=", "≤") else (number, "")
    return NotRead(reason=f"no rule reads the range {cell.strip()!r}")


def _without_flag(text: str, flags: Mapping[str, Flag]) -> list[tuple[str, Flag | Literal[""]]]:
    """The text as it stands, then without a flag at its end or its start."""
    found: list[tuple[str, Flag | Literal[""]]] = [(text, "")]
    for sign in sorted(flags, key=len, reverse=True):
        for bare in (text.removesuffix(sign).strip(), text.removeprefix(sign).strip()):
            if bare and bare != text:
                found.append((bare, flags[sign]))
    return found


def _plain_number(text: str, rules: ResultRules) -> str:
    """The number with a decimal point and nothing between thousands; blank where it is none."""
    decimal, sign = re.escape(rules.decimal), re.escape(rules.thousands)
    whole = rf"(\d{{1,3}}({sign}\d{{3}})+|\d+)" if rules.thousands else r"\d+"
    if not re.fullmatch(rf"[-+]?{whole}({decimal}\d+)?([eE][-+]?\d+)?", text, re.ASCII):
        return ""
    bare = text.replace(rules.thousands, "") if rules.thousands else text
    return bare.replace(rules.decimal, ".")

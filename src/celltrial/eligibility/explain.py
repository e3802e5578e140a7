"""A screening in words a coordinator understands: the verdict, what is still needed, then criterion by criterion."""

from collections.abc import Iterator

from celltrial.eligibility.result import Result, Screening
from celltrial.eligibility.truth import Basis, Cost

__all__ = ["render_explanation"]

_INDENT = "    "


def render_explanation(screening: Screening, *, who: str = "") -> str:
    """The whole screening as plain text, ready to print."""
    return "\n".join(_lines(screening, who))


def _lines(screening: Screening, who: str) -> Iterator[str]:
    head = f"{who}: " if who else ""
    yield f"{head}{screening.verdict.upper()} at stage {screening.stage} ({screening.criteria})"
    dated = ", ".join(f"{name} {when}" for name, when in screening.anchors.items())
    yield f"as of {screening.as_of.isoformat(timespec='minutes')}; {dated or 'no anchor is dated'}"
    yield from (f"note: {note}" for note in screening.notes)
    yield from (f"because: {line}" for line in screening.because)
    yield from _needed(screening)
    yield from _expiring(screening)
    yield ""
    for result in screening.results:
        yield from _criterion(result, "")


def _needed(screening: Screening) -> Iterator[str]:
    if not screening.needs:
        return
    yield ""
    yield "Still needed to decide, the cheapest first:"
    for cost in Cost:
        wanted = [need for need in screening.needs if need.unknown.cost is cost]
        if wanted:
            yield f"  {cost.words}"
        yield from (f"{_INDENT}{need.leaf}  {need.unknown.do}" for need in wanted)


def _expiring(screening: Screening) -> Iterator[str]:
    """Every result that grows too old, the first to do so first: manufacture and scheduling take weeks."""
    leaves = [leaf for result in screening.results for leaf in _leaves(result) if leaf.expires]
    if not leaves:
        return
    yield ""
    yield "Results that grow too old:"
    today = screening.as_of.date().isoformat()
    for leaf in sorted(leaves, key=lambda each: each.expires.isoformat() if each.expires else ""):
        until = leaf.expires.isoformat() if leaf.expires else ""
        yield f"{_INDENT}{leaf.id}  until {until}{' (past)' if until[:10] < today else ''}"


def _leaves(result: Result) -> Iterator[Result]:
    if not result.children:
        yield result
    for child in result.children:
        yield from _leaves(child)


def _criterion(result: Result, indent: str) -> Iterator[str]:
    yield f"{indent}{result.id}  {_headline(result)}"
    if result.says and not indent:
        yield f'{indent}{_INDENT}"{" ".join(result.says)}"'
    is_silent = result.basis is Basis.NOT_APPLICABLE and bool(result.children)
    if not result.children or is_silent or result.verdict is not result.reading:
        own = result.reasons if not result.children or is_silent else result.reasons[:1]
        yield from (f"{indent}{_INDENT}{reason}" for reason in own)
    if result.expires:
        yield f"{indent}{_INDENT}holds until {result.expires.isoformat()}"
    if is_silent:
        return
    for child in result.children:
        yield from _criterion(child, indent + _INDENT)


def _headline(result: Result) -> str:
    words = result.words.upper()
    if not result.is_due:
        return f"{words} (not due yet)"
    if result.is_hint:
        return "hint: found, ask about it" if result.words == "met" else "hint: nothing found"
    if result.basis and result.basis is not Basis.NOT_APPLICABLE:
        words += f" ({result.basis.value})"
    return words

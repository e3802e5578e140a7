"""Dose-transition pathways: every course a trial can take under a design, cohort by cohort, each step with its reasons.

A pathway is what a committee walks through before the trial: after each possible number of DLTs, what happens next.
They are data: a tree of nodes (one per cohort and number of DLTs), the complete pathways read off its leaves, and the
same tree with courses merged that have come to equal counts. A decision is made once for equal counts.
Source of the idea: Yap, Billingham, Cheung, Craddock & O'Quigley (2017), Dose transition pathways: the missing link
between complex dose-finding designs and simple decision-making, Clin Cancer Res 23(24):7440-7447.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Literal, TypeAlias

from celltrial.errors import Finding, UsageError
from celltrial.escalation.counts import Counts
from celltrial.escalation.decision import Decision
from celltrial.escalation.design import Design
from celltrial.escalation.exact import check_trial, select_level
from celltrial.escalation.notation import write_cohort

__all__ = ["Ending", "MergedNode", "Node", "Pathway", "Pathways", "find_pathways"]

Ending: TypeAlias = Literal["stop", "full", "horizon"]

_MOST = 500_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """A cohort with its outcome, and what the design proposes then.

    parent: the place of the node before in `Pathways.nodes`; None for the first cohort.
    depth: 1 for the first cohort. level, n, dlts: of this cohort.
    counts: all that has been seen, this cohort included.
    decision: the proposal after it, with its reasons.
    ends: `stop` - the design stops; `full` - the largest number of participants is reached; `horizon` - not
        followed further; None - it goes on. selected: the MTD of a trial that ends here; None for none, or where it
        goes on.
    """

    parent: int | None
    depth: int
    level: int
    n: int
    dlts: int
    counts: Counts
    decision: Decision
    ends: Ending | None
    selected: int | None

    @property
    def cohort(self) -> str:
        """The cohort in field notation: `2NNT`."""
        return write_cohort(self.level, self.n, self.dlts)

    @property
    def next_level(self) -> int | None:
        """Where the next cohort would go; None where the design stops."""
        return self.decision.level

    def describe(self) -> str:
        """What follows, in a few words: `escalate to 2`, `stop: MTD 1`, `full: no MTD`."""
        if self.ends in ("stop", "full"):
            return f"{self.ends}: " + ("no MTD" if self.selected is None else f"MTD {self.selected}")
        words = {"escalate": "escalate to", "stay": "stay at", "de-escalate": "de-escalate to"}
        return f"{words[self.decision.action.value]} {self.next_level}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pathway:
    """A complete course: its nodes from the first cohort to the last."""

    nodes: tuple[Node, ...]

    @property
    def outcomes(self) -> str:
        """`1NNN 2NNT 2NTT`."""
        return " ".join(node.cohort for node in self.nodes)

    @property
    def last(self) -> Node:
        """The node that ends it."""
        return self.nodes[-1]


@dataclass(frozen=True, slots=True, kw_only=True)
class MergedNode:
    """All nodes of one depth with equal counts, level and decision: `ways` courses lead here.

    place: in `Pathways.merge()`; before: places of the merged nodes of the depth before that lead here.
    """

    place: int
    node: Node
    ways: int
    before: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pathways:
    """All courses of a design from a starting point; `nodes` are in order of depth first, fewest DLTs first."""

    design: Design
    levels: int
    cohort_size: int
    max_n: int
    begin: Counts
    nodes: tuple[Node, ...] = field(repr=False)

    def paths(self) -> Iterator[Pathway]:
        """Every complete course, in the order of the nodes."""
        for place, node in enumerate(self.nodes):
            if node.ends is not None:
                yield Pathway(nodes=self.trace(place))

    def trace(self, place: int) -> tuple[Node, ...]:
        """The nodes from the first cohort to this one."""
        course: list[Node] = []
        at: int | None = place
        while at is not None:
            course.append(self.nodes[at])
            at = course[-1].parent
        return tuple(reversed(course))

    @property
    def count(self) -> int:
        """How many complete courses there are."""
        return sum(node.ends is not None for node in self.nodes)

    @property
    def depth(self) -> int:
        """The most cohorts in a course."""
        return max(node.depth for node in self.nodes)

    def merge(self) -> tuple[MergedNode, ...]:
        """The tree with courses joined where they have come to the same counts at the same level and depth."""
        place_of: dict[tuple[object, ...], int] = {}
        joined: list[MergedNode] = []
        at: dict[int, int] = {}
        order = sorted(range(len(self.nodes)), key=lambda place: (self.nodes[place].depth, place))
        for place in order:
            node = self.nodes[place]
            key = (node.depth, node.counts.n, node.counts.dlt, node.level, node.next_level, node.ends)
            before = () if node.parent is None else (at[node.parent],)
            found = place_of.setdefault(key, len(joined))
            if found == len(joined):
                joined.append(MergedNode(place=found, node=node, ways=1, before=before))
            else:
                known = joined[found]
                sources = tuple(dict.fromkeys((*known.before, *before)))
                joined[found] = replace(known, ways=known.ways + 1, before=sources)
            at[place] = found
        return tuple(joined)

    def to_json(self) -> dict[str, object]:
        """The document of `celltrial dose paths --json`: what was asked, every step, every complete course."""
        design = self.design
        return {
            "design": design.name,
            "target": design.target,
            "parameters": dict(design.base.parameters),
            "rules": [rule.describe() for rule in design.rules],
            "doses": self.levels,
            "cohort_size": self.cohort_size,
            "max_n": self.max_n,
            "begin": {"n": list(self.begin.n), "dlt": list(self.begin.dlt), "current": self.begin.current},
            "count": self.count,
            "nodes": [_node_to_json(place, node) for place, node in enumerate(self.nodes)],
            "paths": [_path_to_json(path) for path in self.paths()],
        }


def _node_to_json(place: int, node: Node) -> dict[str, object]:
    return {
        "id": place,
        "parent": node.parent,
        "cohort": node.cohort,
        "level": node.level,
        "n": node.n,
        "dlts": node.dlts,
        "seen": {"n": list(node.counts.n), "dlt": list(node.counts.dlt)},
        "action": node.decision.action.value,
        "next_level": node.next_level,
        "reasons": list(node.decision.reasons),
        "ends": node.ends,
        "selected": node.selected,
    }


def _path_to_json(path: Pathway) -> dict[str, object]:
    return {
        "outcomes": path.outcomes,
        "levels": [node.level for node in path.nodes],
        "dlts": [node.dlts for node in path.nodes],
        "ends": path.last.ends,
        "next_level": path.last.next_level,
        "selected": path.last.selected,
    }


def find_pathways(
    design: Design,
    *,
    levels: int,
    cohort_size: int,
    max_n: int,
    start: int = 1,
    begin: Counts | None = None,
    cohorts: int | None = None,
    max_nodes: int = _MOST,
) -> Pathways:
    """Every course a trial can take under the design.

    Args:
        levels, cohort_size, max_n, start: as for exact operating characteristics.
        begin: counts of a trial in progress to go on from; max_n counts its participants too. None: from `start`.
        cohorts: how many cohorts to look ahead; None: to the end of every course.
        max_nodes: more nodes than these are refused.
    Raises:
        UsageError: sizes that cannot be, a start that is at its end already, or more than `max_nodes` nodes.

    >>> from celltrial.escalation.named import design_named
    >>> found = find_pathways(design_named("3+3", target=0.30, parameters={"variant": "stop"}), levels=2,
    ...     cohort_size=3, max_n=12)
    >>> [path.outcomes for path in found.paths()][-2:]
    ['1NTT', '1TTT']
    """
    findings = check_trial(design, levels=levels, cohort_size=cohort_size, max_n=max_n, start=start, bound_mtd=False)
    if findings:
        raise UsageError(findings)
    nobody = (0,) * levels
    first = Counts(n=nobody, dlt=nobody, current=start) if begin is None else begin
    walk = _Walk(design, cohort_size, max_n, cohorts, max_nodes)
    level, size = walk.open(first)
    walk.follow(None, 1, first, level, size)
    return Pathways(
        design=design,
        levels=levels,
        cohort_size=cohort_size,
        max_n=max_n,
        begin=first,
        nodes=tuple(walk.nodes),
    )


class _Walk:
    """The walk over the tree: its nodes so far, and the decisions already made for equal counts."""

    def __init__(self, design: Design, cohort_size: int, max_n: int, cohorts: int | None, max_nodes: int) -> None:
        self.design, self.cohort_size, self.max_n = design, cohort_size, max_n
        self.cohorts, self.max_nodes = cohorts, max_nodes
        self.nodes: list[Node] = []
        self._decisions: dict[Counts, Decision] = {}
        self._selected: dict[Counts, int | None] = {}
        self._keeps_last = bool(getattr(design.base, "looks_at_last_cohort", False))

    def open(self, begin: Counts) -> tuple[int, int | None]:
        """Level and size of the first cohort. Raises UsageError where there is none to treat."""
        decision = self.design.decide(begin)
        if begin.total == 0:  # the first cohort goes to the start, whatever a model would say
            return begin.current, decision.size
        if decision.level is None or begin.total >= self.max_n:
            reasons = "; ".join(decision.reasons) if decision.level is None else f"{begin.total} of {self.max_n}"
            raise UsageError(Finding(message="the trial is at its end: there is no pathway to follow", found=reasons))
        return decision.level, decision.size

    def follow(self, parent: int | None, depth: int, before: Counts, level: int, size: int | None) -> None:
        """Add the nodes of the next cohort, with each number of DLTs, and all that follow them."""
        n = min(size or self.cohort_size, self.max_n - before.total)
        for dlts in range(n + 1):
            node = self._node(parent, depth, self._treat(before, level, n, dlts), (level, n, dlts))
            place = len(self.nodes)
            if place >= self.max_nodes:
                raise UsageError(_too_many(self.max_nodes))
            self.nodes.append(node)
            if node.ends is None:
                assert node.decision.level is not None
                self.follow(place, depth + 1, node.counts, node.decision.level, node.decision.size)

    def _treat(self, before: Counts, level: int, n: int, dlts: int) -> Counts:
        sizes, seen = list(before.n), list(before.dlt)
        sizes[level - 1] += n
        seen[level - 1] += dlts
        return Counts(n=tuple(sizes), dlt=tuple(seen), current=level, last=(dlts, n) if self._keeps_last else None)

    def _node(self, parent: int | None, depth: int, counts: Counts, cohort: tuple[int, int, int]) -> Node:
        level, n, dlts = cohort
        decision = self._decisions.get(counts)
        if decision is None:
            decision = self._decisions[counts] = self.design.decide(counts)
        ends = self._end(decision, counts, depth)
        return Node(
            parent=parent,
            depth=depth,
            level=level,
            n=n,
            dlts=dlts,
            counts=counts,
            decision=decision,
            ends=ends,
            selected=self._select(counts) if ends in ("stop", "full") else None,
        )

    def _end(self, decision: Decision, counts: Counts, depth: int) -> Ending | None:
        if decision.level is None:
            return "stop"
        if counts.total >= self.max_n:
            return "full"
        return "horizon" if self.cohorts is not None and depth >= self.cohorts else None

    def _select(self, counts: Counts) -> int | None:
        if counts not in self._selected:
            self._selected[counts] = select_level(self.design, counts)
        return self._selected[counts]


def _too_many(most: int) -> Finding:
    return Finding(
        message="too many pathways to list",
        found=f"more than {most} steps",
        next_step="look fewer cohorts ahead (--cohorts), or use larger cohorts or a smaller trial",
    )

"""Dose-finding designs for rule-based escalation: BOIN, i3+3 and 3+3 inside composable wrappers.

Counts of evaluable participants and DLTs go in; a decision comes out as data, with its reasons. Around it: decision
tables for people to read, the selection of the maximum tolerated dose, exact confidence bounds and operating
characteristics. The room knows no trial, no file, no clock and no chance of its own.
"""

from celltrial.escalation.base import BaseRule
from celltrial.escalation.binomial import prob_above, upper_bound
from celltrial.escalation.boin import Boin, compute_lambdas
from celltrial.escalation.counts import Cohort, Counts, add_level, count_cohorts, parse_outcomes
from celltrial.escalation.decision import Action, Cell, Decision, Inputs, Proposal
from celltrial.escalation.design import Design
from celltrial.escalation.exact import (
    Ending,
    Enumeration,
    OperatingCharacteristics,
    compute_oc,
    enumerate_trials,
    exact_oc,
)
from celltrial.escalation.i3plus3 import I3Plus3
from celltrial.escalation.mtd import MtdSelection, select_mtd
from celltrial.escalation.named import check_design, design_named, design_names, rule_names
from celltrial.escalation.rules import Eliminate, ExtraSafe, MaxN, NoSkip, Rule, StopAtN, StopBelowLowest, StopWhenFull
from celltrial.escalation.simulated import simulate_oc
from celltrial.escalation.table import DecisionTable, TableCell, TableRow, decision_table
from celltrial.escalation.three_plus_three import ThreePlusThree

__all__ = [
    "Action",
    "BaseRule",
    "Boin",
    "Cell",
    "Cohort",
    "Counts",
    "Decision",
    "DecisionTable",
    "Design",
    "Eliminate",
    "Ending",
    "Enumeration",
    "ExtraSafe",
    "I3Plus3",
    "Inputs",
    "MaxN",
    "MtdSelection",
    "NoSkip",
    "OperatingCharacteristics",
    "Proposal",
    "Rule",
    "StopAtN",
    "StopBelowLowest",
    "StopWhenFull",
    "TableCell",
    "TableRow",
    "ThreePlusThree",
    "add_level",
    "check_design",
    "compute_lambdas",
    "compute_oc",
    "count_cohorts",
    "decision_table",
    "design_named",
    "design_names",
    "enumerate_trials",
    "exact_oc",
    "parse_outcomes",
    "prob_above",
    "rule_names",
    "select_mtd",
    "simulate_oc",
    "upper_bound",
]

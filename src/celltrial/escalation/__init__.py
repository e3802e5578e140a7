"""Dose-finding designs: base rules by counts or by a model, inside composable wrappers.

Counts of evaluable participants and DLTs go in; a decision comes out as data, with its reasons. Around it: decision
tables for people to read, the selection of the maximum tolerated dose, exact confidence bounds and operating
characteristics. The room knows no trial, no file, no clock and no chance of its own.
"""

from celltrial.escalation.a_plus_b import APlusB
from celltrial.escalation.base import BaseRule
from celltrial.escalation.bf_boin import BfBoin, open_levels
from celltrial.escalation.binomial import prob_above, upper_bound
from celltrial.escalation.blrm import BivariateNormal, Blrm, BlrmFit, BlrmModel, BlrmPrior, Intervals, fit_blrm
from celltrial.escalation.boin import Boin, compute_lambdas
from celltrial.escalation.boin12 import Boin12, OptimumDose, desirability_table
from celltrial.escalation.boin12_counts import PairCounts, Utilities, count_pairs
from celltrial.escalation.boin12_oc import PairCharacteristics, PairRates, exact_boin12, simulate_boin12
from celltrial.escalation.calibrate import Calibration, calibrate_design, search_grid
from celltrial.escalation.compare import Comparison, Measures, compare_designs, measure
from celltrial.escalation.counts import Cohort, Counts, add_level, count_cohorts, parse_outcomes
from celltrial.escalation.crm import Crm, CrmFit, WorkingModel, calibrate_skeleton, fit_crm
from celltrial.escalation.decision import Action, Cell, Decision, Inputs, Proposal
from celltrial.escalation.design import Design
from celltrial.escalation.exact import (
    Distributions,
    Ending,
    Enumeration,
    OperatingCharacteristics,
    compute_oc,
    enumerate_trials,
    exact_oc,
)
from celltrial.escalation.i3plus3 import I3Plus3
from celltrial.escalation.keyboard import Keyboard
from celltrial.escalation.mtd import MtdSelection, select_mtd
from celltrial.escalation.mtpi import MTpi, MTpi2, Tpi
from celltrial.escalation.named import check_design, design_named, design_names, rule_names
from celltrial.escalation.partial import PartialCounts, PartialDecision, PartialProposal, PartialRule, decide_partial
from celltrial.escalation.rolling_six import RollingSix
from celltrial.escalation.rules import Eliminate, ExtraSafe, NoSkip, Rule, StopBelowLowest, TooToxic
from celltrial.escalation.rules_levels import (
    Backfill,
    DeescalationLevel,
    Expansion,
    Intermediate,
    MinToEscalate,
    Sentinel,
)
from celltrial.escalation.rules_stops import MaxN, MinAtDose, PrecisionStop, StopAtN, StopWhenFull, TargetProbStop
from celltrial.escalation.scenarios import random_scenarios, scenario_grid
from celltrial.escalation.simulated import simulate_oc
from celltrial.escalation.table import DecisionTable, TableCell, TableRow, decision_table
from celltrial.escalation.three_plus_three import ThreePlusThree
from celltrial.escalation.titeboin import TiteBoin
from celltrial.escalation.titecrm import Followed, TiteCrm, fit_titecrm
from celltrial.escalation.titration import Titration

__all__ = [
    "APlusB",
    "Action",
    "Backfill",
    "BaseRule",
    "BfBoin",
    "BivariateNormal",
    "Blrm",
    "BlrmFit",
    "BlrmModel",
    "BlrmPrior",
    "Boin",
    "Boin12",
    "Calibration",
    "Cell",
    "Cohort",
    "Comparison",
    "Counts",
    "Crm",
    "CrmFit",
    "Decision",
    "DecisionTable",
    "DeescalationLevel",
    "Design",
    "Distributions",
    "Eliminate",
    "Ending",
    "Enumeration",
    "Expansion",
    "ExtraSafe",
    "Followed",
    "I3Plus3",
    "Inputs",
    "Intermediate",
    "Intervals",
    "Keyboard",
    "MTpi",
    "MTpi2",
    "MaxN",
    "Measures",
    "MinAtDose",
    "MinToEscalate",
    "MtdSelection",
    "NoSkip",
    "OperatingCharacteristics",
    "OptimumDose",
    "PairCharacteristics",
    "PairCounts",
    "PairRates",
    "PartialCounts",
    "PartialDecision",
    "PartialProposal",
    "PartialRule",
    "PrecisionStop",
    "Proposal",
    "RollingSix",
    "Rule",
    "Sentinel",
    "StopAtN",
    "StopBelowLowest",
    "StopWhenFull",
    "TableCell",
    "TableRow",
    "TargetProbStop",
    "ThreePlusThree",
    "TiteBoin",
    "TiteCrm",
    "Titration",
    "TooToxic",
    "Tpi",
    "Utilities",
    "WorkingModel",
    "add_level",
    "calibrate_design",
    "calibrate_skeleton",
    "check_design",
    "compare_designs",
    "compute_lambdas",
    "compute_oc",
    "count_cohorts",
    "count_pairs",
    "decide_partial",
    "decision_table",
    "design_named",
    "design_names",
    "desirability_table",
    "enumerate_trials",
    "exact_boin12",
    "exact_oc",
    "fit_blrm",
    "fit_crm",
    "fit_titecrm",
    "measure",
    "open_levels",
    "parse_outcomes",
    "prob_above",
    "random_scenarios",
    "rule_names",
    "scenario_grid",
    "search_grid",
    "select_mtd",
    "simulate_boin12",
    "simulate_oc",
    "upper_bound",
]

"""Safety: from what was seen to grades, episodes and a proposal on dose-limiting toxicity, each with its reasons."""

from celltrial.safety.crs import CrsObservation, crs_episodes, grade_crs
from celltrial.safety.dlt import ClauseMatch, DltProposal, Toxicity, last_window_day, propose_dlt
from celltrial.safety.episodes import Episode
from celltrial.safety.grades import Grade, YesNoUnknown
from celltrial.safety.icans import IcansObservation, grade_icans, icans_episodes
from celltrial.safety.stopping import StoppingBoundary, compute_stopping_boundaries, probability_rate_exceeds

__all__ = [
    "ClauseMatch",
    "CrsObservation",
    "DltProposal",
    "Episode",
    "Grade",
    "IcansObservation",
    "StoppingBoundary",
    "Toxicity",
    "YesNoUnknown",
    "compute_stopping_boundaries",
    "crs_episodes",
    "grade_crs",
    "grade_icans",
    "icans_episodes",
    "last_window_day",
    "probability_rate_exceeds",
    "propose_dlt",
]

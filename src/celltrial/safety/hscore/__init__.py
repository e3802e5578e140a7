"""HScore: its items and points as data (`items.csv`, `lineages.csv`) and its score (`score.py`)."""

from celltrial.safety.hscore.score import HScore, HScoreFindings, score_hscore

__all__ = ["HScore", "HScoreFindings", "score_hscore"]

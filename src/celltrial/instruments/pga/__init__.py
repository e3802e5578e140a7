"""PGA, the physician's global assessment (0 to 3): its bands as data (`bands.csv`) and its check (`score.py`)."""

from celltrial.instruments.pga.score import PgaScale, PgaScore, score_pga

__all__ = ["PgaScale", "PgaScore", "score_pga"]

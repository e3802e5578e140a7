"""BICLA: improvement of every active BILAG-2004 system without worsening anywhere (`assess.py`)."""

from celltrial.instruments.bicla.assess import BICLA_EMBLEM, BICLA_TULIP, BiclaRules, assess_bicla

__all__ = ["BICLA_EMBLEM", "BICLA_TULIP", "BiclaRules", "assess_bicla"]

"""SRI-k: the SLE responder index with a fall of k points (`assess.py`); what it shares with BICLA (`responder.py`)."""

from celltrial.instruments.sri.assess import SriRules, assess_sri
from celltrial.instruments.sri.responder import ResponderConclusion, ResponderVisit, SledaiIndex

__all__ = ["ResponderConclusion", "ResponderVisit", "SledaiIndex", "SriRules", "assess_sri"]

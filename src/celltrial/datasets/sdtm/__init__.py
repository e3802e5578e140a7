"""SDTM: one module a domain, each from the study and the record's state to a data set."""

from celltrial.datasets.sdtm.ae import derive_ae, derive_suppae
from celltrial.datasets.sdtm.cm import derive_cm
from celltrial.datasets.sdtm.course import derive_se, derive_sv
from celltrial.datasets.sdtm.dm import derive_dm
from celltrial.datasets.sdtm.ds import derive_ds
from celltrial.datasets.sdtm.ex import derive_ex, derive_suppex
from celltrial.datasets.sdtm.history import derive_mh, derive_pr
from celltrial.datasets.sdtm.measurements import (
    derive_cv,
    derive_eg,
    derive_is,
    derive_lb,
    derive_re,
    derive_suppvs,
    derive_vs,
)
from celltrial.datasets.sdtm.pc import derive_pc, derive_supppc
from celltrial.datasets.sdtm.pp import derive_pp
from celltrial.datasets.sdtm.relrec import derive_relrec
from celltrial.datasets.sdtm.rs import derive_rs, derive_supprs
from celltrial.datasets.sdtm.trial_design import derive_ta, derive_te, derive_tv
from celltrial.datasets.sdtm.trial_summary import derive_ts

__all__ = [
    "derive_ae",
    "derive_cm",
    "derive_cv",
    "derive_dm",
    "derive_ds",
    "derive_eg",
    "derive_ex",
    "derive_is",
    "derive_lb",
    "derive_mh",
    "derive_pc",
    "derive_pp",
    "derive_pr",
    "derive_re",
    "derive_relrec",
    "derive_rs",
    "derive_se",
    "derive_suppae",
    "derive_suppex",
    "derive_supppc",
    "derive_supprs",
    "derive_suppvs",
    "derive_sv",
    "derive_ta",
    "derive_te",
    "derive_ts",
    "derive_tv",
    "derive_vs",
]

"""All data sets of a trial, SDTM from the record, ADaM from both."""

from collections.abc import Callable, Mapping

from celltrial.datasets import adam, sdtm
from celltrial.datasets.dataset import Dataset, dataset_names
from celltrial.record import TrialState
from celltrial.study import Study

__all__ = ["derive_adam", "derive_sdtm"]

_SDTM: Mapping[str, Callable[[Study, TrialState], Dataset]] = {
    "TS": sdtm.derive_ts,
    "TA": sdtm.derive_ta,
    "TE": sdtm.derive_te,
    "TV": sdtm.derive_tv,
    "DM": sdtm.derive_dm,
    "SE": sdtm.derive_se,
    "SV": sdtm.derive_sv,
    "DS": sdtm.derive_ds,
    "MH": sdtm.derive_mh,
    "AE": sdtm.derive_ae,
    "CM": sdtm.derive_cm,
    "EX": sdtm.derive_ex,
    "PR": sdtm.derive_pr,
    "CV": sdtm.derive_cv,
    "EG": sdtm.derive_eg,
    "IS": sdtm.derive_is,
    "LB": sdtm.derive_lb,
    "PC": sdtm.derive_pc,
    "PP": sdtm.derive_pp,
    "RE": sdtm.derive_re,
    "RS": sdtm.derive_rs,
    "VS": sdtm.derive_vs,
    "RELREC": sdtm.derive_relrec,
    "SUPPAE": sdtm.derive_suppae,
    "SUPPEX": sdtm.derive_suppex,
    "SUPPPC": sdtm.derive_supppc,
    "SUPPRS": sdtm.derive_supprs,
    "SUPPVS": sdtm.derive_suppvs,
}


def derive_sdtm(study: Study, state: TrialState) -> dict[str, Dataset]:
    """Every SDTM data set by name, in the order they are written; one without rows is there, empty.

    The state is already that of the data cut (`Record.state(as_of)`). Findings stand in each data set.
    """
    return {name: _SDTM[name](study, state) for name in dataset_names("sdtm")}


def derive_adam(study: Study, state: TrialState, sdtm: Mapping[str, Dataset]) -> dict[str, Dataset]:
    """Every ADaM data set by name, from the SDTM data sets and, where SDTM keeps less, the record's state."""
    adsl = adam.derive_adsl(study, state, sdtm)
    adrs = adam.derive_adrs(study, state, sdtm, adsl)
    return {
        "ADSL": adsl,
        "ADAE": adam.derive_adae(study, state, sdtm, adsl),
        "ADLB": adam.derive_adlb(study, sdtm, adsl),
        "ADRS": adrs,
        "ADTTE": adam.derive_adtte(study, state, sdtm, adsl, adrs),
        "ADPC": adam.derive_adpc(study, sdtm, adsl),
        "ADPP": adam.derive_adpp(sdtm, adsl),
    }

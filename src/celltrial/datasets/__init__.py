"""Record to tidy data sets: SDTM (`sdtm/`) and ADaM (`adam/`), one module a domain; names and terms in `metadata/`.

dataset.py is what a data set is and how it is checked; context.py what all domains need of a participant; moments.py
dates as SDTM and ADaM want them; terms.py CDISC's words; profiles.py kinetics profiles; derive.py all of it at once.
"""

from celltrial.datasets.dataset import INTERNAL, Dataset, Variable, build_dataset, check_dataset, dataset_names
from celltrial.datasets.derive import derive_adam, derive_sdtm
from celltrial.datasets.nca_options import nca_options

__all__ = [
    "INTERNAL",
    "Dataset",
    "Variable",
    "build_dataset",
    "check_dataset",
    "dataset_names",
    "derive_adam",
    "derive_sdtm",
    "nca_options",
]

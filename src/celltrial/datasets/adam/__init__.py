"""ADaM: one module a data set, each from the SDTM data sets, ADSL and, where SDTM keeps less, the record's state."""

from celltrial.datasets.adam.adae import derive_adae
from celltrial.datasets.adam.adlb import derive_adlb
from celltrial.datasets.adam.adpc import derive_adpc
from celltrial.datasets.adam.adpp import derive_adpp
from celltrial.datasets.adam.adrs import derive_adrs
from celltrial.datasets.adam.adsl import derive_adsl
from celltrial.datasets.adam.adtte import derive_adtte

__all__ = ["derive_adae", "derive_adlb", "derive_adpc", "derive_adpp", "derive_adrs", "derive_adsl", "derive_adtte"]

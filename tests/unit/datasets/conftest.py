"""The data sets of the small trial, derived once."""

from collections.abc import Mapping

import pytest

from celltrial.datasets import Dataset, derive_adam, derive_sdtm
from small_trial import ct1192, small_trial


@pytest.fixture(scope="session")
def sdtm() -> Mapping[str, Dataset]:
    return derive_sdtm(ct1192(), small_trial())


@pytest.fixture(scope="session")
def adam(sdtm: Mapping[str, Dataset]) -> Mapping[str, Dataset]:
    return derive_adam(ct1192(), small_trial(), sdtm)

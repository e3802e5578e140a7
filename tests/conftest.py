"""For all tests: a slow machine is no failure, and a run says the same twice.

`CELLTRIAL_EXPLORE=1` lets Hypothesis choose new examples on every run; what it finds then becomes an `@example`.
"""

import os

from hypothesis import settings

from postgres import new_database, postgres

__all__ = ["new_database", "postgres"]

# the width of whoever runs the tests: what a pipe receives must not depend on it
os.environ.pop("COLUMNS", None)

# how long an example takes says nothing of what is tested; a busy machine must not turn the suite red
settings.register_profile("house", deadline=None, derandomize="CELLTRIAL_EXPLORE" not in os.environ)
settings.load_profile("house")

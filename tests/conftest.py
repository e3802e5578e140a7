"""For all tests: a slow machine is no failure."""

from hypothesis import settings

# how long an example takes says nothing of what is tested; a busy machine must not turn the suite red
settings.register_profile("house", deadline=None)
settings.load_profile("house")

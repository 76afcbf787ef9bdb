"""Hypothesis as this floor's tests want it."""

from hypothesis import settings

settings.register_profile("filon-net", deadline=None)  # a busy machine is no failure
settings.load_profile("filon-net")

"""What holds for all tests."""

from __future__ import annotations

from hypothesis import settings

# How long one example takes says how busy the machine is; a test that hangs is ended by its time limit.
settings.register_profile("any machine", deadline=None, print_blob=True)
settings.load_profile("any machine")

"""What holds for all tests."""

from __future__ import annotations

import signal

from hypothesis import settings

# How long one example takes says how busy the machine is; a test that hangs is ended by its time limit.
settings.register_profile("any machine", deadline=None, print_blob=True)
settings.load_profile("any machine")

# A shell lets what it starts in the background ignore SIGINT, and so do the processes that tests start and interrupt.
signal.signal(signal.SIGINT, signal.default_int_handler)

"""The exit codes of the commands; docs/command-line.md explains them."""

from __future__ import annotations

from index.errors import IndexFault, ParameterError, PostSearchError, SettingsError, UnlikelyRemoval

__all__ = ["FINDINGS", "INTERRUPTED", "REFUSED", "exit_code"]

FINDINGS = 1
"""Done, with something to tell: findings, posts that failed, or no hits."""

REFUSED = 5
"""The system refused: a full disk, missing permissions."""

NO_INDEX, MISCONFIGURED, INTERRUPTED = 3, 4, 130

CODES = {ParameterError: 2, IndexFault: NO_INDEX, SettingsError: MISCONFIGURED, UnlikelyRemoval: 6}


def exit_code(error: PostSearchError) -> int:
    """How a command ends that this error keeps from going on."""
    return next((code for kind, code in CODES.items() if isinstance(error, kind)), FINDINGS)

"""The exit codes of the commands; docs/command-line.md explains them."""

from __future__ import annotations

from index.errors import IndexFault, ParameterError, PostSearchError, SettingsError, UnlikelyRemoval

__all__ = ["FINDINGS", "INTERRUPTED", "REFUSED", "exit_code"]

FINDINGS = 1
"""Done, with something to tell: findings, posts that failed, or no hits."""

UNUSABLE_ARGUMENT = 2
NO_INDEX = 3
MISCONFIGURED = 4

REFUSED = 5
"""The system refused: a full disk, missing permissions."""

UNCONFIRMED = 6
"""Nothing was done, since most posts are gone, which nobody has confirmed."""

INTERRUPTED = 130


def exit_code(error: PostSearchError) -> int:
    """How a command ends that this error keeps from going on."""
    if isinstance(error, ParameterError):
        return UNUSABLE_ARGUMENT
    if isinstance(error, SettingsError):
        return MISCONFIGURED
    if isinstance(error, UnlikelyRemoval):
        return UNCONFIRMED
    return NO_INDEX if isinstance(error, IndexFault) else FINDINGS

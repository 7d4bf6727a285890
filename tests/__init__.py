"""The tests, laid out as the code is; what several of them share lies beside them here."""

from pathlib import Path

ROOT = Path(__file__).parents[1]
"""The folder of the project."""

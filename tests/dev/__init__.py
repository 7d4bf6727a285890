"""Tests of what lies in `dev`."""

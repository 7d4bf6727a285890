"""Tests of the cluster to try."""

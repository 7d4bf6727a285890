"""Searching in a cluster: its nodes find and count the matches, and the embedded engine ranks and marks the best."""

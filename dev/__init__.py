"""What people who work on postsearch need beside its tests; no part of the package."""

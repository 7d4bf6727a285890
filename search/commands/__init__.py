"""The commands of `postsearch`: each takes settings and flags, makes one call, and shows what came of it."""

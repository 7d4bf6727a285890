"""What a post's file says about the post: `encoding`, `header` and `metadata` read it one after the other."""

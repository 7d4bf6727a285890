"""The site that posts belong to: `site` finds out whose rules hold, `permalinks` gives a post its address."""

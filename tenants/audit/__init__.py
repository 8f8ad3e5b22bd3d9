"""Each look is logged before it happens; no log, no access. Rows can be added, never changed."""

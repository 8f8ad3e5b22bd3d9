"""The oracle: every world of a small region, one by one. It shares no code with the attacker or the suppressor."""

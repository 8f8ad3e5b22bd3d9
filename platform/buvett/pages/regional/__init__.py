"""A released table, made ready for a person: labels, hidden cells explained, rates, charts. Pure; no database."""

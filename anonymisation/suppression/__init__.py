"""Suppression: hide what is small, and as little else as keeps it safe, in one global system over all tables."""

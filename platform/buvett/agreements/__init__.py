"""Regions, who belongs to them when, and who shares which tables with whom, under which policy, until when."""

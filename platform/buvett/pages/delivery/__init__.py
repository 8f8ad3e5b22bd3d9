"""Lever tal: the municipality's own counts before anything leaves the house."""

"""Placeholder entry until the command line lands."""

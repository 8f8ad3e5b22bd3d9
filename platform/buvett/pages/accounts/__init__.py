"""Signing in, the hat that is on, declarations."""

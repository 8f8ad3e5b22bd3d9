"""Contribute, lock, protect, audit, publish, withdraw: the one place where rows meet methods."""

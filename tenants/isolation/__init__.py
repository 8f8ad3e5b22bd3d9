"""Whose rows are whose: municipality, scope, row-level security, database roles.

Rows of a municipality are reached inside ``with scope(...)`` only. PostgreSQL enforces it; Python only explains.
"""

"""A made-up population whose published cells come close to given values.

Rounding and differential privacy both end here: what they publish counts made-up people, so that every table adds up,
within itself and with every other table, by construction.
"""

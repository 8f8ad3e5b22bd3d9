"""Visible stamps are as coarse as a month (DESIGN.md, section 6)."""

from datetime import date


def month_of(day: date) -> date:
    """The first of the month."""
    return day.replace(day=1)

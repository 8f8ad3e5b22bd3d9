"""A leader's look at the own municipality's true counts."""

from datetime import date

from buvett.access.enums import Permission
from buvett.access.memberships import Hat
from buvett.access.policies import check_can_in, check_can_work
from tenants.isolation.enums import Purpose
from tenants.isolation.scopes import scope
from tenants.register.counting import RegisterCounts, count
from tenants.register.facts import assessments


def own_counts(hat: Hat | None, *, code: str, on: date, counted_on: date | None = None) -> RegisterCounts:
    """The municipality's true counts, ages as on ``counted_on`` (default ``on``, which is today).

    The intent is committed before the first envelope is opened.

    Raises NotHere, NotAllowed, DeclarationNeeded or NoBasis.
    """
    hat = check_can_in(hat, Permission.SEE_OWN_COUNTS, code=code)
    with scope(hat.house, by=hat.user, purpose=Purpose.OVERSIKT):
        check_can_work(hat, purpose=Purpose.OVERSIKT, on=on)
        return count(assessments(), counted_on=counted_on or on)

"""A colleague who has left Seljord: some of her cases are with nobody, some a colleague has too."""

from datetime import date, timedelta

from buvett.access import grants
from buvett.access.grants import rows_of
from buvett.access.models import Membership
from buvett.access.roles import Role
from buvett.accounts.models import User
from buvett.demo import data
from tenants.isolation.enums import Purpose
from tenants.isolation.models import Municipality
from tenants.isolation.scopes import scope

WHERE = "4022"
EMAIL, NAME = f"slutta@seljord.{data.DOMAIN}", "Tidlegare sakshandsamar Seljord (demo)"
LYING, SHARED = 6, 3  # of her cases: hers alone, a colleague's too


def leave(on: date) -> bool:
    """As the web process, after the registers came in: her account, her role that ran out, her cases.

    Once; False when she has left already, or when there is no register to have cases in.
    """
    municipality = Municipality.objects.get(code=WHERE, valid_to=None)
    worker = User.objects.get(email=data.person(Role.CASE_WORKER, WHERE).email)
    leader = User.objects.get(email=data.person(Role.LOCAL_LEADER, WHERE).email)
    if User.objects.filter(email=EMAIL).exists():
        return False
    with scope(municipality.pk, by=leader.pk, purpose=Purpose.SAK):
        cases = sorted(rows_of(worker.pk).values_list("content_object_id", flat=True))[: LYING + SHARED]
        if not cases:
            return False
        left = User.objects.create_user(email=EMAIL, name=NAME, demo=True)
        Membership.objects.create(
            user=left,
            municipality=municipality,
            role=Role.CASE_WORKER.value,
            valid_from=data.region().since,
            valid_to=on - timedelta(days=14),
        )
        grants.give_new(cases, to=left, by=left)
        grants.take_all(cases[:LYING], of=worker.pk, by=leader)
    return True

"""The demo's next period: open, with every paper and no approval, so that leaders have something to decide."""

from django.utils import timezone

from buvett.access.memberships import hats_of
from buvett.access.roles import Role as Named
from buvett.accounts.models import User
from buvett.agreements.models import Agreement
from buvett.console import push_works
from buvett.console.requests import Request
from buvett.demo import data, planning
from buvett.releases.delivering import own_runs, see_delivery
from tenants.isolation.enums import Role
from tenants.isolation.models import Municipality
from tenants.isolation.roles import connected_as

TODAY = timezone.localdate()


def test_next_period_waits_for_the_local_leaders(region: str) -> None:
    """After the first release, as in the demo: the newest agreement is the one that commands act on."""
    for _ in range(2):  # the same again changes nothing
        with connected_as(Role.OWNER):
            planning.agree_on_next_period(TODAY)
        planning.file_papers_of_next_period(TODAY)
    push = Request(options={"region": region}, content=b"")
    assert push_works.open_period(push) == {"opened": True}
    lines = push_works.contribute(push)["lines"]
    assert len(lines) == 7
    assert all(line.endswith("approval") for line in lines)

    name, text = planning.next_programme()
    assert (name, 'period = "2027"' in text, 'id = "vt-2027"' in text) == ("vt-2027", True, True)
    with connected_as(Role.READER):
        assert Agreement.objects.filter(programme=name).count() == 1
    leader = User.objects.get(email=data.person(Named.LOCAL_LEADER, "4022").email)
    hat = next(hat for hat in hats_of(leader.pk, on=TODAY) if hat.role is Named.LOCAL_LEADER)
    town = Municipality.objects.get(code="4022", valid_to=None)
    run = next(one for one in own_runs(town.pk) if one.programme == name)
    assert see_delivery(hat, run.id, code="4022", on=TODAY).to_decide

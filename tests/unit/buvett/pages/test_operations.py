"""What operations sees: words and times, whatever lies in the registers."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from buvett.access.roles import Role
from buvett.pages.operations.status import SOON, Condition, _queue
from buvett.releases import outbox
from buvett.releases.watching import QueueState, queue_states
from tests import people
from tests.integration.releases.region import agree
from tests.integration.releases.region import people as counted

NOW = timezone.now()
LONG_AGO = NOW - SOON - timedelta(seconds=1)
JUST_NOW = NOW - timedelta(seconds=1)


@pytest.mark.parametrize(
    ("unsent", "waits", "condition"),
    [
        (None, None, Condition.IDLE),
        (None, JUST_NOW, Condition.WORKS),
        (JUST_NOW, JUST_NOW, Condition.WORKS),
        (None, LONG_AGO, Condition.WAITS),
        (JUST_NOW, LONG_AGO, Condition.WAITS),
        (LONG_AGO, LONG_AGO, Condition.STUCK),
    ],
)
def test_queue_is_told_by_its_oldest_work(unsent, waits, condition):
    state = QueueState(queue="publisher", unsent_since=unsent, waits_since=waits, last_done=None)

    assert _queue(state, now=NOW).condition is condition


@pytest.fixture(scope="module")
def page(make_municipality):
    """The page twice: with three registers, then with many more people in one of them."""
    agreed = agree(make_municipality, [counted(7, 6, 2), counted(8, 5, 0), counted(6, 9, 1)])
    agreed.open(hours=1)
    outbox.plan()
    someone = people.user()
    people.give_role(someone, Role.OPERATIONS)
    client = people.browser(someone)
    first = client.get("/operations/").content.decode()
    people.register(agreed.members[0], names=[f"Person {n}" for n in range(20)])
    return first, client.get("/operations/").content.decode()


def test_planned_work_is_seen_as_the_reader(page):
    (contributor, publisher) = queue_states()

    assert (contributor.queue, publisher.queue) == ("contributor", "publisher")
    assert contributor.unsent_since is not None


def test_page_names_services_queues_and_the_next_run(page):
    text = page[0]

    assert {"Sidene", "Database, for sidene", "Telje og forsegle (køen til kommunane)"} <= {
        found.strip() for found in re.findall(r'<th scope="row">([^<]*)</th>', text)
    }
    assert "open for leveransar" in text


def test_nothing_on_the_page_depends_on_a_case(page):
    def bare(text):
        return re.sub(r'csrfmiddlewaretoken" value="[^"]*"|\d+:\d+', "", text)

    assert bare(page[0]) == bare(page[1])

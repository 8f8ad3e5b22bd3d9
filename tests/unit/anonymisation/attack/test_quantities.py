"""What each attacker asks for, and what of it is small in the true world: the same as the oracle says."""

import numpy as np
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings

from anonymisation.attack import quantities, sight, system, truth
from anonymisation.attack.insight import Work
from anonymisation.attack.quantities import Eyes
from tests.oracle.adapter import region, true_world
from tests.oracle.safe import Verdict, attackers
from tests.oracle.small import MOST_PEOPLE, Setting, settings

SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
# (table, key, margin) to (value, small, width that is asked for)
Asked = dict[tuple[str, tuple[str, ...], str | None], tuple[int, bool, int]]


def by_oracle(setting: Setting) -> dict[str, Asked]:
    where = region(setting.release)
    verdict = Verdict(where, true_world(where, [setting.counts])[None, :])
    return {
        who: {
            (q.table.id, q.key, q.margin): (int(value), bool(small), q.table.width)
            for q, value, small in zip(
                verdict.by_attacker[who], verdict.values[who][0], verdict.small(who)[0], strict=True
            )
        }
        for who in attackers(where)
    }


def by_eyes(setting: Setting) -> dict[str, Asked]:
    linked = system.build([sight.publication(setting.release)])
    asked = quantities.build(linked)
    world = truth.read(linked, setting.counts, cap=MOST_PEOPLE, work=Work(1000)).world
    leaves = linked.lines[linked.contributor].leaves if linked.contributor else ()
    inside = dict(enumerate(leaves)) if linked.publications[0].insiders else {}
    found = {}
    for who, name in {-1: "public", **inside}.items():
        eyes = Eyes(asked, who)
        values = (eyes.targets @ world)[eyes.target]
        small = eyes.small(world[None, :])[0]
        told = {}
        for number, value, is_small in zip(eyes.kept, values, small, strict=True):
            label = asked.labels[number]
            told[label.table, label.key, label.margin] = int(value), bool(is_small), int(asked.width[number])
        found[name] = told
        widest = np.zeros(eyes.targets.shape[0], dtype=int)
        for place, number in enumerate(eyes.kept):
            if small[place]:
                widest[eyes.target[place]] = max(widest[eyes.target[place]], asked.width[number])
        assert eyes.needed(small).tolist() == widest.tolist()
    return found


@given(settings())
@hypothesis_settings(max_examples=50, deadline=None, suppress_health_check=SLOW)
def test_quantities_and_what_is_small_equal_oracle(setting: Setting):
    assert by_eyes(setting) == by_oracle(setting)


@given(settings(history=True))
@hypothesis_settings(max_examples=30, deadline=None, suppress_health_check=SLOW)
def test_quantities_of_two_releases_are_those_of_each(setting: Setting):
    both = quantities.build(system.build([sight.publication(r) for r in (setting.release, *setting.earlier)]))
    for number, release in enumerate((setting.release, *setting.earlier)):
        alone = quantities.build(system.build([sight.publication(release)]))
        mine = [at for at, label in enumerate(both.labels) if label.publication == number]
        named = [(both.labels[at].table, both.labels[at].key, both.labels[at].margin) for at in mine]
        assert named == [(label.table, label.key, label.margin) for label in alone.labels]
        assert both.shown[mine].tolist() == alone.shown.tolist()
        assert both.split[mine].tolist() == alone.split.tolist()
        shown = {(table.id, cell.key) for table in release.programme.tables for cell in release.cells[table.id]}
        assert int(alone.shown.sum()) == sum(release.values.get(place) is not None for place in shown)

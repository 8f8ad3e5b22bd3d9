"""Settings of odd shapes for Hypothesis."""

import numpy as np
from hypothesis import strategies as st

from anonymisation import Counts, Programme
from tests.oracle.adapter import publish
from tests.oracle.small import MOST_PEOPLE, TABLES, Setting, draw_pattern, draw_policy, programme_text


@st.composite
def crossed_before(draw: st.DrawFn, *, rule_aware: bool | None = None) -> Setting:
    """Places by kinds in an earlier release, and now a table of places alone, which cannot tell all that was told."""
    shape = {"places": draw(st.integers(1, 3)), "kinds": 2}
    now, before = draw_policy(draw, rule_aware=rule_aware), draw_policy(draw)
    here = Programme.parse(programme_text(tables=TABLES["places"], policy=now, **shape))
    sensitive = f"sensitive = {str(draw(st.booleans())).lower()}\n"
    there = Programme.parse(programme_text(tables=TABLES["crossed"] + sensitive, policy=before, name="q", **shape))
    people = draw(st.lists(st.tuples(st.integers(0, shape["places"] - 1), st.integers(0, 1)), max_size=MOST_PEOPLE))
    crossed = np.zeros((shape["places"], 2), dtype=np.int64)
    for person in people:
        crossed[person] += 1
    counts = Counts.from_tables(here, {"places": crossed.sum(axis=1)})
    earlier = Counts.from_tables(there, {"crossed": crossed})
    return Setting(
        counts, publish(counts, draw_pattern(draw, here)), (publish(earlier, draw_pattern(draw, there)),), (earlier,)
    )

"""The line of a case in a list: a name to find it by, its states, and which facts nobody has asked about.

One small envelope a case, so that a list of two thousand opens no number, no address and no finding. It is derived
from the other envelopes and written with them, in the same statement.
"""

from collections.abc import Mapping
from typing import Any

from tenants.register.codelists import Answer
from tenants.register.kartlegging import fact_names
from tenants.register.states import is_masked, states_of

TABLE = "register_case"


def line_of(identity: Mapping[str, Any], assessment: Mapping[str, Any]) -> dict[str, Any]:
    """``name`` is empty where the person is masked; ``states`` sorted; ``missing`` in the form's order."""
    states = states_of(assessment)
    return {
        "name": "" if is_masked(states) else name_of(identity),
        "states": sorted(states),
        "missing": missing_of(assessment),
    }


def name_of(identity: Mapping[str, Any]) -> str:
    """Given name and family name, as far as they are known."""
    names = [str(identity.get(part) or "").strip() for part in ("given_name", "family_name")]
    return " ".join(name for name in names if name)


def missing_of(assessment: Mapping[str, Any]) -> list[str]:
    """Facts of the kartlegging that nobody has asked about: neither answered, nor unknown, nor declined."""
    answers = assessment["unanswered"]
    found = []
    for name in fact_names():
        group, _, key = name.partition(".")
        value = assessment[group].get(key) if key else assessment[group]
        state = answers.get(name)
        if state == Answer.NOT_ASKED.value or (state is None and value is None):
            found.append(name)
    return found

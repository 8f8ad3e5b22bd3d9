"""What a session must hold before it counts as somebody's: that a second factor was given in it.

Fail closed: a session that only holds a person (a password alone, or one that was made up) is nobody's.
"""

from collections.abc import MutableMapping
from typing import Any

from buvett.accounts.models import User
from buvett.accounts.policies import demo_is_on

KEY = "second_factor"
FACTORS = frozenset({"totp", "webauthn", "recovery_codes"})
BY_CLICK = "demo"


def prove(session: MutableMapping[str, Any], user: User, *, by: str) -> None:
    """Note that this person gave this factor in this session (``demo``: one click instead, in a demo)."""
    session[KEY] = {"user": str(user.pk), "by": by}


def is_proved(session: MutableMapping[str, Any], user: User) -> bool:
    """Whether this very person gave a second factor in this session."""
    mark = session.get(KEY)
    if not isinstance(mark, dict) or mark.get("user") != str(user.pk):
        return False
    if mark.get("by") == BY_CLICK:
        return demo_is_on() and user.demo
    return mark.get("by") in FACTORS

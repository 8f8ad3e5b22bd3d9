"""Which hat is on in a session. A person with several chooses; a hat that has run out falls off."""

from datetime import date
from uuid import UUID

from django.http import HttpRequest
from django.utils import timezone

from buvett.access.errors import NotHere
from buvett.access.memberships import Hat, hats_of
from buvett.accounts.models import User

SESSION_KEY = "hat"


def hats(request: HttpRequest) -> tuple[Hat, ...]:
    """The signed-in person's live hats; read once a request."""
    if not isinstance(request.user, User):
        return ()
    found: tuple[Hat, ...] | None = getattr(request, "buvett_hats", None)
    if found is None:
        found = hats_of(request.user.pk, on=today())
        request.buvett_hats = found  # type: ignore[attr-defined]
    return found


def hat_on(request: HttpRequest) -> Hat | None:
    """The hat that is on: the chosen one, or the only one. None: none is live, or it has to be chosen."""
    found = hats(request)
    chosen = request.session.get(SESSION_KEY)
    for hat in found:
        if str(hat.membership) == chosen:
            return hat
    return found[0] if len(found) == 1 else None


def put_on(request: HttpRequest, membership: UUID) -> Hat:
    """Put on one of the person's own live hats. Raises NotHere for any other."""
    for hat in hats(request):
        if hat.membership == membership:
            request.session[SESSION_KEY] = str(membership)
            return hat
    raise NotHere("no such role for this person")


def today() -> date:
    """The day that memberships, declarations and legal bases are asked for."""
    return timezone.localdate()

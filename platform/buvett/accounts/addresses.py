from django.conf import settings
from django.http import HttpRequest


def address_of(request: HttpRequest) -> str:
    """The address that the request came from: the peer's, or what the own proxy says of it.

    A proxy adds the address it was asked from to the end of ``X-Forwarded-For``; what stands before was said by
    whoever asked, and anybody can say anything.
    """
    told = request.headers.get("X-Forwarded-For", "") if settings.BEHIND_PROXY else ""
    return told.rpartition(",")[2].strip() or str(request.META.get("REMOTE_ADDR", ""))

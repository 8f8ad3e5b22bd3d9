from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

from buvett.access.enums import Permission
from buvett.access.hats import hat_on
from buvett.access.policies import check_can
from buvett.accounts.models import User


class Needs(BasePermission):
    """The hat that is on gives the right that the view names as ``needs``."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        if not isinstance(request.user, User):
            return False
        wanted: Permission = view.needs  # type: ignore[attr-defined]
        check_can(hat_on(request._request), wanted)
        return True

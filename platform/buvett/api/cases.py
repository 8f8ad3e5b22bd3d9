"""The signed-in person's own cases, as the case list shows them."""

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from buvett.access.case_lists import listed
from buvett.access.cases import case_room
from buvett.access.enums import Permission
from buvett.access.hats import hat_on, today
from buvett.accounts.models import User
from buvett.api.rights import Needs


class ListedCaseSerializer(serializers.Serializer):
    id = serializers.UUIDField()
    name = serializers.CharField()
    changed_month = serializers.DateField(help_text="The month of the last change, as its first day.")


class MyCasesSerializer(serializers.Serializer):
    municipality = serializers.CharField()
    cases = ListedCaseSerializer(many=True)


class MyCases(APIView):
    """Cases that the person has been given in the municipality of the role that is on. Each call is logged first."""

    permission_classes = [Needs]
    needs = Permission.SEE_CASES

    @extend_schema(responses=MyCasesSerializer)
    def get(self, request: Request) -> Response:
        user = request.user
        assert isinstance(user, User)  # noqa: S101 - the permission lets nobody else in
        hat = hat_on(request._request)
        code = hat.code if hat else ""
        with case_room(user, hat, code=code, on=today()):
            body = MyCasesSerializer({"municipality": code, "cases": listed(user)}).data
        return Response(body, headers={"Cache-Control": "no-store"})

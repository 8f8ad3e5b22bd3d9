"""Released tables: the same queries as the pages, nothing that is not published."""

from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from buvett.access.enums import Permission
from buvett.api.rights import Needs
from buvett.releases import queries


class CellSerializer(serializers.Serializer):
    key = serializers.ListField(child=serializers.CharField(), help_text="One code per dimension, in their order.")
    value = serializers.IntegerField(allow_null=True, help_text="Number of people; null where the cell is hidden.")
    status = serializers.ChoiceField(choices=["shown", "hidden"])
    why = serializers.ChoiceField(
        choices=["protected", "waiting"], allow_null=True, help_text="protected: for privacy; waiting: not delivered."
    )


class DimensionSerializer(serializers.Serializer):
    name = serializers.CharField()
    total = serializers.CharField(help_text="The total's code.")
    codes = serializers.ListField(child=serializers.CharField())
    levels = serializers.DictField(help_text="Level → group's code → the codes in it.")
    multi = serializers.BooleanField(help_text="A person may have several codes: they do not add up to the total.")


class TableSummarySerializer(serializers.Serializer):
    id = serializers.CharField()
    sensitive = serializers.BooleanField()
    threshold = serializers.IntegerField()


class TableSerializer(TableSummarySerializer):
    dimensions = DimensionSerializer(many=True)
    levels = serializers.DictField(help_text="Dimension → what is published of it.")
    cells = CellSerializer(many=True)


class WithdrawnSerializer(serializers.Serializer):
    reason = serializers.CharField()
    name = serializers.CharField(help_text="Who asked for it.")
    at = serializers.DateTimeField()


class ReleaseSummarySerializer(serializers.Serializer):
    id = serializers.UUIDField()
    region = serializers.CharField()
    region_name = serializers.CharField()
    programme = serializers.CharField()
    period = serializers.CharField()
    revision = serializers.IntegerField()
    state = serializers.ChoiceField(choices=["published", "withdrawn"])
    counted_on = serializers.DateField()
    published_at = serializers.DateTimeField()
    sha256 = serializers.CharField(help_text="Of the signed document.")
    policy = serializers.DictField()
    contributors = serializers.ListField(child=serializers.CharField())
    waiting = serializers.ListField(child=serializers.CharField(), help_text="Not delivered when it was locked.")
    withdrawal = WithdrawnSerializer(allow_null=True, help_text="Why it was withdrawn, or is about to be.")


class ReleaseDetailSerializer(ReleaseSummarySerializer):
    tables = TableSummarySerializer(many=True)


class ReleaseListSerializer(serializers.Serializer):
    releases = ReleaseSummarySerializer(many=True)


class ReleaseList(APIView):
    """Published and withdrawn releases, newest first."""

    permission_classes = [Needs]
    needs = Permission.SEE_RELEASES

    @extend_schema(responses=ReleaseListSerializer)
    def get(self, request: Request) -> Response:
        return Response(ReleaseListSerializer({"releases": queries.releases()}).data)


class ReleaseDetail(APIView):
    """One release and the tables that it has."""

    permission_classes = [Needs]
    needs = Permission.SEE_RELEASES

    @extend_schema(responses=ReleaseDetailSerializer)
    def get(self, request: Request, release: UUID) -> Response:
        return Response(ReleaseDetailSerializer(queries.release(release)).data)


class TableDetail(APIView):
    """One released table with all its cells."""

    permission_classes = [Needs]
    needs = Permission.SEE_RELEASES

    @extend_schema(responses=TableSerializer)
    def get(self, request: Request, release: UUID, table: str) -> Response:
        return Response(TableSerializer(queries.release(release).table(table)).data)

"""Sent versions of regional plans: the same queries as the pages, never a draft."""

from uuid import UUID

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from buvett.access.enums import Permission
from buvett.access.hats import hat_on
from buvett.api.rights import Needs
from buvett.plans import queries
from buvett.plans.enums import Reach, Verdict
from buvett.plans.errors import NoPlan
from buvett.plans.states import State


class AskedSerializer(serializers.Serializer):
    code = serializers.CharField()
    name = serializers.CharField()


class AnswerSerializer(serializers.Serializer):
    code = serializers.CharField()
    municipality = serializers.CharField()
    verdict = serializers.ChoiceField(choices=[verdict.value for verdict in Verdict])
    remark = serializers.CharField()
    name = serializers.CharField()
    at = serializers.DateTimeField()


class CommentSerializer(serializers.Serializer):
    municipality = serializers.CharField(help_text="Empty for the intermunicipal group.")
    text = serializers.CharField()
    name = serializers.CharField()
    at = serializers.DateTimeField()


class NumberSerializer(serializers.Serializer):
    release = serializers.UUIDField()
    table = serializers.CharField()
    key = serializers.ListField(child=serializers.CharField())
    value = serializers.IntegerField(allow_null=True, help_text="null where the cell is hidden.")
    why = serializers.ChoiceField(choices=["protected", "waiting"], allow_null=True)


class ChapterSerializer(serializers.Serializer):
    heading = serializers.CharField()
    text = serializers.CharField()


class MeasureSerializer(serializers.Serializer):
    title = serializers.CharField()
    text = serializers.CharField()
    reach = serializers.ChoiceField(choices=[reach.value for reach in Reach])
    owner = serializers.CharField()
    due = serializers.DateField(allow_null=True)
    number = NumberSerializer(allow_null=True)


class RestsOnSerializer(serializers.Serializer):
    id = serializers.UUIDField()
    sha256 = serializers.CharField()
    programme = serializers.CharField()
    period = serializers.CharField()
    counted_on = serializers.DateField()
    published_at = serializers.DateTimeField()
    contributors = serializers.ListField(child=serializers.CharField())
    waiting = serializers.ListField(child=serializers.CharField())
    withdrawn = serializers.BooleanField(help_text="Whether the release has been withdrawn since.")


class PlanSummarySerializer(serializers.Serializer):
    id = serializers.UUIDField(help_text="Of the version.")
    plan = serializers.UUIDField()
    region = serializers.CharField()
    region_name = serializers.CharField()
    number = serializers.IntegerField()
    title = serializers.CharField()
    state = serializers.ChoiceField(choices=[state.value for state in State if state is not State.DRAFT])
    sha256 = serializers.CharField(help_text="Of the frozen body.")
    sent_by_name = serializers.CharField()
    sent_at = serializers.DateTimeField()
    asked = AskedSerializer(many=True)
    answers = AnswerSerializer(many=True)


class PlanDetailSerializer(PlanSummarySerializer):
    asks = serializers.CharField()
    chapters = ChapterSerializer(many=True)
    measures = MeasureSerializer(many=True)
    releases = RestsOnSerializer(many=True)
    comments = CommentSerializer(many=True)


class PlanListSerializer(serializers.Serializer):
    plans = PlanSummarySerializer(many=True)


class PlanList(APIView):
    """Sent versions, newest first."""

    permission_classes = [Needs]
    needs = Permission.SEE_PLANS

    @extend_schema(responses=PlanListSerializer)
    def get(self, request: Request) -> Response:
        return Response(PlanListSerializer({"plans": queries.sent(hat_on(request._request))}).data)


class PlanDetail(APIView):
    """One sent version with its answers and comments."""

    permission_classes = [Needs]
    needs = Permission.SEE_PLANS

    @extend_schema(responses=PlanDetailSerializer)
    def get(self, request: Request, version: UUID) -> Response:
        try:
            found = queries.version(hat_on(request._request), version)
        except NoPlan:
            raise Http404 from None
        return Response(PlanDetailSerializer(found).data)

from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe


@require_safe
def status(request: HttpRequest) -> JsonResponse:
    """For the supervisor: the process answers. No number, no version, nothing of the content."""
    return JsonResponse({"ok": True})

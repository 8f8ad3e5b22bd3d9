"""The teieplikterklæring: read it, sign it, once a year; what one has signed is kept."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import get_language, gettext
from django.views.decorators.http import require_http_methods

from buvett.access.declarations import sign, standing
from buvett.access.enums import Permission
from buvett.access.hats import hat_on, today
from buvett.pages.guard import needs
from buvett.pages.onward import onward
from buvett.pages.rendering import page
from tenants.legal import declarations


@require_http_methods(["GET", "POST"])
@needs(Permission.SEE_CASES)
def declaration(request: HttpRequest, code: str) -> HttpResponse:
    """The text of the current version in the person's language (the Norwegian ones are the signed ones)."""
    hat = hat_on(request)
    assert hat is not None  # noqa: S101 - the guard lets nobody else in
    language = "nb" if get_language() == "nb" else "nn"
    on = today()
    found = standing(hat, on=on)
    if request.method == "POST" and not found.may_sign:
        return redirect(onward(request))
    if request.method == "POST" and request.POST.get("read") == "yes":
        sign(hat, language=language, on=on)
        messages.success(request, gettext("The declaration is signed. It lasts a year."))
        return redirect(onward(request))
    paragraphs = [part.replace("\n", " ").strip() for part in declarations.text(language).split("\n\n")]
    context = {
        "title": paragraphs[0],
        "paragraphs": paragraphs[1:],
        "text_language": language,
        "version": declarations.VERSION,
        "standing": found,
        "history": [(row, "ended" if row.revoked_on or row.expires_on < on else "live") for row in found.history],
        "next": onward(request),
        "problem": request.method == "POST",
    }
    return page(request, "accounts/declaration.html", context, status=422 if request.method == "POST" else 200)

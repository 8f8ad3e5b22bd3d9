"""A project leader asks for a published release to be withdrawn, with a reason that every reader sees."""

from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from buvett.access.enums import Permission
from buvett.access.hats import hat_on
from buvett.pages.delivery.words import OBSTACLES
from buvett.pages.guard import needs
from buvett.pages.rendering import page
from buvett.releases.errors import NoRelease, NotToDecide
from buvett.releases.withdraw import LONGEST, ask, own_release


class WithdrawForm(forms.Form):
    """Why, in words for everyone."""

    reason = forms.CharField(
        label=_("Why is it withdrawn?"),
        help_text=_("Everyone who reads the numbers sees this. Write nothing about a person."),
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": _("Write why.")},
    )


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Permission.WITHDRAW_RELEASE)
def withdrawing(request: HttpRequest, release: UUID) -> HttpResponse:
    """The release, what withdrawing means, and the form."""
    form = WithdrawForm(request.POST if request.method == "POST" else None)
    try:
        found = own_release(hat_on(request), release)
        if request.method == "POST" and form.is_valid():
            ask(hat_on(request), release, reason=form.cleaned_data["reason"])
            messages.success(request, gettext("The release is being withdrawn. Readers see your reason."))
            return redirect("region", found.region)
    except NoRelease:
        raise Http404 from None
    except NotToDecide as refusal:
        form.add_error(None, str(OBSTACLES[refusal.why]))
    status = 422 if form.errors else 200
    return page(request, "delivery/withdraw.html", {"release": found, "form": form}, status=status)

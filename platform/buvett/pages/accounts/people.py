"""The people of the own municipality: who has which role until when, and what a leader does about it."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_safe

from buvett.access import members, people, resets
from buvett.access.enums import Permission
from buvett.access.errors import MembershipRefused, NotHere
from buvett.access.hats import hat_on, today
from buvett.access.memberships import Hat
from buvett.access.people import Member
from buvett.access.regions import regions_of
from buvett.access.resets import Outcome
from buvett.access.roles import Role
from buvett.accounts.invitations import Link
from buvett.agreements.models import Region
from buvett.pages.accounts.people_forms import WHY, ChangeForm, InviteForm
from buvett.pages.guard import needs
from buvett.pages.rendering import page
from tenants.isolation.models import Municipality


@require_safe
@needs(Permission.RESET_SIGN_IN)
def people_page(request: HttpRequest, code: str) -> HttpResponse:
    """Everyone with a role in the municipality; those of the region below."""
    found = people.people_of(hat_on(request), code=code, on=today())
    return page(request, "accounts/people.html", {"people": found})


@require_http_methods(["GET", "POST"])
@needs(Permission.MANAGE_MEMBERS)
def invite(request: HttpRequest, code: str) -> HttpResponse:
    """Give someone a role; whoever has no password yet gets a one-time link, shown here and never again."""
    regions = tuple(Region.objects.filter(pk__in=regions_of(_hat(request), on=today())).order_by("name"))
    form = InviteForm(request.POST if request.method == "POST" else None, regions=regions)
    if request.method == "POST" and form.is_valid():
        wanted = members.Wanted(
            role=Role(form.cleaned_data["role"]),
            since=form.cleaned_data["since"],
            until=form.cleaned_data["until"],
            region=form.cleaned_data.get("region"),
        )
        try:
            link = members.invite(
                _hat(request),
                code=code,
                email=form.cleaned_data["email"],
                name=form.cleaned_data["name"],
                wanted=wanted,
                on=today(),
            )
        except MembershipRefused as refusal:
            form.add_error(None, WHY[refusal.why])
        else:
            if link is not None:
                return _link_page(request, link, name=form.cleaned_data["name"], code=code)
            messages.success(request, gettext("The role is given. It is there the next time the person signs in."))
            return redirect("people", code)
    return page(request, "accounts/invite.html", {"form": form}, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@needs(Permission.RESET_SIGN_IN)
def person(request: HttpRequest, code: str, membership: UUID) -> HttpResponse:
    """One person's role: lengthen it, end it, a new link, let in anew."""
    hat, on = _hat(request), today()
    found = people.member_of(hat, code=code, membership=membership, on=on)
    if found is None:
        raise NotHere("no such membership in this municipality")
    form = ChangeForm(initial={"until": found.until})
    problem = ""
    if request.method == "POST":
        try:
            verb = request.POST.get("verb", "")
            if verb == "change":
                form = ChangeForm(request.POST)
                if form.is_valid():
                    members.change(hat, code=code, membership=membership, until=form.cleaned_data["until"], on=on)
                    messages.success(request, gettext("The last day is changed."))
                    return redirect("people", code)
            elif verb == "end" and request.POST.get("sure") == "yes":
                members.end(hat, code=code, membership=membership, on=on)
                messages.success(request, gettext("The role has ended."))
                return redirect("people", code)
            elif verb == "link":
                link = members.invite_again(hat, code=code, membership=membership, on=on)
                return _link_page(request, link, name=found.name, code=code)
            elif verb == "reset":
                return _reset(request, hat, found, code=code)
            else:
                problem = gettext("Tick that you are sure, and try again.")
        except MembershipRefused as refusal:
            problem = str(WHY[refusal.why])
    context = {"member": found, "form": form, "problem": problem, "manages": members.can_change(hat, found.user)}
    return page(request, "accounts/person.html", context, status=422 if problem or form.errors else 200)


def _reset(request: HttpRequest, hat: Hat, member: Member, *, code: str) -> HttpResponse:
    outcome = resets.ask(hat, code=code, user=member.user, on=today())
    if outcome.link is not None:
        return _link_page(request, outcome.link, name=member.name, code=code)
    messages.info(request, _noted(outcome))
    return redirect("person", code, member.membership)


def _noted(outcome: Outcome) -> str:
    """What is lacking, who gives it and where."""
    if outcome.waits_for:
        names = Municipality.objects.filter(pk__in=outcome.waits_for).order_by("name").values_list("name", flat=True)
        return gettext(
            "Noted. Nothing is changed until a leader or chief executive has confirmed it in: %(names)s. They find the"
            " person under Our people."
        ) % {"names": ", ".join(names)}
    return gettext(
        "Noted. Nothing is changed until a second person has confirmed it: a leader or chief executive whom you did not"
        " invite and who did not invite you; for someone of the region, in another municipality. Is there none, ask"
        " whoever runs bu-vett: at the operator's console they write “buvett admin reset --email” and the e-mail."
    )


def _link_page(request: HttpRequest, link: Link, *, name: str, code: str) -> HttpResponse:
    address = request.build_absolute_uri(reverse("invitation_link", args=[link.token]))
    return page(request, "accounts/link.html", {"address": address, "expires_at": link.expires_at, "name": name})


def _hat(request: HttpRequest) -> Hat:
    hat = hat_on(request)
    assert hat is not None  # noqa: S101 - the guard lets nobody else in
    return hat

"""Forms about the people of a municipality, and the words for what is refused."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from buvett.access.hats import today
from buvett.access.roles import GIVEN_BY_LEADER, Role
from buvett.agreements.models import Region

ROLE_NAMES = {
    Role.CASE_WORKER: _("case worker"),
    Role.LOCAL_LEADER: _("local leader"),
    Role.USER_REPRESENTATIVE: _("user representative"),
    Role.CHIEF_EXECUTIVE: _("chief executive"),
    Role.DATA_PROTECTION_OFFICER: _("data protection officer"),
    Role.INTERMUNICIPAL_MEMBER: _("intermunicipal project group"),
}
WHY = {
    "own": _("Nobody changes their own rights: another leader has to do this."),
    "role": _("That role is not given here."),
    "region": _("Choose the region that the role is for, one that the municipality belongs to."),
    "dates": _("The last day is after the first, not in the past, and at most two years ahead."),
    "already": _("This person has that role here already: change its last day instead."),
    "demo": _("Invented people of the demo cannot be given roles or passwords."),
    "signs_in": _("This person has a password, or was invited by another municipality: no link is made."),
    "twice": _("You have taken part in this already. Another person has to confirm it."),
}


def _day(label: Any, help_text: Any = "") -> forms.DateField:
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, help_text=help_text, widget=widget, input_formats=["%Y-%m-%d", "%d.%m.%Y"])


class InviteForm(forms.Form):
    """Who is invited, as what, from when until when."""

    name = forms.CharField(label=_("Name"), max_length=120, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    email = forms.EmailField(
        label=_("E-mail at work"),
        help_text=_("The name that the person signs in with. No mail is sent to it."),
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )
    role = forms.ChoiceField(label=_("Role"), choices=[(role.value, ROLE_NAMES[role]) for role in GIVEN_BY_LEADER])
    region = forms.UUIDField(
        label=_("Region"), required=False, help_text=_("For the intermunicipal project group only.")
    )
    since = _day(_("First day"))
    until = _day(_("Last day"), _("At most two years ahead. Lengthen it when the time comes."))

    def __init__(self, *args: Any, regions: Sequence[Region] = (), **kwargs: Any) -> None:
        kwargs.setdefault("initial", {"since": today(), "until": today() + timedelta(days=365)})
        super().__init__(*args, **kwargs)
        if len(regions) > 1:
            choices = [("", "–"), *((str(region.pk), region.name) for region in regions)]
            self.fields["region"].widget = forms.Select(choices=choices)
        else:  # nothing to choose: the municipality is in one region, or in none
            del self.fields["region"]


class ChangeForm(forms.Form):
    """Another last day."""

    until = _day(_("Last day"), _("At most two years ahead. Lengthen it when the time comes."))

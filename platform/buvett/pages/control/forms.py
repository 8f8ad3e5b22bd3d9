"""What the officer asks the log for."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

from buvett.access.control import Filter, Kind, check_filter
from buvett.access.hats import today

USUAL = timedelta(days=30)


def _day(label: Any) -> forms.DateField:
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, widget=widget, input_formats=["%Y-%m-%d", "%d.%m.%Y"])


class LogForm(forms.Form):
    """Period, colleague, case, and which kind of entries is shown."""

    since = _day(_("From"))
    until = _day(_("To"))
    person = forms.UUIDField(label=_("Colleague"), required=False)
    case = forms.CharField(
        label=_("Case reference"),
        required=False,
        help_text=_("The first eight characters, or all of them."),
        validators=[RegexValidator(r"^[0-9a-fA-F-]{4,36}$", _("A reference is at least four of 0–9 and a–f."))],
    )
    show = forms.ChoiceField(
        label=_("Show"),
        required=False,
        choices=[
            (Kind.LOOKS.value, _("Looks, imports and refusals")),
            (Kind.SIGN_INS.value, _("Sign-ins, also those that failed")),
            (Kind.ALL.value, _("Everything in the log")),
        ],
    )

    def clean(self) -> dict[str, Any]:
        found: dict[str, Any] = super().clean() or {}
        if not self.errors:
            try:
                check_filter(self.wanted())
            except ValueError:
                raise ValidationError(
                    _("The last day must be the first day or later, and at most a year after it."), code="period"
                ) from None
        return found

    def wanted(self) -> Filter:
        """The filter that the form asks for."""
        asked = self.cleaned_data
        return Filter(
            since=asked["since"],
            until=asked["until"],
            person=asked.get("person"),
            case=asked.get("case", "").strip().lower(),
            kind=Kind(asked.get("show") or Kind.LOOKS),
        )

    def offer(self, people: Sequence[tuple[UUID, str]]) -> None:
        """Let one choose among these colleagues."""
        self.fields["person"].widget = forms.Select(
            choices=[("", _("All")), *((str(person), name) for person, name in people)]
        )


def usual() -> dict[str, Any]:
    """What is shown when nothing is asked for: the last 30 days."""
    return {"since": (today() - USUAL).isoformat(), "until": today().isoformat()}

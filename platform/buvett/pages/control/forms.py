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
from buvett.agreements.models import Document
from buvett.pages.control.words import KINDS

USUAL = timedelta(days=30)


def _day(label: Any) -> forms.DateField:
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, widget=widget, input_formats=["%Y-%m-%d", "%d.%m.%Y"])


class LastDayForm(forms.Form):
    """The last day of a legal basis or a paper; a basis may have none."""

    until = _day(_("Last day"))

    def __init__(self, *args: Any, required: bool = True, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["until"].required = required


class PaperForm(forms.Form):
    """A paper that an agreement rests on."""

    kind = forms.ChoiceField(
        label=_("Which paper?"), choices=[(one.value, KINDS[one]) for one in Document.Kind], widget=forms.RadioSelect
    )
    reference = forms.CharField(
        label=_("Reference"),
        help_text=_("Case number in the municipality's archive. The region can read it: no names."),
        max_length=120,
    )
    since = _day(_("First day"))
    until = _day(_("Last day"))


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

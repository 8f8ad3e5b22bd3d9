"""Forms of *lever tal*."""

from datetime import date, timedelta

from django import forms
from django.utils.translation import gettext_lazy as _

from buvett.releases.deciding import LONGEST_REMARK
from buvett.releases.standing import LONGEST


class ApproveForm(forms.Form):
    """The leader says what is approved."""

    seen = forms.BooleanField(
        label=_("I have looked at the numbers. They may leave the house, sealed, in these tables and no others.")
    )


class ReturnForm(forms.Form):
    """A remark for whoever prepares. It is kept encrypted."""

    remark = forms.CharField(
        label=_("What is wrong?"),
        help_text=_("Those who prepare read this. Do not write who it is about."),
        max_length=LONGEST_REMARK,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("Write why.")},
    )


class StandingForm(forms.Form):
    """The last day of an approval in advance."""

    until = forms.DateField(
        label=_("Last day"),
        help_text=_("Within a year. You can take it back any day."),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )

    def __init__(self, *args: object, on: date, **options: object) -> None:
        super().__init__(*args, **options)  # type: ignore[arg-type]
        widget = self.fields["until"].widget
        widget.attrs["min"], widget.attrs["max"] = str(on + timedelta(days=1)), str(on + LONGEST)

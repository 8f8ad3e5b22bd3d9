"""Forms about access to cases, and the words for what is refused."""

from collections.abc import Sequence

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from buvett.access.holders import Holder
from buvett.pages.accounts.people_forms import ROLE_NAMES

WHY = {
    "changed": _(
        "The list has changed since you opened it, so nothing was done. Look at it as it is now and try again."
    ),
    "none": _("Tick at least one case, or choose all of them."),
    "same": _("The cases are with that person already."),
    "person": _("That person does not work with cases here today: choose someone else."),
    "last": _("Nobody else has this case. Give it to someone else first: a case is not left with nobody."),
}
ALL, CHOSEN = "all", "chosen"


class ReferenceForm(forms.Form):
    """Find a case by the reference that a colleague tells."""

    case = forms.CharField(
        label=_("Case reference"),
        help_text=_("Eight characters, as they stand on the case's page and in the log."),
        max_length=36,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )


class HandOnForm(forms.Form):
    """To whom, which of the cases, and whether the person goes on having them. Who may be chosen is asked elsewhere."""

    which = forms.ChoiceField(
        label=_("Which cases"),
        choices=[(ALL, ""), (CHOSEN, "")],
        widget=forms.RadioSelect,
        initial=ALL,
    )
    to = forms.UUIDField(label=_("To whom"), widget=forms.Select)
    keeping = forms.BooleanField(label=_("Both have the cases from now on"), required=False)
    expected = forms.CharField(max_length=64, widget=forms.HiddenInput)

    def offer(self, receivers: Sequence[Holder], *, number: int, may_keep: bool) -> None:
        """What there is to choose from when the form is shown."""
        choices = [(holder.user, said(holder)) for holder in receivers]
        self.fields["to"].widget.choices = [("", gettext("Choose a colleague")), *choices]  # type: ignore[attr-defined]
        self.fields["which"].choices = [  # type: ignore[attr-defined]
            (ALL, gettext("All %(number)s cases") % {"number": number} if number > 1 else gettext("The one case")),
            (CHOSEN, gettext("Those that are ticked in the list")),
        ]
        if not may_keep:
            del self.fields["keeping"]


def said(holder: Holder) -> str:
    """A colleague as a choice: name, role, and what the leader should know first."""
    words = [str(ROLE_NAMES[role]) for role in holder.roles]
    if holder.own:
        words.append(gettext("yourself"))
    if not holder.declared:
        words.append(gettext("has not signed the declaration"))
    return f"{holder.name} – {', '.join(words)}"

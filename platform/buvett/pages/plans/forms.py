"""Forms of the plan. The actions check again; what they find is told at the same fields."""

from django import forms
from django.utils.translation import gettext_lazy as _

from buvett.pages.plans.words import FAULTS, REACHES, VERDICTS
from buvett.plans.answering import LONGEST
from buvett.plans.errors import NotWritten
from buvett.plans.writing import LINE, NAME, TEXT

HELP = _("Plain text. A blank line begins a new paragraph; lines that begin with a hyphen are a list.")


class Form(forms.Form):
    """A form that can tell what an action refused."""

    def tell(self, refusal: NotWritten) -> None:
        """Put the faults of an action at their fields."""
        for field, fault in refusal.faults.items():
            self.add_error(field if field in self.fields else None, str(FAULTS[fault]))


class NewPlanForm(Form):
    title = forms.CharField(label=_("Title"), max_length=LINE)


class PlanForm(Form):
    title = forms.CharField(label=_("Title"), max_length=LINE)
    asks = forms.CharField(
        label=_("What do you ask the chief executives for?"),
        help_text=HELP,
        required=False,
        max_length=TEXT,
        widget=forms.Textarea(attrs={"rows": 4}),
    )


class ChapterForm(Form):
    heading = forms.CharField(label=_("Heading"), max_length=LINE)
    text = forms.CharField(
        label=_("Text"), help_text=HELP, required=False, max_length=TEXT, widget=forms.Textarea(attrs={"rows": 14})
    )


class MeasureForm(Form):
    title = forms.CharField(label=_("Measure"), max_length=LINE)
    text = forms.CharField(
        label=_("What is done, and why"),
        help_text=HELP,
        required=False,
        max_length=TEXT,
        widget=forms.Textarea(attrs={"rows": 6}),
    )
    reach = forms.ChoiceField(
        label=_("Local or intermunicipal"),
        choices=[(reach.value, word) for reach, word in REACHES.items()],
        widget=forms.RadioSelect,
    )
    owner = forms.CharField(label=_("Who is responsible"), max_length=NAME)
    due = forms.DateField(
        label=_("Due"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )


class AnswerForm(Form):
    verdict = forms.ChoiceField(
        label=_("Your municipality's answer"),
        choices=[(verdict.value, tag.word) for verdict, tag in VERDICTS.items()],
        widget=forms.RadioSelect,
    )
    remark = forms.CharField(
        label=_("Remark"),
        help_text=_("Needed if you send it back. Everyone who reads the plan sees it, with your name."),
        required=False,
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class CommentForm(Form):
    text = forms.CharField(
        label=_("Comment"),
        help_text=_("Everyone who reads the plan sees it, with your name."),
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

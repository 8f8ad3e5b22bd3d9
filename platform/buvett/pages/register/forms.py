"""The forms of the register, built from the versioned code lists: a new list is a new form, with no line changed here.

Everything on the case form may be left open; what is written is checked, and each message says what to do.
"""

from datetime import date
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext, gettext_lazy

from buvett.pages.register.words import ANSWERS, STATES, TITLES, title_of
from tenants.register import identity_number
from tenants.register.codelists import Answer, code_list
from tenants.register.identity_number import Fault, IdentityNumberError
from tenants.register.kartlegging import KartleggingFact, Shape, answer_of, fact_names, kartlegging_facts, with_answers
from tenants.register.states import State
from tenants.register.writing import CaseFacts

NONE_OF_THESE = "?none"
MARK = {answer: f"?{answer.value}" for answer in Answer}
WHY = "_why"
OLDEST = 1900
MOST_CHILDREN = 20
LONGEST_REMARK = 10_000
_TEXTS = {"given_name": 80, "family_name": 80, "phone": 30, "address": 150}


class Answered(forms.ChoiceField):
    """A choice in which whatever is not sent was not asked about."""

    def to_python(self, value: Any) -> str:
        return str(super().to_python(value)) or MARK[Answer.NOT_ASKED]


class NumberOrReason(forms.CharField):
    """Not marked as optional, since one of the two is needed; the form says which is lacking."""

    def validate(self, value: Any) -> None:
        """Nothing is checked here."""


def key_of(fact: KartleggingFact) -> str:
    """The field's name."""
    return fact.name.replace(".", "_")


def initial_of(facts: CaseFacts) -> dict[str, Any]:
    """What the form shows of a case: text, or a list of texts where several may be chosen."""
    found: dict[str, Any] = {name: facts.identity.get(name) or "" for name in (*_TEXTS, "identity_number", "no_number")}
    for fact in kartlegging_facts():
        answer, key = answer_of(fact, facts.assessment), key_of(fact)
        if fact.shape is Shape.CODE:
            found[key] = MARK[answer] if isinstance(answer, Answer) else answer
            continue
        nothing: Any = [] if fact.shape is Shape.CODES else ""
        if isinstance(answer, Answer):
            found[key], found[key + WHY] = nothing, MARK[answer]
        else:
            found[key] = answer if fact.shape is Shape.CODES else str(answer)
            found[key + WHY] = NONE_OF_THESE if answer == [] else MARK[Answer.NOT_ASKED]
    found["text"] = facts.notes.get("text") or ""
    return found


class CaseForm(forms.Form):
    """A person and their kartlegging on one page."""

    use_required_attribute = False

    given_name = forms.CharField(label=TITLES["given_name"], required=False, max_length=_TEXTS["given_name"])
    family_name = forms.CharField(label=TITLES["family_name"], required=False, max_length=_TEXTS["family_name"])
    identity_number = NumberOrReason(
        label=TITLES["identity_number"],
        max_length=20,
        help_text=gettext_lazy("Eleven digits. If there is none, leave it open and choose why below."),
    )
    no_number = forms.ChoiceField(label=TITLES["no_number"], required=False)
    phone = forms.CharField(label=TITLES["phone"], required=False, max_length=_TEXTS["phone"])
    address = forms.CharField(label=TITLES["address"], required=False, max_length=_TEXTS["address"])
    text = forms.CharField(
        label=TITLES["text"],
        required=False,
        max_length=LONGEST_REMARK,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=gettext_lazy("Only what is needed to help. Never anything about other people than this person."),
    )
    why = forms.CharField(
        label=gettext_lazy("Why the change is made"),
        required=False,
        max_length=500,
        help_text=gettext_lazy("Kept in the case's history."),
    )

    def __init__(self, *args: Any, language: str, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._today = today
        reasons = [(code.code, code.label(language)) for code in code_list("UTANNUMMER").codes]
        self.fields["no_number"].choices = [("", gettext("There is a number")), *reasons]  # type: ignore[attr-defined]
        for fact in kartlegging_facts():
            self._add(fact, language)
        for field in self.fields.values():
            # Nothing about a person is to stay in the browser's memory of forms.
            field.widget.attrs["autocomplete"] = "off"

    @property
    def person(self) -> list[forms.BoundField]:
        """The fields about who it is."""
        return [
            self[name] for name in ("given_name", "family_name", "identity_number", "no_number", "phone", "address")
        ]

    @property
    def kartlegging(self) -> list[forms.BoundField]:
        """The fields of the kartlegging but for the areas, in order."""
        keys = [key for fact in kartlegging_facts() if not fact.area for key in (key_of(fact), key_of(fact) + WHY)]
        return [self[key] for key in keys if key in self.fields]

    @property
    def areas(self) -> list[forms.BoundField]:
        """The fields of the function areas."""
        return [self[key_of(fact)] for fact in kartlegging_facts() if fact.area]

    def facts(self, before: CaseFacts) -> CaseFacts:
        """The case's facts with what the form says; ``before``: a blank case, or the one that is corrected."""
        said = self.cleaned_data
        identity = {name: said[name] or None for name in (*_TEXTS, "identity_number")}
        return CaseFacts(
            identity=_with_reason({**before.identity, **identity}, said["no_number"]),
            assessment=with_answers(before.assessment, {fact.name: self._answer(fact) for fact in kartlegging_facts()}),
            notes={**before.notes, "text": said["text"] or None},
        )

    def clean_identity_number(self) -> str:
        text: str = self.cleaned_data["identity_number"]
        if not text:
            return ""
        try:
            return identity_number.parse(text, synthetic_mode=settings.SYNTHETIC).digits
        except IdentityNumberError as error:
            raise forms.ValidationError(
                {
                    Fault.INVALID: gettext(
                        "This is no valid identity number. Look for a digit that is wrong, missing or exchanged."
                    ),
                    Fault.NOT_SYNTHETIC: gettext(
                        "This number may be a real person's. Only invented people are accepted here."
                    ),
                    Fault.SYNTHETIC: gettext("This number belongs to an invented person. Write the real number."),
                }[error.fault]
            ) from None

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        if not said.get("given_name") and not said.get("family_name"):
            self.add_error(
                "given_name",
                gettext("Write at least one name. If you do not know it, write what the person is called."),
            )
        number, reason = said.get("identity_number"), said.get("no_number")
        if "identity_number" in said and not number and not reason:
            self.add_error(
                "identity_number", gettext("Write the eleven digits, or choose below why there is no number.")
            )
        if number and reason:
            self.add_error("no_number", gettext("There is a number above: choose that there is one, or take it away."))
        for fact in kartlegging_facts():
            if fact.shape in (Shape.YEAR, Shape.COUNT):
                self._check_number(fact)
            elif fact.shape is Shape.CODES:
                self._check_codes(fact)
        return said

    def _add(self, fact: KartleggingFact, language: str) -> None:
        key, title = key_of(fact), title_of(fact.name, language)
        why = [(MARK[answer], ANSWERS[answer]) for answer in Answer]
        codes = [(code.code, code.label(language)) for code in fact.codes]
        if fact.area:
            lettered = [(code, f"{code} – {label}") for code, label in codes]
            self.fields[key] = Answered(
                label=title, choices=[*lettered, *why], widget=forms.RadioSelect, initial=MARK[Answer.NOT_ASKED]
            )
        elif fact.shape is Shape.CODE:
            self.fields[key] = Answered(
                label=title,
                choices=[*codes, (gettext("No answer"), why)],
                initial=MARK[Answer.NOT_ASKED],
            )
        elif fact.shape is Shape.CODES:
            self.fields[key] = forms.MultipleChoiceField(
                label=self._several(fact, title), choices=codes, required=False, widget=forms.CheckboxSelectMultiple
            )
            self.fields[key + WHY] = self._why(title, [*why, (NONE_OF_THESE, gettext("none of these"))])
        else:
            self.fields[key] = forms.CharField(
                label=title, required=False, max_length=4, widget=forms.TextInput(attrs={"inputmode": "numeric"})
            )
            self.fields[key + WHY] = self._why(title, why)

    def _several(self, fact: KartleggingFact, title: str) -> str:
        return gettext("%(title)s: needs help with") % {"title": title} if fact.name == "skills" else title

    def _why(self, title: str, choices: list[tuple[str, Any]]) -> forms.ChoiceField:
        label = gettext("%(title)s: if nothing is filled in") % {"title": title}
        return Answered(label=label, choices=choices, initial=MARK[Answer.NOT_ASKED])

    def _answer(self, fact: KartleggingFact) -> Any:
        value = self.cleaned_data[key_of(fact)]
        if fact.shape is Shape.CODE:
            return Answer(value[1:]) if value.startswith("?") else value
        why = self.cleaned_data[key_of(fact) + WHY]
        if fact.shape is Shape.CODES:
            order = [code.code for code in fact.codes]
            return sorted(value, key=order.index) if value else [] if why == NONE_OF_THESE else Answer(why[1:])
        return Answer(why[1:]) if value == "" else int(value)

    def _check_number(self, fact: KartleggingFact) -> None:
        key = key_of(fact)
        value, why = self.cleaned_data.get(key), self.cleaned_data.get(key + WHY)
        if not value:
            return
        year = fact.shape is Shape.YEAR
        least, most = (OLDEST, self._today.year) if year else (0, MOST_CHILDREN)
        if not (value.isascii() and value.isdigit() and least <= int(value) <= most):
            text = (
                gettext("Write the year with four digits, from %(least)d to %(most)d.")
                if year
                else gettext("Write a whole number from %(least)d to %(most)d.")
            )
            self.add_error(key, text % {"least": least, "most": most})
        elif why in (MARK[Answer.UNKNOWN], MARK[Answer.DECLINED]):
            self.add_error(key + WHY, gettext("There is an answer above: choose “not asked” here, or take it away."))

    def _check_codes(self, fact: KartleggingFact) -> None:
        key = key_of(fact)
        if self.cleaned_data.get(key) and self.cleaned_data.get(key + WHY) not in (MARK[Answer.NOT_ASKED], None):
            self.add_error(key + WHY, gettext("There is an answer above: choose “not asked” here, or take it away."))


class ReasonForm(forms.Form):
    """Why a state is changed: kept, sealed, in the case's history."""

    use_required_attribute = False

    why = forms.CharField(
        label=gettext_lazy("Why"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3, "autocomplete": "off"}),
        error_messages={"required": gettext_lazy("Write why, in a few words. It is kept in the case's history.")},
    )
    revision = forms.IntegerField(widget=forms.HiddenInput)


class SearchForm(forms.Form):
    """What a search in the own list asks for. Sent by POST: a name or a number does not belong in an address."""

    use_required_attribute = False

    text = forms.CharField(
        label=gettext_lazy("Name or identity number"),
        required=False,
        max_length=80,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text=gettext_lazy("Part of a name, or all eleven digits. Looking up a number is in the log."),
    )
    state = forms.ChoiceField(label=gettext_lazy("State"), required=False)
    missing = forms.ChoiceField(label=gettext_lazy("Missing in the mapping"), required=False)
    drafts = forms.BooleanField(label=gettext_lazy("Only with a draft of mine"), required=False)
    page = forms.IntegerField(required=False, min_value=1, widget=forms.HiddenInput)

    def __init__(self, *args: Any, language: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["state"].choices = [  # type: ignore[attr-defined]
            ("", gettext("The work list")),
            ("all", gettext("All")),
            *((state.value, STATES[state]) for state in State),
        ]
        self.fields["missing"].choices = [  # type: ignore[attr-defined]
            ("", gettext("Does not matter")),
            ("any", gettext("Something is missing")),
            *((name, title_of(name, language)) for name in fact_names()),
        ]


class UploadForm(forms.Form):
    """A register to be read. The file never touches the disk."""

    use_required_attribute = False

    file = forms.FileField(
        label=gettext_lazy("The register"),
        help_text=gettext_lazy("CSV, XLSX or ODS. Nothing is changed before you have seen what will happen."),
        error_messages={
            "required": gettext_lazy("Choose the file first."),
            "empty": gettext_lazy("The file is empty. Choose another one."),
        },
    )


def _with_reason(identity: dict[str, Any], reason: str) -> dict[str, Any]:
    """The identity with the reason for having no number; without the key where there is a number."""
    kept = {name: value for name, value in identity.items() if name != "no_number"}
    return {**kept, "no_number": reason} if reason else kept

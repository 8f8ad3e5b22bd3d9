"""The form that asks which column of a file is which: one choice a field, with what a column's values look like."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import get_language, gettext, ngettext

from buvett.pages.register.words import title_of
from tenants.register.codelists import Column, Kind, columns
from tenants.register.importing.header import needed
from tenants.register.importing.shapes import Shape, ShapeKind
from tenants.register.importing.survey import FoundColumn, Survey

LONGEST_SHOWN = 40  # letters of a heading in a choice: a phone shows no more


class ColumnsForm(forms.Form):
    """A choice among the file's columns for each field of a register; what is known or likely is chosen already."""

    use_required_attribute = False

    def __init__(self, *args: Any, found: Survey, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._found = found
        choices = [(str(place), _choice(column)) for place, column in enumerate(found.columns)]
        must = {column.name for column in needed()}
        for column in columns():
            known, guess = _first(found, means=column.name), _first(found, suggested=column.name)
            place = guess if known is None else known
            nothing = gettext("Choose a column") if column.name in must else gettext("Not in the file")
            self.fields[_key(column)] = forms.ChoiceField(
                label=title(column),
                required=column.name in must,
                choices=[("", nothing), *choices],
                initial="" if place is None else str(place),
                help_text=gettext("Our guess: look that it is right.") if known is None and guess is not None else "",
                error_messages={
                    "required": gettext(
                        "Choose the column. If the file does not have it, add it there and upload the file anew."
                    )
                },
            )

    @property
    def must(self) -> list[forms.BoundField]:
        """The fields that every register has."""
        return [self[_key(column)] for column in needed()]

    @property
    def may(self) -> list[forms.BoundField]:
        """The others, but for the function areas."""
        names = {column.name for column in needed()}
        return [self[_key(one)] for one in columns() if one.name not in names and one.kind is not Kind.AREA]

    @property
    def areas(self) -> list[forms.BoundField]:
        """The function areas."""
        return [self[_key(column)] for column in columns() if column.kind is Kind.AREA]

    def chosen(self) -> dict[str, int]:
        """Canonical name to the place of a column."""
        said = self.cleaned_data
        return {column.name: int(place) for column in columns() if (place := said.get(_key(column), ""))}

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        chosen = self.chosen()
        for column in columns():
            place = chosen.get(column.name)
            if place is None:
                continue
            if list(chosen.values()).count(place) > 1:
                self.add_error(_key(column), gettext("This column is chosen twice. Each can be one thing only."))
            elif not self._found.columns[place].alone:
                self.add_error(
                    _key(column),
                    gettext("Two columns of the file have this heading. Change one of them and upload anew."),
                )
        return said


def title(column: Column) -> str:
    """What the field is called, in the language of the page."""
    name = f"areas.{column.name}" if column.kind is Kind.AREA else column.fact
    return title_of(name, get_language() or "nn")


def shapes_told(shapes: Sequence[Shape]) -> str:
    """What a column's first values look like, in words; never what they are."""
    words = list(dict.fromkeys(_told(shape) for shape in shapes))
    return ", ".join(words) if words else gettext("empty")


def _told(shape: Shape) -> str:
    if shape.kind is ShapeKind.DIGITS:
        return ngettext("%(n)d digit", "%(n)d digits", shape.size) % {"n": shape.size}
    if shape.kind is ShapeKind.WORDS:
        return ngettext("%(n)d word", "%(n)d words", shape.size) % {"n": shape.size}
    return {
        ShapeKind.DATE: gettext("date"),
        ShapeKind.NUMBER: gettext("number with decimals"),
        ShapeKind.LONG_TEXT: gettext("text"),
    }[shape.kind]


def _choice(column: FoundColumn) -> str:
    heading = column.heading if len(column.heading) <= LONGEST_SHOWN else f"{column.heading[: LONGEST_SHOWN - 1]}…"
    return f"{heading} ({shapes_told(column.shapes)})"


def _first(found: Survey, *, means: str = "", suggested: str = "") -> int | None:
    """The place of the column, or None."""
    for place, column in enumerate(found.columns):
        if (means and column.means == means) or (suggested and column.suggested == suggested):
            return place
    return None


def _key(column: Column) -> str:
    return f"column_{column.name if column.kind is Kind.AREA else column.fact}"

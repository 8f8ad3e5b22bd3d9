"""How Django's forms look: each field in Designsystemet's markup, by ``{{ form.name.as_field_group }}``."""

from typing import Any

from django.forms import BoundField
from django.forms.renderers import TemplatesSetting
from django.forms.widgets import CheckboxSelectMultiple, RadioSelect, Widget


class Field(BoundField):
    """A field whose widget carries the class that styles it. Help and error are tied to it by Django itself."""

    def build_widget_attrs(self, attrs: dict[str, Any], widget: Widget | None = None) -> dict[str, Any]:
        made = super().build_widget_attrs(attrs, widget)
        chosen = widget or self.field.widget
        made.setdefault("class", " ".join(filter(None, (chosen.attrs.get("class"), "ds-input"))))
        return made

    @property
    def kind(self) -> str:
        """What the template draws: ``choices`` (a fieldset), ``tick`` (box before label) or ``line``."""
        if isinstance(self.field.widget, RadioSelect | CheckboxSelectMultiple):
            return "choices"
        return "tick" if self.widget_type == "checkbox" else "line"


class Renderer(TemplatesSetting):
    """Named in the settings; every form of the site is drawn by it."""

    bound_field_class = Field
    field_template_name = "pages/forms/field.html"

"""Django's forms in Designsystemet's markup: label, help, error and control belong together."""

import re

from django import forms
from django.template import Context, Template
from django_cotton.compiler_regex import CottonCompiler


class Asked(forms.Form):
    name = forms.CharField(label="Namn", help_text="Slik det står i passet")
    note = forms.CharField(label="Merknad", required=False, widget=forms.Textarea)
    read = forms.BooleanField(label="Lest")
    level = forms.ChoiceField(label="Nivå", choices=[("G", "Grøn"), ("R", "Raud")], widget=forms.RadioSelect)
    groups = forms.MultipleChoiceField(
        label="Grupper", choices=[("A", "Ein"), ("B", "To")], widget=forms.CheckboxSelectMultiple, required=False
    )


def field(name: str, data: dict[str, object] | None = None) -> str:
    return str(Asked(data)[name].as_field_group())


def test_line_has_its_label_help_and_class() -> None:
    html = field("name")

    assert '<label class="ds-label" for="id_name">Namn</label>' in html
    assert '<p id="id_name_helptext" class="help">Slik det står i passet</p>' in html
    assert re.search(
        r'<input[^>]*class="ds-input"[^>]*aria-describedby="id_name_helptext"|<input[^>]*aria-describedby="id_name_helptext"[^>]*class="ds-input"',
        html,
    )


def test_optional_field_says_so() -> None:
    assert "(valfritt)" in field("note")
    assert "(valfritt)" not in field("name")


def test_refused_line_is_tied_to_its_error() -> None:
    html = field("name", {"name": ""})

    described = re.search(r'aria-describedby="([^"]*)"', html)
    assert described is not None
    assert set(described[1].split()) <= set(re.findall(r'id="([^"]*)"', html))
    assert "id_name_error" in described[1]
    assert 'aria-invalid="true"' in html
    assert html.count("ds-validation-message") == 1


def test_choices_are_a_group_with_a_legend_and_a_label_each() -> None:
    for name, kind in {"level": "radio", "groups": "checkbox"}.items():
        html = field(name)

        assert html.count("<fieldset") == html.count("<legend") == 1
        ids = re.findall(rf'<input[^>]*type="{kind}"[^>]*id="([^"]*)"', html)
        assert len(ids) == 2
        assert re.findall(r'<label class="ds-label" for="([^"]*)"', html) == ids


def test_tick_comes_before_its_label() -> None:
    html = field("read")

    assert html.index("<input") < html.index("<label")


def test_summary_leads_to_each_field_that_exists() -> None:
    form = Asked({"name": "", "level": "X"})
    source = CottonCompiler().process('<c-error-summary :form="form" />')
    summary = Template(source).render(Context({"form": form}))

    targets = re.findall(r'href="#([^"]*)"', summary)
    rendered = "".join(str(one.as_field_group()) for one in form)
    assert targets
    assert set(targets) <= set(re.findall(r'id="([^"]*)"', rendered))


def test_what_is_typed_is_never_markup() -> None:
    assert "<script>" not in field("name", {"name": "<script>"})

"""All texts that pages can show, found in templates and code: what a language has to have."""

from collections.abc import Iterator
from pathlib import Path

from babel.messages.extract import extract_from_file
from django.template import Template, engines
from django.template.base import Node
from django.templatetags.i18n import BlockTranslateNode, TranslateNode

BUVETT = Path(__file__).parents[4] / "platform" / "buvett"
PYTHON = ("pages", "api", "access", "accounts")
KEYWORDS = {"gettext": None, "gettext_lazy": None, "ngettext": (1, 2), "_": None}

Message = str | tuple[str, str]


def messages() -> set[Message]:
    """Every msgid; with its plural where it has one."""
    return {*_in_templates(), *_in_code()}


def _in_templates() -> Iterator[Message]:
    for path in sorted((BUVETT / "pages" / "templates").rglob("*.html")):
        source = path.read_text(encoding="utf-8")
        template = Template(source, engine=engines["django"].engine)
        for node in _nodes(template.nodelist):
            if isinstance(node, TranslateNode):
                yield node.filter_expression.var.literal
            elif isinstance(node, BlockTranslateNode):
                singular, _ = node.render_token_list(node.singular)
                if node.plural:
                    yield singular, node.render_token_list(node.plural)[0]
                else:
                    yield singular
        for part in source.split('_("')[1:]:
            yield part.split('")')[0]


def _nodes(nodelist: list[Node]) -> Iterator[Node]:
    for node in nodelist:
        yield node
        for name in ("nodelist", "nodelist_loop", "nodelist_empty"):
            yield from _nodes(getattr(node, name, []))
        for _, branch in getattr(node, "conditions_nodelists", []):
            yield from _nodes(branch)


def _in_code() -> Iterator[Message]:
    for room in PYTHON:
        for path in sorted((BUVETT / room).rglob("*.py")):
            for _, found, _, _ in extract_from_file("python", str(path), keywords=KEYWORDS):
                yield found

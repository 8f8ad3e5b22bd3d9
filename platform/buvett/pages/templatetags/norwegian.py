from decimal import Decimal

from django import template
from django.utils.translation import get_language

from buvett.locale import norwegian

register = template.Library()


@register.filter
def number(value: int | Decimal) -> str:
    """``{{ inhabitants|number }}``: 15 881 in Norwegian, 15,881 in English."""
    return norwegian.number(value, language=get_language() or "nn")


@register.filter
def percent(value: int | Decimal) -> str:
    """``{{ share|percent }}``: 35 % in Norwegian, 35% in English."""
    return norwegian.percent(value, language=get_language() or "nn")

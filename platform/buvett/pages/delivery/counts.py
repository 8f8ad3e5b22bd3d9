"""The own municipality's true counts, for its leader: confidential, and told in the log."""

from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from buvett.access.enums import Permission
from buvett.access.hats import hat_on, today
from buvett.pages.guard import needs
from buvett.pages.rendering import page
from buvett.releases.own_counts import own_counts
from tenants.register.codelists import code_list


@require_safe
@needs(Permission.SEE_OWN_COUNTS)
def counts(request: HttpRequest, code: str) -> HttpResponse:
    """What the municipality's numbers are before protection. Nothing of the others is here."""
    found = own_counts(hat_on(request), code=code, on=today())
    language = get_language()
    blocks = [
        _block("support", "BISTAND", found.by_support, language),
        _block("situation", "BUSITUASJON", found.by_situation, language),
        _block("dwelling", "BUSTADTYPE", found.by_dwelling, language),
        _block("age", "ALDER", found.by_age_band, language),
        _block("group", "MAALGRUPPE", found.by_group, language),
    ]
    for area, levels in found.by_area.items():
        block = _block(f"area-{area.lower()}", "NIVAA", levels, language)
        title = f"{_title('FUNKSJON', language)}: {code_list('FUNKSJON')[area].label(language)}"
        blocks.append({**block, "title": title})
    return page(request, "delivery/counts.html", {"countable": found.countable, "blocks": blocks})


def _block(key: str, list_id: str, counted: dict[str, int], language: str) -> dict[str, object]:
    listed = code_list(list_id)
    lines = [(listed[code].label(language), number) for code, number in counted.items()]
    return {"id": key, "title": _title(list_id, language), "lines": lines}


def _title(list_id: str, language: str) -> str:
    listed = code_list(list_id)
    return {"nn": listed.nn, "nb": listed.nb, "en": listed.en}[language]

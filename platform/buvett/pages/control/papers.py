"""What the work rests on: declarations, legal bases, processor agreement and DPIA, approvals; with how they stand."""

from datetime import date, timedelta

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from buvett.access import control
from buvett.access.enums import Permission
from buvett.access.hats import hat_on, today
from buvett.access.policies import can
from buvett.agreements import keeping, queries
from buvett.agreements.models import Document
from buvett.locale import norwegian
from buvett.pages.control.words import KINDS, purpose_of
from buvett.pages.delivery.words import MISSING
from buvett.pages.guard import needs
from buvett.pages.rendering import page
from tenants.legal import declarations

SOON = timedelta(days=30)


@require_safe
@needs(Permission.SEE_PAPERS)
def papers(request: HttpRequest, code: str) -> HttpResponse:
    """Everything with its dates; what runs out soon or has ended says so in words."""
    hat, on = hat_on(request), today()
    found = control.papers(hat, code=code)
    keeps = can(hat, Permission.KEEP_PAPERS)
    agreements = queries.papers_of(hat.house) if hat else ()
    context = {
        "version": declarations.VERSION,
        "declarations": [
            (name, row, "ended" if row.revoked_on else _state(row.signed_on, row.expires_on, on=on))
            for name, row in sorted(found.declarations, key=lambda pair: norwegian.sorting(pair[0]))
        ],
        "keeps": keeps,
        "lacks": bool(keeps and keeping.lacking(hat, code=code)),
        "reads_log": can(hat, Permission.READ_LOG),
        "bases": [(row, purpose_of(row.purpose), _state(row.valid_from, row.valid_to, on=on)) for row in found.bases],
        "agreements": [
            {
                "agreement": agreement,
                "documents": [
                    (row, KINDS[Document.Kind(row.kind)], _state(row.valid_from, row.valid_to, on=on))
                    for row in documents
                ],
                "approvals": [
                    (row, "ended" if row.revoked_on else _state(row.approved_on, row.expires_on, on=on))
                    for row in approvals
                ],
                "missing": [MISSING[what] for what in queries.missing(agreement, hat.house, on=on)] if hat else (),
            }
            for agreement, documents, approvals in agreements
        ],
    }
    return page(request, "control/papers.html", context)


def _state(since: date, until: date | None, *, on: date) -> str:
    """live, soon (ends within 30 days), later or ended."""
    if since > on:
        return "later"
    if until is None or until > on + SOON:
        return "live"
    return "soon" if until >= on else "ended"

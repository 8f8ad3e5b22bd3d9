"""Who has looked at what, by colleague, case reference and time: unassigned looks first, no content of any case."""

from dataclasses import dataclass
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from buvett.access import control
from buvett.access.control import PER_PAGE, Look, Looks, PeriodTooLong
from buvett.access.enums import Permission
from buvett.access.hats import hat_on
from buvett.locale import norwegian
from buvett.pages.control.forms import LogForm, usual
from buvett.pages.control.words import how_of, purpose_of, who_of, words_of
from buvett.pages.guard import needs
from buvett.pages.rendering import page

ASKED = ("since", "until", "person", "case", "show")
NOTHING = Looks(lines=(), total=0, people=())


@dataclass(frozen=True, kw_only=True)
class Shown:
    """One entry in the words of the page."""

    look: Look
    who: str
    words: str
    how: str
    purpose: str


@require_safe
@needs(Permission.READ_LOG)
def log(request: HttpRequest, code: str) -> HttpResponse:
    """A page of the log; that it is read is in the log before it is."""
    asked = {name: request.GET[name] for name in ASKED if name in request.GET}
    form = LogForm({**usual(), **asked})
    number = int(wish) if (wish := request.GET.get("page", "1")).isdecimal() and len(wish) < 7 else 1
    found = NOTHING
    if form.is_valid():
        try:
            found = control.looks(hat_on(request), code=code, wanted=form.wanted(), page=number)
        except PeriodTooLong:
            form.add_error("since", gettext("There is too much in this period to search it. Choose a shorter one."))
    form.offer(sorted(found.people, key=lambda person: norwegian.sorting(person[1])))
    context = {
        "reads_log": True,
        "form": form,
        "looks": [
            Shown(
                look=look,
                who=who_of(look.who),
                words=words_of(look.action),
                how=how_of(look.how),
                purpose=purpose_of(look.purpose),
            )
            for look in found.lines
        ],
        "total": found.total,
        "page": Paginator(range(found.total), PER_PAGE).get_page(number),
        "query": f"{urlencode(asked)}&" if asked else "",
    }
    return page(request, "control/log.html", context, status=422 if form.errors else 200)

"""Which of a file's columns is which: said once for a file whose headings nobody knows, and remembered."""

from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from buvett.access import uploads
from buvett.access.enums import Permission
from buvett.access.errors import NotHere
from buvett.access.hats import hat_on, today
from buvett.access.uploads import upload_room
from buvett.accounts.models import User
from buvett.pages.guard import needs
from buvett.pages.register.column_form import ColumnsForm, title
from buvett.pages.register.refusals import REFUSED_FILES
from buvett.pages.rendering import page
from tenants.register import column_names, holding
from tenants.register.codelists import columns
from tenants.register.errors import ImportSuperseded
from tenants.register.importing import ColumnMapping, RefusedFile
from tenants.register.importing.header import needed
from tenants.register.importing.naming import named
from tenants.register.importing.survey import Survey, survey


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Permission.IMPORT_REGISTER)
def upload_columns(request: HttpRequest, code: str, run: UUID) -> HttpResponse:
    """Say which column is which; then the file is read so, and the municipality's next one too."""
    user, on = _user(request), today()
    with upload_room(user, hat_on(request), code=code, on=on):
        try:
            content = holding.held(run)
        except ImportSuperseded:
            raise NotHere("no such upload for this person") from None
        known = column_names.remembered()
    found = survey(content, known)
    form = ColumnsForm(request.POST if request.method == "POST" else None, found=found)
    if request.method == "POST" and form.is_valid():
        chosen = named(found, form.chosen())
        try:
            parsed = uploads.read(content, counted_on=on, synthetic_mode=settings.SYNTHETIC, names=chosen)
            with upload_room(user, hat_on(request), code=code, on=on):
                read = uploads.stage(parsed, content, on=on)
                column_names.remember(chosen)
            messages.success(request, gettext("The columns are remembered. Your next file like this is read at once."))
            return redirect("upload", code, read)
        except RefusedFile as refusal:
            form.add_error(None, str(REFUSED_FILES[refusal.code]))
    context = {"form": form, "run": run, **_told(found)}
    return page(request, "register/upload_columns.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Permission.IMPORT_REGISTER)
def column_list(request: HttpRequest, code: str) -> HttpResponse:
    """The names that are remembered, each of which may be forgotten."""
    with upload_room(_user(request), hat_on(request), code=code, on=today()):
        if request.method == "POST":
            column_names.forget(request.POST.get("heading", ""))
            messages.success(request, gettext("The name is forgotten. The next file with it asks you again."))
            return redirect("columns", code)
        return page(request, "register/columns.html", {"names": _listed(column_names.remembered())})


def _told(found: Survey) -> dict[str, object]:
    known = [column.means for column in found.columns]
    return {
        "missing": [title(column) for column in needed() if column.name not in known],
        "twice": [title(column) for column in columns() if known.count(column.name) > 1],
        "headings": [column.heading for column in found.columns],
        "nameless": found.nameless,
    }


def _listed(known: ColumnMapping) -> list[tuple[str, str]]:
    """(heading, what it is read as or nothing), by heading."""
    titles = {column.name: title(column) for column in columns()}
    read = [(heading, titles[name]) for heading, name in known.headers.items()]
    return sorted([*read, *((heading, "") for heading in known.unread)])


def _user(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # noqa: S101 - the guard lets nobody else in
    return request.user

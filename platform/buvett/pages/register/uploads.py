"""Upload a register: choose a file, see what will happen row by row, mend, apply or throw away; undo."""

from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import get_language, gettext, ngettext
from django.views.decorators.http import require_http_methods, require_POST

from buvett.access import uploads
from buvett.access.colleagues import names_of
from buvett.access.enums import Permission
from buvett.access.errors import NotHere
from buvett.access.hats import hat_on, today
from buvett.access.uploads import upload_room
from buvett.accounts.models import User
from buvett.pages.guard import needs
from buvett.pages.register.forms import UploadForm
from buvett.pages.register.refusals import REFUSED_FILES
from buvett.pages.register.words import OUTCOMES, REMARKS, title_of
from buvett.pages.rendering import page
from buvett.releases.queries import last_delivery
from tenants.register import column_names, holding, staging, uploading
from tenants.register.errors import CannotUndo, ImportChanged, ImportSuperseded, TooMuchText
from tenants.register.importing import ColumnMapping, RefusedFile, Remark
from tenants.register.importing.limits import MAX_FILE_BYTES
from tenants.register.importing.refused_file import CONTENT_TYPE, refused_file
from tenants.register.importing.survey import can_be_named
from tenants.register.uploading import Applied, ForeseenRow, Outcome, Upload

ON_A_PAGE = 50


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Permission.IMPORT_REGISTER)
def upload_list(request: HttpRequest, code: str) -> HttpResponse:
    """Choose a file; and the imports before it, each of which may be undone until it is counted."""
    user, hat, on = _user(request), hat_on(request), today()
    form = UploadForm(request.POST, request.FILES) if request.method == "POST" else UploadForm()
    if request.method == "POST":
        with upload_room(user, hat, code=code, on=on):
            names = column_names.remembered()  # who may not, is told before a file is read
        if form.is_valid() and (run := _taken_in(request, form, code, names)) is not None:
            return redirect("upload", code, run)
    with upload_room(user, hat, code=code, on=on) as worn:
        counted_at = last_delivery(worn.house)
        found = uploads.applied(worn)
        names = names_of({each.by for each in found})
        context = {
            "form": form,
            "waiting": staging.unfinished(),
            "named": column_names.are_remembered(),
            "imports": [
                {"import": each, "by": names[each.by], "counted": counted_at is not None and counted_at >= each.at}
                for each in found
            ],
        }
        return page(request, "register/uploads.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Permission.IMPORT_REGISTER)
def upload(request: HttpRequest, code: str, run: UUID) -> HttpResponse:
    """What the upload will do, row by row; then apply it or throw it away."""
    user, on = _user(request), today()
    with upload_room(user, hat_on(request), code=code, on=on) as hat:
        try:
            if request.POST.get("action") == "discard":
                staging.discard(run)
                messages.success(request, gettext("The file is thrown away. Nothing was changed."))
                return redirect("uploads", code)
            if request.method == "POST":
                report = uploads.apply(user, hat, run, fingerprint=request.POST.get("fingerprint", ""))
                messages.success(request, _told(report))
                return redirect("uploads", code)
            if holding.is_unread(run):
                return redirect("upload_columns", code, run)
            found = uploading.look(run)
        except ImportSuperseded:
            raise NotHere("no such upload for this person") from None
        except TooMuchText:
            messages.error(
                request, gettext("A row holds more text than a case has room for. Shorten names and addresses.")
            )
            return redirect("upload", code, run)
        except ImportChanged:
            messages.warning(request, gettext("The register has changed since you looked. See what would happen now."))
            return redirect("upload", code, run)
        return page(request, "register/upload.html", _context(request, found))


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Permission.IMPORT_REGISTER)
def upload_row(request: HttpRequest, code: str, run: UUID, row: int) -> HttpResponse:
    """Mend one refused row."""
    with upload_room(_user(request), hat_on(request), code=code, on=today()):
        try:
            if request.method == "POST":
                cells = {name[5:]: value for name, value in request.POST.items() if name.startswith("cell-")}
                if uploading.mend(run, row, cells, synthetic_mode=settings.SYNTHETIC):
                    messages.success(request, gettext("The row is mended and will be taken in."))
                    return redirect("upload", code, run)
            found = uploading.look(run)
        except ImportSuperseded:
            raise NotHere("no such upload for this person") from None
        refused = found.row(row)
        if refused is None or refused.cells is None:
            messages.info(request, gettext("That row is not refused."))
            return redirect("upload", code, run)
        context = {
            "run": run,
            "row": refused,
            "number": found.first_data_row + row,
            "fields": [
                {"name": name, "id": f"cell-{at}", "value": value, "errors": _errors(refused, name)}
                for at, (name, value) in enumerate(refused.cells.items())
            ],
        }
        return page(request, "register/upload_row.html", context, status=422 if request.method == "POST" else 200)


@require_POST
@needs(Permission.IMPORT_REGISTER)
def upload_refused(request: HttpRequest, code: str, run: UUID) -> HttpResponse:
    """The refused rows as a file, to be mended in a spreadsheet and sent again. Told in the log."""
    with upload_room(_user(request), hat_on(request), code=code, on=today()):
        try:
            columns, rows, issues = uploading.refused_rows(run)
        except ImportSuperseded:
            raise NotHere("no such upload for this person") from None
        told = [_translated(issue) for issue in issues]
    response = HttpResponse(refused_file(columns, rows, told, why=gettext("Why refused")), content_type=CONTENT_TYPE)
    response.headers["Content-Disposition"] = 'attachment; filename="avviste-rader.xlsx"'
    response.headers["Cache-Control"] = "no-store"
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Permission.IMPORT_REGISTER)
def upload_undo(request: HttpRequest, code: str, run: UUID) -> HttpResponse:
    """What taking an import back means, then done."""
    user, on = _user(request), today()
    with upload_room(user, hat_on(request), code=code, on=on) as hat:
        found = next((each for each in uploads.applied(hat) if each.run == run), None)
        if found is None:
            raise NotHere("no such import for this person")
        counted_at = last_delivery(hat.house)
        if request.method == "POST":
            try:
                uploads.undo(hat, run, counted_at=counted_at, on=on)
                messages.success(request, gettext("The import is undone."))
            except CannotUndo:
                messages.warning(request, gettext("The import was undone already, or it has been counted."))
            return redirect("uploads", code)
        counted = counted_at is not None and counted_at >= found.at
        context = {"import": found, "counted": counted, "possible": _is_possible(found, counted=counted)}
        return page(request, "register/undo.html", context)


def _taken_in(request: HttpRequest, form: UploadForm, code: str, names: ColumnMapping) -> UUID | None:
    """Read and stage the file, or keep it unread until its columns are named; None with an error on the form."""
    user, on = _user(request), today()
    file = form.cleaned_data["file"]
    assert isinstance(file, UploadedFile)  # noqa: S101 - the form's own field
    if file.size is not None and file.size > MAX_FILE_BYTES:
        form.add_error("file", gettext("The file is larger than any register. Choose another one."))
        return None
    content = file.read()
    try:
        parsed = uploads.read(content, counted_on=on, synthetic_mode=settings.SYNTHETIC, names=names)
        with upload_room(user, hat_on(request), code=code, on=on):
            return uploads.stage(parsed, content, on=on)
    except RefusedFile as refusal:
        if can_be_named(content, names, refusal):
            with upload_room(user, hat_on(request), code=code, on=on):
                return staging.keep_unread(content, on=on)
        form.add_error("file", str(REFUSED_FILES[refusal.code]))
        return None


def _context(request: HttpRequest, found: Upload) -> dict[str, object]:
    only = request.GET.get("only", "")
    rows = [row for row in found.rows if not only or row.outcome.value == only]
    language = get_language() or "nn"
    shown = Paginator(rows, ON_A_PAGE).get_page(request.GET.get("page"))
    return {
        "upload": found,
        "totals": [(outcome.value, OUTCOMES[outcome], number) for outcome, number in found.totals.items() if number],
        "only": only,
        "query": f"only={only}&" if only in list(Outcome) else "",
        "page": shown,
        "refused": found.totals[Outcome.REFUSED],
        "applicable": len(found.rows) - found.totals[Outcome.REFUSED],
        "lines": [_line(row, found, language) for row in shown],
        "remarks": sorted({str(REMARKS[note.code]) for note in found.notes}),
    }


def _line(row: ForeseenRow, found: Upload, language: str) -> dict[str, object]:
    return {
        "row": row,
        "number": found.first_data_row + row.row,
        "outcome": OUTCOMES[row.outcome],
        "fields": [title_of(name, language) for name in row.fields],
        "remarks": [(remark.column, REMARKS[remark.code]) for remark in (*row.issues, *row.notes)],
        "refused": row.outcome is Outcome.REFUSED,
    }


def _errors(row: ForeseenRow, column: str) -> list[object]:
    return [REMARKS[issue.code] for issue in row.issues if issue.column == column]


def _translated(issue: Remark) -> Remark:
    return Remark(
        row=issue.row, column=issue.column, code=issue.code, severity=issue.severity, message=str(REMARKS[issue.code])
    )


def _is_possible(found: Applied, *, counted: bool) -> bool:
    return not counted and not found.undone and bool(found.removable or found.restorable)


def _told(report: dict[str, object]) -> str:
    created, updated = int(str(report["created"])), int(str(report["updated"]))
    new = ngettext("%(n)d new person.", "%(n)d new people.", created) % {"n": created}
    changed = ngettext("%(n)d case changed.", "%(n)d cases changed.", updated) % {"n": updated}
    return f"{new} {changed}"


def _user(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # noqa: S101 - the guard lets nobody else in
    return request.user

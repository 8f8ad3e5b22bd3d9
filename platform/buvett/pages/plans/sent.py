"""Sent versions: read as the reader, which has no right on a draft; answered and commented here."""

from dataclasses import dataclass
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_safe

from buvett.access.enums import Permission
from buvett.access.hats import hat_on
from buvett.access.memberships import Hat
from buvett.access.policies import can
from buvett.locale import norwegian
from buvett.pages.guard import needs
from buvett.pages.plans.forms import AnswerForm, CommentForm, Form
from buvett.pages.plans.numbers import Reader, ShownNumber
from buvett.pages.plans.words import REACHES, STATES, VERDICTS, Tag, answered_in_words, change_in_words
from buvett.pages.rendering import page
from buvett.plans import answering, queries
from buvett.plans.errors import NoPlan, NotToAnswer, NotWritten
from buvett.plans.queries import GivenAnswer, SentChapter, SentMeasure, VersionDetail, VersionSummary
from buvett.plans.texts import Block, blocks
from tenants.isolation.enums import Role
from tenants.isolation.roles import connected_as


@dataclass(frozen=True, kw_only=True)
class ShownVersion:
    """A version in a list."""

    version: VersionSummary
    state: Tag
    standing: str


@dataclass(frozen=True, kw_only=True)
class ShownAnswer:
    answer: GivenAnswer
    verdict: Tag


@dataclass(frozen=True, kw_only=True)
class ShownChapter:
    chapter: SentChapter
    blocks: tuple[Block, ...]


@dataclass(frozen=True, kw_only=True)
class ShownMeasure:
    measure: SentMeasure
    reach: str
    blocks: tuple[Block, ...]
    number: ShownNumber | None


@dataclass(frozen=True, kw_only=True)
class Delivered:
    """Who is in a release that the plan rests on."""

    period: str
    programme: str
    sha256: str
    withdrawn: bool
    delivered: tuple[str, ...]
    awaited: tuple[str, ...]


@require_safe
@needs(Permission.SEE_PLANS)
def plans(request: HttpRequest) -> HttpResponse:
    """The newest sent version of each plan, newest first."""
    with connected_as(Role.READER):
        shown = [_listed(version) for version in queries.newest(hat_on(request))]
        context = {"plans": shown, "may_write": can(hat_on(request), Permission.WRITE_PLAN)}
        return page(request, "plans/plans.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Permission.SEE_PLANS)
def plan(request: HttpRequest, version: UUID) -> HttpResponse:
    """One sent version: the numbers, what changed, who has delivered, answers and comments; the form to answer."""
    hat = hat_on(request)
    forms: dict[str, Form] = {
        act: form(request.POST if request.POST.get("act") == act else None, prefix=act)
        for act, form in (("answer", AnswerForm), ("comment", CommentForm))
    }
    if request.method == "POST":
        form = forms.get(request.POST.get("act", ""))
        if form is not None and form.is_valid():
            try:
                _do(request, hat, version, form)
                return redirect("plan", version)
            except NoPlan:
                raise Http404 from None
            except NotWritten as refusal:
                form.tell(refusal)
            except NotToAnswer:
                form.add_error(None, gettext("Your municipality has answered, or there is a newer version."))
    with connected_as(Role.READER):
        try:
            found = queries.version(hat, version)
        except NoPlan:
            raise Http404 from None
        refused = next((form for form in forms.values() if form.errors), None)
        context = {
            **shown_version(found),
            "may_answer": can(hat, Permission.ANSWER_PLAN) and answering.can_answer(found, hat),
            "may_comment": can(hat, Permission.COMMENT_PLAN),
            "answer_form": forms["answer"],
            "comment_form": forms["comment"],
            "refused": refused,
        }
        return page(request, "plans/plan.html", context, status=422 if refused else 200)


def shown_version(found: VersionDetail) -> dict[str, object]:
    """A version as page and paper show it, in the language that is on. As the reader's role."""
    reader = Reader()
    measures = [
        ShownMeasure(
            measure=one,
            reach=str(REACHES[one.reach]),
            blocks=blocks(one.text),
            number=reader.shown(one.number, key=f"measure-{place}") if one.number else None,
        )
        for place, one in enumerate(found.measures, start=1)
    ]
    return {
        "plan": found,
        "state": STATES[found.state],
        "standing": _standing(found),
        "asks": blocks(found.asks),
        "chapters": [ShownChapter(chapter=one, blocks=blocks(one.text)) for one in found.chapters],
        "measures": measures,
        "numbers": [one for one in measures if one.number is not None],
        "changes": [change_in_words(change) for change in found.changes],
        "answers": [ShownAnswer(answer=one, verdict=VERDICTS[one.verdict]) for one in found.answers],
        "awaited": sorted(found.awaited, key=lambda asked: norwegian.sorting(asked.name)),
        "earlier": [_listed(one) for one in found.earlier],
        "delivered": [
            Delivered(
                period=one.period,
                programme=one.programme,
                sha256=one.sha256,
                withdrawn=one.withdrawn,
                delivered=tuple(reader.names(one.id, one.contributors)),
                awaited=tuple(reader.names(one.id, one.waiting)),
            )
            for one in found.releases
        ],
    }


def _do(request: HttpRequest, hat: Hat | None, version: UUID, form: Form) -> None:
    told = form.cleaned_data
    if isinstance(form, AnswerForm):
        answering.answer(hat, version, verdict=told["verdict"], remark=told["remark"])
        messages.success(request, gettext("Your municipality's answer has been given."))
    else:
        answering.comment(hat, version, text=told["text"])
        messages.success(request, gettext("Your comment has been added."))


def _listed(version: VersionSummary) -> ShownVersion:
    return ShownVersion(version=version, state=STATES[version.state], standing=_standing(version))


def _standing(version: VersionSummary) -> str:
    return answered_in_words(version.supports, len(version.answers) - version.supports, len(version.awaited))

"""What states, verdicts, changes and faults are called."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from buvett.plans.changes import Change, Kind, Part
from buvett.plans.enums import Reach, Verdict
from buvett.plans.errors import Fault
from buvett.plans.states import State


@dataclass(frozen=True, kw_only=True)
class Tag:
    """A sign, a word and a colour that say the same."""

    letter: str
    word: str | Promise
    kind: str


STATES: Mapping[State, Tag] = {
    State.DRAFT: Tag(letter="…", word=_("draft"), kind="neutral"),
    State.SENT: Tag(letter="→", word=_("sent, waits for answers"), kind="info"),
    State.ANSWERED: Tag(letter="✓", word=_("answered by everyone"), kind="success"),
    State.REPLACED: Tag(letter="×", word=_("replaced by a newer version"), kind="neutral"),
}
VERDICTS: Mapping[Verdict, Tag] = {
    Verdict.SUPPORTS: Tag(letter="✓", word=_("supports"), kind="success"),
    Verdict.SENDS_BACK: Tag(letter="←", word=_("sends back"), kind="warning"),
}
REACHES: Mapping[Reach, str | Promise] = {
    Reach.INTERMUNICIPAL: _("Intermunicipal"),
    Reach.LOCAL: _("Local"),
}
FAULTS: Mapping[Fault, str | Promise] = {
    Fault.EMPTY: _("Write something here."),
    Fault.TOO_LONG: _("This is too long."),
    Fault.TOO_MANY: _("The plan has as many as it can have: 60."),
    Fault.NO_DATE: _("This is no date."),
    Fault.NO_CHOICE: _("Choose one."),
}
_KINDS: Mapping[tuple[Part, Kind], str | Promise] = {
    (Part.PLAN, Kind.CHANGED): _("Changed: %(name)s"),
    (Part.CHAPTER, Kind.ADDED): _("New chapter: %(name)s"),
    (Part.CHAPTER, Kind.REMOVED): _("Chapter taken out: %(name)s"),
    (Part.CHAPTER, Kind.CHANGED): _("Chapter changed: %(name)s"),
    (Part.CHAPTER, Kind.MOVED): _("Chapter moved: %(name)s"),
    (Part.MEASURE, Kind.ADDED): _("New measure: %(name)s"),
    (Part.MEASURE, Kind.REMOVED): _("Measure taken out: %(name)s"),
    (Part.MEASURE, Kind.CHANGED): _("Measure changed: %(name)s"),
    (Part.MEASURE, Kind.MOVED): _("Measure moved: %(name)s"),
}
_FIELDS: Mapping[str, str | Promise] = {
    "title": _("title"),
    "asks": _("what is asked for"),
    "heading": _("heading"),
    "text": _("text"),
    "reach": _("local or intermunicipal"),
    "owner": _("who is responsible"),
    "due": _("due"),
    "number": _("number"),
}


def change_in_words(change: Change) -> str:
    """One line about one change."""
    line = str(_KINDS[change.part, change.kind]) % {"name": change.name}
    if change.fields:
        line += " (" + ", ".join(str(_FIELDS[field]) for field in change.fields) + ")"
    return line


def answered_in_words(supports: int, sends_back: int, awaited: int) -> str:
    """How the answers stand, in one sentence."""
    return gettext("%(supports)d support, %(sends_back)d send back, %(awaited)d have not answered.") % {
        "supports": supports,
        "sends_back": sends_back,
        "awaited": awaited,
    }

"""What facts, states, moves and outcomes are called, in the language of the page."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext, gettext_lazy

from tenants.register.codelists import Answer, code_list
from tenants.register.importing import IssueCode, NoteCode
from tenants.register.kartlegging import kartlegging_facts
from tenants.register.states import State, Verb
from tenants.register.uploading import Outcome

Word = str | Promise
TITLES: Mapping[str, Word] = {
    "given_name": gettext_lazy("Given name"),
    "family_name": gettext_lazy("Family name"),
    "identity_number": gettext_lazy("National identity number"),
    "no_number": gettext_lazy("Why without an identity number"),
    "phone": gettext_lazy("Telephone"),
    "address": gettext_lazy("Address"),
    "birth_year": gettext_lazy("Year of birth"),
    "children": gettext_lazy("Children under 18"),
    "registered": gettext_lazy("Registered"),
    "text": gettext_lazy("Remarks"),
    "blocked": gettext_lazy("Blocked"),
    "objected": gettext_lazy("Has objected to being counted"),
    "address_protected": gettext_lazy("Protected address"),
    "closed_on": gettext_lazy("Closed"),
    "reopened_on": gettext_lazy("Reopened"),
}
ANSWERS: Mapping[Answer, Word] = {
    Answer.NOT_ASKED: gettext_lazy("not asked"),
    Answer.UNKNOWN: gettext_lazy("unknown"),
    Answer.DECLINED: gettext_lazy("declined to answer"),
}
STATES: Mapping[State, Word] = {
    State.OPEN: gettext_lazy("Open"),
    State.REOPENED: gettext_lazy("Reopened"),
    State.CLOSED: gettext_lazy("Closed"),
    State.BLOCKED: gettext_lazy("Blocked"),
    State.OBJECTED: gettext_lazy("Objected"),
    State.PROTECTED: gettext_lazy("Protected address"),
}
STATE_MEANINGS: Mapping[State, Word] = {
    State.CLOSED: gettext_lazy(
        "Closed: out of the work list and not to be changed. It is counted for the year it was closed in, not after."
    ),
    State.BLOCKED: gettext_lazy(
        "Blocked: kept, but not used. Out of the work list, not counted, not to be changed until the block is lifted."
    ),
    State.OBJECTED: gettext_lazy("Objected: followed up as before, but not counted while the objection stands."),
    State.PROTECTED: gettext_lazy(
        "Protected address: no name in lists, not found by name, not counted. Never say the address to anyone."
    ),
}
VERBS: Mapping[Verb, Word] = {
    Verb.CLOSE: gettext_lazy("Close the case"),
    Verb.REOPEN: gettext_lazy("Reopen the case"),
    Verb.BLOCK: gettext_lazy("Block the case"),
    Verb.UNBLOCK: gettext_lazy("Lift the block"),
    Verb.OBJECT: gettext_lazy("Record an objection"),
    Verb.WITHDRAW_OBJECTION: gettext_lazy("End the objection"),
    Verb.PROTECT: gettext_lazy("Mark the address as protected"),
    Verb.UNPROTECT: gettext_lazy("Lift the address protection"),
}
CONSEQUENCES: Mapping[Verb, Word] = {
    Verb.CLOSE: gettext_lazy(
        "The case leaves the work list and cannot be changed until it is reopened. It is counted for this year, not"
        " after. Nothing is deleted."
    ),
    Verb.REOPEN: gettext_lazy("The case is worked on again, and is counted again."),
    Verb.BLOCK: gettext_lazy(
        "The facts are kept but not used (GDPR art. 18): out of the work list, not counted, not changed. Only the"
        " local leader lifts it."
    ),
    Verb.UNBLOCK: gettext_lazy("The case is used and counted again, in the state that it had."),
    Verb.OBJECT: gettext_lazy(
        "The person objects (GDPR art. 21). The case is not counted from now on; follow-up goes on. Only the local"
        " leader ends it, when the objection has been decided on."
    ),
    Verb.WITHDRAW_OBJECTION: gettext_lazy("The case is counted again."),
    Verb.PROTECT: gettext_lazy(
        "The name leaves all lists, the person is no longer found by name, and the case is not counted."
    ),
    Verb.UNPROTECT: gettext_lazy("The name is in lists again, and the case is counted again."),
}
CHANGES: Mapping[str, Word] = {
    "imported": gettext_lazy("Imported"),
    "registered": gettext_lazy("Registered"),
    "corrected": gettext_lazy("Changed"),
    "import_undone": gettext_lazy("An import was undone"),
    **{verb.value: word for verb, word in VERBS.items()},
}
OUTCOMES: Mapping[Outcome, Word] = {
    Outcome.CREATED: gettext_lazy("New person"),
    Outcome.UPDATED: gettext_lazy("Changed facts"),
    Outcome.UNCHANGED: gettext_lazy("Unchanged"),
    Outcome.KEPT: gettext_lazy("Left alone: closed or blocked"),
    Outcome.REFUSED: gettext_lazy("Refused"),
}
REMARKS: Mapping[IssueCode | NoteCode, Word] = {
    IssueCode.IDENTITY_NUMBER_INVALID: gettext_lazy(
        "This is no valid identity number. Look for a digit that is wrong, missing or exchanged."
    ),
    IssueCode.IDENTITY_NUMBER_NOT_SYNTHETIC: gettext_lazy(
        "This number may be a real person's. Only invented people are accepted here."
    ),
    IssueCode.DUPLICATE_IN_FILE: gettext_lazy(
        "An earlier row of the file has the same number, and that one is used. Correct it, or leave the row out."
    ),
    IssueCode.UNKNOWN_LABEL: gettext_lazy("The text is not in the code list. Choose one of its labels."),
    IssueCode.REQUIRED_MISSING: gettext_lazy("The cell is empty, and every row needs it."),
    IssueCode.DATE_INVALID: gettext_lazy("This is no date or year. Write a date as 31.1.2026, a year as 1980."),
    IssueCode.DATE_IN_FUTURE: gettext_lazy("The date lies in the future."),
    IssueCode.FORMULA_KEPT_AS_TEXT: gettext_lazy("A formula is kept as text; it is never calculated."),
    NoteCode.ZERO_RESTORED: gettext_lazy("A leading zero that was lost is put back."),
    NoteCode.BIRTH_YEAR_DIFFERS: gettext_lazy("The year of birth does not fit the identity number."),
    NoteCode.BIRTH_YEAR_UNLIKELY: gettext_lazy("The year of birth makes the person unusually old."),
    NoteCode.NUMBER_NOT_UNDERSTOOD: gettext_lazy("The number was not understood; it is read as unknown."),
    NoteCode.COLUMN_NOT_READ: gettext_lazy("A column of the file has no known name and was not read."),
    NoteCode.ROW_NOT_READ: gettext_lazy("A row with one cell was taken for a title and not read."),
    NoteCode.SHEET_NOT_READ: gettext_lazy("Another sheet looks like a register too and was not read."),
    NoteCode.CASE_KEPT: gettext_lazy("The person's case is closed or blocked; it stays as it is."),
}
_FACTS = {fact.name: fact for fact in kartlegging_facts()}
_DATES = {"registered", "closed_on", "reopened_on"}


def title_of_list(list_id: str, language: str) -> str:
    """What a code list is called."""
    listed = code_list(list_id)
    return {"nn": listed.nn, "nb": listed.nb, "en": listed.en}[language]


def title_of(name: str, language: str) -> str:
    """What a fact is called. ``name`` as in the assessment, or dotted with its envelope in front."""
    short = _short(name)
    if short in _FACTS and _FACTS[short].area:
        return code_list("FUNKSJON")[_FACTS[short].area].label(language)
    if short in TITLES:
        return str(TITLES[short])
    listed = _FACTS[short].list_id if short in _FACTS else None
    return title_of_list(listed, language) if listed else short


def value_of(name: str, value: Any, language: str) -> str:
    """A fact's value as text: labels for codes, the word for why there is no answer, local dates."""
    short = _short(name)
    if value is None or value in ("", []):
        return gettext("nothing")
    if isinstance(value, str) and value in {answer.value for answer in Answer} and short in _FACTS:
        return str(ANSWERS[Answer(value)])
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    if short in _DATES:
        return date_format(date.fromisoformat(value))
    list_id = "UTANNUMMER" if short == "no_number" else _FACTS[short].list_id if short in _FACTS else None
    if list_id is None:
        return str(value)
    codes = code_list(list_id)
    if short in _FACTS and _FACTS[short].area:
        return f"{value} – {codes[value].label(language)}"
    return ", ".join(codes[code].label(language) for code in (value if isinstance(value, list) else [value]))


def _short(name: str) -> str:
    front, _, rest = name.partition(".")
    return rest if front in {"identity", "assessment", "notes"} else name

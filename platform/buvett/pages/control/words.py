"""What an entry tells of, in words. What has no words here is shown by its own name."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from buvett.access.resets import AT_CONSOLE
from buvett.access.signing_in import AT_SIGN_IN
from buvett.agreements.errors import Why
from buvett.agreements.models import Document
from tenants.audit.enums import Action
from tenants.isolation.enums import Purpose

KINDS: dict[Document.Kind, Promise | str] = {
    Document.Kind.PROCESSOR_AGREEMENT: _("Processor agreement"),
    Document.Kind.DPIA: _("Data protection impact assessment (DPIA)"),
}

WHY: dict[Why, Promise | str] = {
    Why.DATES: _("The last day is not before the first."),
    Why.THERE: _("A paper of this kind is filed from that day already. Change its last day instead."),
    Why.NOT_SIGNED: _("The municipality has not signed that agreement."),
    Why.GONE: _("This is no longer there. Load the page again."),
}

WORDS: dict[str, Promise | str] = {
    Action.CASE_OPENED: _("opened a case"),
    Action.CASES_LISTED: _("saw the list of cases"),
    Action.CASES_COUNTED: _("counted the cases"),
    Action.REGISTER_IMPORTED: _("brought in a register"),
    Action.NUMBER_LOOKED_UP: _("looked up an identity number"),
    Action.CASE_CREATED: _("registered a case"),
    Action.CASE_CHANGED: _("changed a case"),
    Action.DRAFT_OPENED: _("opened a draft of their own"),
    Action.IMPORT_OPENED: _("saw the list of imports"),
    Action.IMPORT_UNDONE: _("undid an import"),
    Action.COLUMN_NAMES_READ: _("used the municipality's names of columns"),
    Action.COLUMN_NAMES_CHANGED: _("changed the municipality's names of columns"),
    Action.REFUSED_ROWS_TAKEN_OUT: _("took refused rows out as a file"),
    Action.GRANT_GIVEN: _("gave access to cases"),
    Action.GRANT_TAKEN: _("took access to a case away"),
    Action.DECLARATION_SIGNED: _("signed the declaration"),
    Action.ACCESS_REFUSED: _("was refused"),
    Action.KEYS_ROTATED: _("moved the register to new keys"),
    Action.CONTRIBUTION_PREPARED: _("prepared numbers for the region"),
    Action.CONTRIBUTION_APPROVED: _("approved numbers for the region"),
    Action.CONTRIBUTION_RETURNED: _("returned numbers for the region"),
    Action.CONTRIBUTION_SEALED: _("sealed numbers for the region"),
    Action.OWN_COUNTS_SEEN: _("saw the municipality's own numbers"),
    Action.STANDING_APPROVAL_GIVEN: _("gave an approval in advance"),
    Action.STANDING_APPROVAL_REVOKED: _("took an approval in advance back"),
    Action.BASES_ADOPTED: _("adopted the legal bases"),
    Action.BASIS_CHANGED: _("changed the last day of a legal basis"),
    Action.PAPER_FILED: _("filed a paper of an agreement"),
    Action.PAPER_CHANGED: _("changed the last day of a paper"),
    Action.PERSON_INVITED: _("made an invitation link"),
    Action.MEMBERSHIP_GIVEN: _("gave a role"),
    Action.MEMBERSHIP_CHANGED: _("changed the last day of a role"),
    Action.MEMBERSHIP_ENDED: _("ended a role"),
    Action.PASSWORD_SET: _("set a password"),
    Action.SECOND_FACTOR_ADDED: _("set up a second factor"),
    Action.SECOND_FACTOR_REMOVED: _("removed a second factor"),
    Action.RECOVERY_CODES_MADE: _("made recovery codes"),
    Action.RECOVERY_CODE_USED: _("signed in with a recovery code"),
    Action.SIGNED_IN: _("signed in"),
    Action.SIGN_IN_FAILED: _("a try to sign in failed"),
    Action.SIGN_IN_SHUT: _("too many failed tries: shut for a quarter of an hour"),
    Action.SIGNED_OUT_EVERYWHERE: _("signed out everywhere"),
    Action.RESET_ASKED: _("asked to let someone in anew"),
    Action.RESET_DONE: _("confirmed that someone is let in anew"),
    Action.LOG_READ: _("read this log"),
    Action.PLAN_SENT: _("sent a plan to the municipalities"),
    Action.PLAN_ANSWERED: _("answered a plan"),
    Action.PLAN_COMMENTED: _("commented on a plan"),
    Action.WITHDRAWAL_ASKED: _("asked for a release to be withdrawn"),
}


PURPOSES: dict[str, Promise | str] = {
    Purpose.SAK: _("case work"),
    Purpose.OVERSIKT: _("the municipality's own overview"),
    Purpose.REGIONAL: _("numbers for the region"),
    Purpose.KONTROLL: _("control"),
}


def purpose_of(purpose: str) -> str:
    """What was looked for, in the language of the page."""
    return str(PURPOSES.get(purpose, purpose))


def words_of(action: str) -> str:
    """The action in the language of the page."""
    return str(WORDS.get(action, action.replace("_", " ")))


NOBODY: dict[str, Promise] = {
    AT_SIGN_IN: _("someone not signed in"),
    AT_CONSOLE: _("the operator's console"),
    "process:operator": _("the operator's console"),
    "process:contributor": _("the automatic count"),
    "contributor": _("the automatic count"),  # asked for from the command line
}
FACTORS: dict[str, Promise] = {
    "password": _("wrong password"),
    "code": _("wrong code or key"),
    "totp": _("authenticator app"),
    "webauthn": _("security key"),
    "recovery_codes": _("recovery code"),
    "demo": _("the demo's one click"),
}


def who_of(name: str) -> str:
    """A colleague's name, or in words who it was when it was none."""
    return str(NOBODY.get(name, name))


def how_of(how: str) -> str:
    """By which factor somebody came in, or which one was wrong; empty for what is neither."""
    return str(FACTORS.get(how, ""))

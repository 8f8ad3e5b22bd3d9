from enum import StrEnum


class Action(StrEnum):
    """What an entry tells of. An *intent* is committed before the thing happens."""

    CASE_OPENED = "case_opened"
    CASES_LISTED = "cases_listed"
    CASES_COUNTED = "cases_counted"
    REGISTER_IMPORTED = "register_imported"
    NUMBER_LOOKED_UP = "number_looked_up"
    CASE_CREATED = "case_created"
    CASE_CHANGED = "case_changed"
    GRANT_GIVEN = "grant_given"
    GRANT_TAKEN = "grant_taken"
    DECLARATION_SIGNED = "declaration_signed"
    ACCESS_REFUSED = "access_refused"
    KEYS_ROTATED = "keys_rotated"
    CONTRIBUTION_PREPARED = "contribution_prepared"
    CONTRIBUTION_APPROVED = "contribution_approved"
    CONTRIBUTION_RETURNED = "contribution_returned"
    CONTRIBUTION_SEALED = "contribution_sealed"
    OWN_COUNTS_SEEN = "own_counts_seen"
    STANDING_APPROVAL_GIVEN = "standing_approval_given"
    STANDING_APPROVAL_REVOKED = "standing_approval_revoked"

from enum import StrEnum


class Permission(StrEnum):
    """All that a role can allow."""

    SEE_CASES = "see_cases"
    CHANGE_CASES = "change_cases"
    IMPORT_REGISTER = "import_register"
    GRANT_CASES = "grant_cases"
    SEE_OWN_COUNTS = "see_own_counts"
    APPROVE_CONTRIBUTION = "approve_contribution"
    SEE_RELEASES = "see_releases"
    WRITE_PLAN = "write_plan"
    DECIDE_PLAN = "decide_plan"
    SEE_ACCESS_LOG = "see_access_log"
    SEE_STATUS = "see_status"

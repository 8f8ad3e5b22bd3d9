from enum import StrEnum


class Permission(StrEnum):
    """All that a role can allow. A right that nothing asks for yet is not listed."""

    SEE_CASES = "see_cases"
    CHANGE_CASES = "change_cases"
    LIFT_MARKS = "lift_marks"
    IMPORT_REGISTER = "import_register"
    GRANT_CASES = "grant_cases"
    PREPARE_CONTRIBUTION = "prepare_contribution"
    SEE_OWN_COUNTS = "see_own_counts"
    APPROVE_CONTRIBUTION = "approve_contribution"
    SEE_RELEASES = "see_releases"
    WITHDRAW_RELEASE = "withdraw_release"
    SEE_PLANS = "see_plans"
    WRITE_PLAN = "write_plan"
    SEND_PLAN = "send_plan"
    COMMENT_PLAN = "comment_plan"
    ANSWER_PLAN = "answer_plan"
    MANAGE_MEMBERS = "manage_members"
    RESET_SIGN_IN = "reset_sign_in"
    READ_LOG = "read_log"
    SEE_PAPERS = "see_papers"
    KEEP_PAPERS = "keep_papers"
    SEE_OPERATIONS = "see_operations"

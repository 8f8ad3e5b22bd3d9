"""The roles, as data: who comes for what (DESIGN.md, section 1)."""

from enum import StrEnum

from buvett.access.enums import Permission as P


class Role(StrEnum):
    """A role in a municipality or in the region."""

    CASE_WORKER = "case_worker"
    LOCAL_LEADER = "local_leader"
    USER_REPRESENTATIVE = "user_representative"
    PROJECT_LEADER = "project_leader"
    INTERMUNICIPAL_MEMBER = "intermunicipal_member"
    CHIEF_EXECUTIVE = "chief_executive"
    DATA_PROTECTION_OFFICER = "data_protection_officer"
    OPERATIONS = "operations"


PERMISSIONS: dict[Role, frozenset[P]] = {
    Role.CASE_WORKER: frozenset(
        {P.SEE_CASES, P.CHANGE_CASES, P.IMPORT_REGISTER, P.PREPARE_CONTRIBUTION, P.SEE_RELEASES, P.SEE_PLANS}
    ),
    Role.LOCAL_LEADER: frozenset(
        {
            P.SEE_CASES,
            P.CHANGE_CASES,
            P.LIFT_MARKS,
            P.GRANT_CASES,
            P.IMPORT_REGISTER,
            P.SEE_OWN_COUNTS,
            P.APPROVE_CONTRIBUTION,
            P.SEE_RELEASES,
            P.SEE_PLANS,
            P.MANAGE_MEMBERS,
            P.RESET_SIGN_IN,
            P.SEE_PAPERS,
            P.KEEP_PAPERS,
        }
    ),
    Role.USER_REPRESENTATIVE: frozenset({P.SEE_RELEASES, P.SEE_PLANS}),
    Role.PROJECT_LEADER: frozenset(
        {P.SEE_RELEASES, P.SEE_PLANS, P.WRITE_PLAN, P.SEND_PLAN, P.COMMENT_PLAN, P.WITHDRAW_RELEASE}
    ),
    Role.INTERMUNICIPAL_MEMBER: frozenset({P.SEE_RELEASES, P.SEE_PLANS, P.WRITE_PLAN, P.COMMENT_PLAN}),
    Role.CHIEF_EXECUTIVE: frozenset({P.SEE_RELEASES, P.SEE_PLANS, P.COMMENT_PLAN, P.ANSWER_PLAN, P.RESET_SIGN_IN}),
    Role.DATA_PROTECTION_OFFICER: frozenset({P.SEE_RELEASES, P.SEE_PLANS, P.READ_LOG, P.SEE_PAPERS}),
    Role.OPERATIONS: frozenset({P.SEE_OPERATIONS}),
}

# Roles in a municipality's own house; the others are for a region's work, or for the installation.
LOCAL = frozenset(
    {
        Role.CASE_WORKER,
        Role.LOCAL_LEADER,
        Role.USER_REPRESENTATIVE,
        Role.CHIEF_EXECUTIVE,
        Role.DATA_PROTECTION_OFFICER,
    }
)
# Roles in a region's work: each names its region. Operations serve the installation and see nothing of any region.
REGIONAL = frozenset({Role.PROJECT_LEADER, Role.INTERMUNICIPAL_MEMBER})
# What a local leader may give in the own municipality: its own roles, and its place in the intermunicipal group.
GIVEN_BY_LEADER = (
    Role.CASE_WORKER,
    Role.LOCAL_LEADER,
    Role.USER_REPRESENTATIVE,
    Role.CHIEF_EXECUTIVE,
    Role.DATA_PROTECTION_OFFICER,
    Role.INTERMUNICIPAL_MEMBER,
)

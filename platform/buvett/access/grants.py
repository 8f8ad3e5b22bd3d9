"""Grants on cases (official need), by django-guardian. All inside the municipality's scope."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from django.contrib.auth.models import Permission as DjangoPermission
from django.db.models import QuerySet
from django.utils import timezone
from guardian.shortcuts import get_objects_for_user

from buvett.access.enums import Permission
from buvett.access.errors import NotAllowed
from buvett.access.memberships import hats_of, seeing_cases, unended
from buvett.access.models import CaseUserObjectPermission
from buvett.access.policies import can_in
from buvett.accounts.models import User
from tenants.audit.entries import record_change
from tenants.audit.enums import Action
from tenants.isolation.scopes import current_scope
from tenants.register.models import Case

OPEN = "open_case"
NAMED = 100  # cases that one entry of the log names: more of them take several entries


def give(case: Case, *, to: User, by: User) -> None:
    """Let ``to`` open the case; told in the log in the same transaction. Giving it again changes nothing.

    Raises NotAllowed unless ``by`` may give grants, and ``to`` see cases, in the scope's municipality.
    """
    check_can_grant(by)
    _check_can_be_given(to)
    CaseUserObjectPermission.objects.assign_perm(OPEN, to, case)
    _tell(Action.GRANT_GIVEN, case, to=to, by=by)


def give_new(cases: Sequence[UUID], *, to: User, by: User) -> None:
    """Let ``to`` open each of the cases (after an import, for instance), told in one entry of the log.

    Those that have the grant keep it. One statement for 2,000 cases.
    """
    if not cases:
        return
    _insert(cases, to=to)
    record_change(Action.GRANT_GIVEN, details={"cases": len(cases), "to": str(to.pk), "by": str(by.pk)})


def give_all(cases: Sequence[UUID], *, to: User, by: User) -> None:
    """Let ``to`` open each of the cases; the log names each of them, in the same transaction. Raises as ``give``."""
    check_can_grant(by)
    _check_can_be_given(to)
    _insert(cases, to=to)
    _tell_each(Action.GRANT_GIVEN, cases, to=to.pk, by=str(by.pk))


def take_all(cases: Sequence[UUID], *, of: UUID, by: User) -> None:
    """Take the grants on those cases back; the log names each case, in the same transaction. Raises as ``take``."""
    check_can_grant(by)
    rows_of(of).filter(content_object_id__in=cases).delete()
    _tell_each(Action.GRANT_TAKEN, cases, to=of, by=str(by.pk))


def end_earlier(user: UUID, *, by: str, on: date) -> None:
    """Take away what someone was given in an earlier time here, before a new role begins: it does not come alive again.

    Whoever has a role that sees cases, or one to come, goes on with what they have. Inside the municipality's scope.
    """
    if seeing_cases(unended(on=on), municipality=current_scope().municipality).filter(user=user).exists():
        return
    rows = rows_of(user)
    cases = sorted(rows.values_list("content_object_id", flat=True))
    if cases:
        rows.delete()
        _tell_each(Action.GRANT_TAKEN, cases, to=user, by=by)


def take(case: Case, *, to: User, by: User) -> None:
    """Take the grant back; told in the log in the same transaction. Raises NotAllowed unless ``by`` may."""
    check_can_grant(by)
    CaseUserObjectPermission.objects.remove_perm(OPEN, to, case)
    _tell(Action.GRANT_TAKEN, case, to=to, by=by)


def can_grant(by: User) -> bool:
    """Whether the person may give and take grants in the scope's municipality."""
    return _has(by, Permission.GRANT_CASES)


def check_can_grant(by: User) -> None:
    """Raise NotAllowed when not."""
    if not can_grant(by):
        raise NotAllowed("this person gives no grants in the municipality")


def rows_of(user: UUID) -> QuerySet[CaseUserObjectPermission]:
    """The person's grants to open cases of the scope's municipality."""
    return all_rows().filter(user=user)


def all_rows() -> QuerySet[CaseUserObjectPermission]:
    """All grants to open cases of the scope's municipality, also those of people who are no longer here."""
    return CaseUserObjectPermission.objects.filter(
        municipality_id=current_scope().municipality, permission__codename=OPEN
    )


def cases_granted(user: User) -> QuerySet[Case]:
    """The cases of the scope's municipality that the person has official need of. Lazy: read it inside the scope.

    Neither groups, nor superusers, nor rights on the model as a whole count: official need is about one case.
    """
    return get_objects_for_user(
        user,
        OPEN,
        klass=Case.objects.filter(municipality_id=current_scope().municipality),
        use_groups=False,
        with_superuser=False,
        accept_global_perms=False,
    )


def has_grant(user: User, case: UUID) -> bool:
    """Whether the person may open that case of the scope's municipality."""
    return cases_granted(user).filter(pk=case).exists()


def _has(user: User, permission: Permission) -> bool:
    municipality = current_scope().municipality
    return any(can_in(hat, permission, municipality=municipality) for hat in hats_of(user.pk, on=timezone.localdate()))


def _check_can_be_given(to: User) -> None:
    if not _has(to, Permission.SEE_CASES):
        raise NotAllowed("whoever is given a case has a role that sees cases in the municipality")


def _insert(cases: Sequence[UUID], *, to: User) -> None:
    municipality = current_scope().municipality
    permission = DjangoPermission.objects.get(content_type__app_label="register", codename=OPEN)
    CaseUserObjectPermission.objects.bulk_create(
        [
            CaseUserObjectPermission(
                municipality_id=municipality, user=to, permission=permission, content_object_id=case
            )
            for case in cases
        ],
        ignore_conflicts=True,
        batch_size=2000,
    )


def _tell_each(action: Action, cases: Sequence[UUID], *, to: UUID, by: str) -> None:
    """Entries that name every case: the data protection officer finds each of them by its reference."""
    for start in range(0, len(cases), NAMED):
        ids = [str(case) for case in cases[start : start + NAMED]]
        record_change(action, details={"records": {"ids": ids}, "cases": len(ids), "to": str(to), "by": by})


def _tell(action: Action, case: Case, *, to: User, by: User) -> None:
    record_change(action, details={"case": str(case.pk), "to": str(to.pk), "by": str(by.pk)})

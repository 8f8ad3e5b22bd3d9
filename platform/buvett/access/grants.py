"""Grants on cases (official need), by django-guardian. All inside the municipality's scope."""

from collections.abc import Sequence
from uuid import UUID

from django.contrib.auth.models import Permission as DjangoPermission
from django.db.models import QuerySet
from django.utils import timezone
from guardian.shortcuts import get_objects_for_user

from buvett.access.enums import Permission
from buvett.access.errors import NotAllowed
from buvett.access.memberships import hats_of
from buvett.access.models import CaseUserObjectPermission
from buvett.access.policies import can_in
from buvett.accounts.models import User
from tenants.audit.entries import record_change
from tenants.audit.enums import Action
from tenants.isolation.scopes import current_scope
from tenants.register.models import Case

OPEN = "open_case"


def give(case: Case, *, to: User, by: User) -> None:
    """Let ``to`` open the case; told in the log in the same transaction. Giving it again changes nothing.

    Raises NotAllowed unless ``by`` may give grants, and ``to`` see cases, in the scope's municipality.
    """
    check_can_grant(by)
    if not _has(to, Permission.SEE_CASES):
        raise NotAllowed("whoever is given a case has a role that sees cases in the municipality")
    CaseUserObjectPermission.objects.assign_perm(OPEN, to, case)
    _tell(Action.GRANT_GIVEN, case, to=to, by=by)


def give_new(cases: Sequence[UUID], *, to: User, by: User) -> None:
    """Let ``to`` open each of the cases (after an import, for instance), told in one entry of the log.

    Those that have the grant keep it. One statement for 2,000 cases.
    """
    if not cases:
        return
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
    record_change(Action.GRANT_GIVEN, details={"cases": len(cases), "to": str(to.pk), "by": str(by.pk)})


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


def _tell(action: Action, case: Case, *, to: User, by: User) -> None:
    record_change(action, details={"case": str(case.pk), "to": str(to.pk), "by": str(by.pk)})

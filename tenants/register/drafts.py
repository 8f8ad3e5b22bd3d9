"""Drafts: what someone has begun to write, sealed, one for each writer and case. Only the writer reads it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID, uuid4

from django.db import IntegrityError, transaction

from tenants.audit.entries import record_intent
from tenants.audit.enums import Action
from tenants.isolation.scopes import current_scope
from tenants.register.models import Draft
from tenants.register.months import month_of
from tenants.vault import salts
from tenants.vault.compartments import Compartment
from tenants.vault.process import keyring
from tenants.vault.sealing import Opener, Sealer

TABLE = "register_draft"


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Written:
    """What was written: the fields as they were sent, and the revision that the writer had read (0: a new person)."""

    fields: Mapping[str, list[str]]
    revision: int


def save(case: UUID | None, written: Written, *, writer: UUID, on: date) -> None:
    """Keep it in the place of the writer's earlier draft about the same."""
    row = _mine(writer).filter(case=case).select_for_update().first()
    if row is None:
        identifier = uuid4()
        try:
            with transaction.atomic(using=current_scope().role.value):
                Draft.objects.create(
                    municipality_id=current_scope().municipality,
                    id=identifier,
                    case_id=case,
                    writer=writer,
                    envelope=_sealed(written, identifier, salts.create(identifier)),
                    changed_month=month_of(on),
                )
                return
        except IntegrityError:
            # The same form was sent twice at once: the other was first.
            row = _mine(writer).select_for_update().get(case=case)
    envelope = _sealed(written, row.id, salts.of(row.id))
    _mine(writer).filter(id=row.id).update(envelope=envelope, changed_month=month_of(on))


def read(case: UUID | None, *, writer: UUID) -> Written | None:
    """The writer's draft, opened after the intent is committed; None when there is none."""
    row = _mine(writer).filter(case=case).first()
    if row is None:
        return None
    receipt = record_intent(
        Action.DRAFT_OPENED,
        compartments=[Compartment.STAGING],
        records=[row.id],
        details={"case": str(case) if case else None},
    )
    payload: dict[str, Any] = Opener(keyring(), receipt).open(
        Compartment.STAGING, TABLE, row.id, salts.of(row.id), bytes(row.envelope)
    )
    return Written(fields=payload["fields"], revision=payload["revision"])


def drop(case: UUID | None, *, writer: UUID) -> None:
    """Throw the draft away with its salt; nothing happens when there is none."""
    for row in _mine(writer).filter(case=case).select_for_update():
        _mine(writer).filter(id=row.id).delete()
        salts.shred(row.id)


def begun(*, writer: UUID) -> frozenset[UUID | None]:
    """The cases that the writer has a draft about; None among them is a new person's. Opens nothing."""
    return frozenset(_mine(writer).values_list("case_id", flat=True))


def drop_all(cases: Collection[UUID]) -> None:
    """Throw away everyone's drafts about cases that are no more."""
    rows = Draft.objects.filter(municipality_id=current_scope().municipality, case_id__in=list(cases))
    identifiers = list(rows.values_list("id", flat=True))
    rows.delete()
    salts.shred_many(identifiers)


def _sealed(written: Written, draft: UUID, salt: bytes) -> bytes:
    payload = {"fields": {name: list(values) for name, values in written.fields.items()}, "revision": written.revision}
    return Sealer(keyring(), current_scope().municipality).seal(Compartment.STAGING, TABLE, draft, salt, payload)


def _mine(writer: UUID) -> Any:
    return Draft.objects.filter(municipality_id=current_scope().municipality, writer=writer)

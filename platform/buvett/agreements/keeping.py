"""A local leader keeps what the work rests on: legal bases, and the papers of each agreement; told in the log.

The owner makes regions and agreements (`agreements.actions`); a municipality's own papers are its own. Every function
raises NotHere or NotAllowed from access, and PaperRefused.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from uuid import UUID

from django.db import IntegrityError, transaction

from buvett.access.enums import Permission
from buvett.access.memberships import Hat
from buvett.access.policies import check_can_in
from buvett.agreements.errors import PaperRefused, Why
from buvett.agreements.models import AgreementMember, Document
from tenants.audit.entries import record_change
from tenants.audit.enums import Action
from tenants.isolation.enums import Purpose
from tenants.isolation.scopes import scope
from tenants.legal import heimel
from tenants.legal.models import Heimel


def lacking(hat: Hat | None, *, code: str) -> tuple[heimel.Basis, ...]:
    """The legal bases of the law that the municipality has not adopted."""
    with _house(hat, code=code):
        return heimel.lacking()


def adopt(hat: Hat | None, *, code: str) -> int:
    """Rest each purpose on the bases that the law gives; how many were new. Rows that are there stay as they are."""
    with _house(hat, code=code):
        new = [f"{one.purpose} {one.code}" for one in heimel.lacking()]
        made = heimel.adopt_standard()
        if made:
            record_change(Action.BASES_ADOPTED, details={"bases": new})
    return made


def end_basis(hat: Hat | None, basis: UUID, *, code: str, last_day: date | None) -> None:
    """Let a legal basis end on a day; None takes the last day away. Work for that purpose stops the day after."""
    with _house(hat, code=code):
        try:
            row = heimel.set_last_day(basis, last_day=last_day)
        except Heimel.DoesNotExist:
            raise PaperRefused(Why.GONE) from None
        except ValueError:
            raise PaperRefused(Why.DATES) from None
        told = {"basis": f"{row.purpose} {row.code}", "last_day": str(last_day or "")}
        record_change(Action.BASIS_CHANGED, details=told)


def file_paper(
    hat: Hat | None, agreement: UUID, *, code: str, kind: Document.Kind, reference: str, since: date, until: date
) -> Document:
    """Say that a paper is in place: processor agreement (GDPR art. 28) or DPIA (art. 35), with its reference."""
    with _house(hat, code=code) as worn:
        if until < since:
            raise PaperRefused(Why.DATES)
        if not AgreementMember.objects.filter(agreement=agreement, municipality=worn.house).exists():
            raise PaperRefused(Why.NOT_SIGNED)
        try:
            with transaction.atomic():
                document = Document.objects.create(
                    agreement_id=agreement,
                    municipality_id=worn.house,
                    kind=kind,
                    reference=reference,
                    valid_from=since,
                    valid_to=until,
                )
        except IntegrityError:
            raise PaperRefused(Why.THERE) from None
        record_change(Action.PAPER_FILED, details=_told(document))
    return document


def end_paper(hat: Hat | None, paper: UUID, *, code: str, last_day: date) -> None:
    """Change a paper's last day; without a live one no numbers leave the house."""
    with _house(hat, code=code) as worn:
        row = Document.objects.filter(pk=paper, municipality=worn.house).first()
        if row is None:
            raise PaperRefused(Why.GONE)
        if last_day < row.valid_from:
            raise PaperRefused(Why.DATES)
        row.valid_to = last_day
        row.save(update_fields=["valid_to"])
        record_change(Action.PAPER_CHANGED, details=_told(row))


@contextmanager
def _house(hat: Hat | None, *, code: str) -> Iterator[Hat]:
    """The scope of the municipality; no legal basis is asked for, since this is where the first one comes from."""
    hat = check_can_in(hat, Permission.KEEP_PAPERS, code=code)
    with scope(hat.house, by=hat.user, purpose=Purpose.KONTROLL):
        yield hat


def _told(row: Document) -> dict[str, str]:
    return {
        "agreement": str(row.agreement_id),
        "paper": row.kind,
        "reference": row.reference,
        "from": str(row.valid_from),
        "until": str(row.valid_to),
    }

"""Making the keys that are missing, where that is safe: as the owner, in production.

A key that is made in the place of a lost one opens nothing that the lost one sealed, and hides that it was lost. So
whatever the database or the key store shows to have existed is never made anew: it is brought back from where it is
kept, and until then nothing at all is made.
"""

from collections.abc import Iterator
from datetime import date

from allauth.mfa.models import Authenticator
from django.db import connections, transaction

from buvett.accounts import secrets
from buvett.agreements.models import Region
from buvett.installation.keys import (
    SIGNERS,
    KeyFolders,
    make_account_key,
    make_context_keys,
    make_municipality_keys,
    names_of,
)
from tenants.isolation import keys as context_keys
from tenants.isolation.enums import Role
from tenants.isolation.errors import NoContextKey
from tenants.isolation.keys import derive, hmac_blocks
from tenants.isolation.models import Municipality
from tenants.isolation.provision import provision, provision_region, provisioned
from tenants.vault.errors import VaultError
from tenants.vault.keyring import Keyring
from tenants.vault.keystore import KeyStore
from tenants.vault.names import KeyName

_LOCK = 0x62757665747401  # one at a time: an advisory lock of the owner's transaction


class KeysRefused(Exception):
    """Making keys was refused; one sentence that says what is wrong and what to do."""


def complete(folders: KeyFolders) -> tuple[str, ...]:
    """Make every key that is missing, for second factors and each municipality; one line for each that got some.

    The same again makes nothing. Raises KeysRefused.
    """
    with transaction.atomic(using=Role.OWNER.value, durable=True):
        towns = _checked(folders)
        return _make(folders, towns)


def add(folders: KeyFolders, *, code: str, name: str, since: date) -> tuple[str, ...]:
    """A municipality with its keys, and whatever else is missing; one line for each that got some.

    The same again changes nothing. Raises KeysRefused, also where the number is another name's.
    """
    with transaction.atomic(using=Role.OWNER.value, durable=True):
        towns = _checked(folders)
        same = next((town for town in towns if town.code == code), None)
        if same is None:
            towns = (*towns, Municipality.objects.create(code=code, name=name, valid_from=since))
        elif same.name != name:
            raise KeysRefused(f"{code} is {same.name} already")
        return _make(folders, towns)


def _make(folders: KeyFolders, towns: tuple[Municipality, ...]) -> tuple[str, ...]:
    made = []
    try:
        if make_account_key(folders):
            made.append("second factors: the key is in place")
        if any(None in found.values() for _, found in _held(folders)):
            made.append("scopes: the keys are in place")
        role_keys = make_context_keys(folders)
        for town in towns:
            if make_municipality_keys(folders, town.pk):
                made.append(f"{town.code} {town.name}: the keys are in place")
            provision(town.pk, role_keys=role_keys)
        for region in Region.objects.values_list("pk", flat=True):
            provision_region(region, app_key=role_keys[Role.APP])
    except (VaultError, NoContextKey) as error:
        raise KeysRefused(str(error)) from None
    return tuple(made)


def _checked(folders: KeyFolders) -> tuple[Municipality, ...]:
    """The live municipalities. Raises KeysRefused where something that existed is not here, or is not what it was."""
    with connections[Role.OWNER.value].cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
    towns = tuple(Municipality.objects.filter(valid_to=None).order_by("code"))
    try:
        _check_second_factors(folders)
        _check_signers(folders, towns)
        for town in towns:
            _check_municipality(folders, town)
    except (VaultError, NoContextKey) as error:
        raise KeysRefused(str(error)) from None
    return towns


def _check_second_factors(folders: KeyFolders) -> None:
    if not _is_whole(folders, secrets.KEY) and Authenticator.objects.exists():
        raise KeysRefused(
            f"people have second factors, and the key that sealed them, {secrets.KEY.entry}, is not in the key store:"
            " bring it back; under another nobody could sign in"
        )


def _check_signers(folders: KeyFolders, towns: tuple[Municipality, ...]) -> None:
    for role, found in _held(folders):
        first = next(iter(found.values()))
        if len({key for key in found.values() if key is not None}) > 1:
            raise KeysRefused(f"the folders of {' and '.join(found)} hold different keys of {role}: one is another's")
        if first is None and any(found.values()):
            raise KeysRefused(f"{next(iter(found))} lacks context/{role}.key, which another process has: copy it there")
        for town in towns:
            known = provisioned(town.pk).get(role.login)
            if known is not None and (first is None or hmac_blocks(derive(first, town.pk)) != known):
                raise KeysRefused(
                    f"the folder of {next(iter(found))} lacks the context/{role}.key by which the database knows"
                    f" {town.code}: bring it back; with a new one every process would be shut out"
                )


def _held(folders: KeyFolders) -> Iterator[tuple[Role, dict[str, bytes | None]]]:
    """Each signing role with the key that lies in the folder of each of its processes, the first one's first."""
    for role, processes in SIGNERS.items():
        holders = folders.holders(processes)
        yield role, {process: context_keys.held(folders.of(process), role, demo=folders.demo) for process in holders}


def _check_municipality(folders: KeyFolders, town: Municipality) -> None:
    # Row and keys are made in one go, the row last: whoever has a row has had every key.
    if not all(_is_whole(folders, name) for name, _ in names_of(town.pk)):
        raise KeysRefused(
            f"{town.code} is installed, and not all of its keys are in the key store: bring it back;"
            " what they sealed opens under no other"
        )


def _is_whole(folders: KeyFolders, name: KeyName) -> bool:
    """Whether the wrapped key is there and its root opens it; False where it never was.

    Raises KeysRefused, or VaultError where it does not open.
    """
    store = KeyStore(folders.keystore)
    if not store.used(name.entry):
        return False
    if not store.versions(name.entry):
        raise KeysRefused(f"{name.entry} was shredded: it is never made again")
    if name.root not in folders.kms().names():
        raise KeysRefused(f"the key store holds {name.entry}, and the folder of web lacks its root key: bring it back")
    ring = Keyring(folders.kms(), store)
    for version in store.versions(name.entry):
        ring.key(name, version)
    return True

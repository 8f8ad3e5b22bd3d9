import threading
import time
from datetime import date
from pathlib import Path

import pytest
from django.db import connections

from tenants.isolation.enums import Purpose
from tenants.isolation.scopes import scope
from tenants.legal import heimel
from tenants.register import counting, rotating
from tenants.register.facts import assessments
from tenants.register.models import Case, EarlierEnvelope
from tenants.register.registering import import_file
from tenants.vault.compartments import Compartment
from tenants.vault.envelope import read_header
from tenants.vault.errors import RetireRefused
from tenants.vault.keyring import GRACE_SECONDS
from tenants.vault.names import compartment_key
from tenants.vault.process import keyring

ON = date(2026, 11, 1)
REGISTER = Path(__file__).parents[2] / "data" / "registers" / "4036-vinje.ods"


@pytest.fixture
def house(municipality):
    with scope(municipality.id, by="set-up", purpose=Purpose.SAK):
        heimel.adopt_standard()
    bring(municipality)
    return municipality


def bring(municipality):
    return import_file(
        REGISTER.read_bytes(), municipality=municipality.id, code="0", by="worker", on=ON, synthetic_mode=True
    )


def counts(municipality):
    with scope(municipality.id, by="counter", purpose=Purpose.OVERSIKT):
        return counting.count(assessments(), counted_on=ON).as_json()


def versions(municipality, model, column, **only):
    with scope(municipality.id, by="looker", purpose=Purpose.SAK):
        return {
            read_header(bytes(one)).key_version for one in model.objects.filter(**only).values_list(column, flat=True)
        }


# 39 people: identities and lines; assessments; notes and who made the first revision.
ENVELOPES = {Compartment.IDENTITY: 78, Compartment.ASSESSMENT: 39, Compartment.NOTES: 78}


@pytest.mark.parametrize("compartment", rotating.ROTATED)
def test_rotated_compartment_lies_under_the_new_version_only(house, compartment):
    before = counts(house)

    swept = rotating.rotate(house.id, compartment, by="drift")

    assert swept.resealed == ENVELOPES[compartment]
    assert (swept.overtaken, swept.unreadable) == (0, ())
    for place in rotating.COLUMNS[compartment]:
        if place.model is not EarlierEnvelope:
            assert versions(house, place.model, place.column) == {2}
    assert counts(house) == before
    assert bring(house).report["unchanged"] == 39


def test_earlier_envelopes_move_too(house):
    with scope(house.id, by="worker", purpose=Purpose.SAK):
        case = Case.objects.order_by("id").first()
        EarlierEnvelope.objects.create(
            municipality_id=house.id,
            case=case,
            compartment="assessment",
            revision=1,
            envelope=bytes(case.assessment),
            replaced_month=ON,
        )

    rotating.rotate(house.id, Compartment.ASSESSMENT, by="drift")

    assert versions(house, EarlierEnvelope, "envelope") == {2}


def test_move_after_a_crash_goes_on_where_it_was(house, monkeypatch):
    monkeypatch.setattr(rotating, "AT_A_TIME", 10)
    keyring().rotate(compartment_key(house.id, Compartment.ASSESSMENT))
    real, done = rotating._sweep, []

    def die_in_the_third(*arguments):
        done.append(real(*arguments))
        if len(done) == 3:
            raise SystemError
        return done[-1]

    monkeypatch.setattr(rotating, "_sweep", die_in_the_third)
    with pytest.raises(SystemError):
        rotating.move(house.id, Compartment.ASSESSMENT, by="drift")
    monkeypatch.setattr(rotating, "_sweep", real)
    assert versions(house, Case, "assessment") == {1, 2}

    swept = rotating.move(house.id, Compartment.ASSESSMENT, by="drift")

    assert swept.resealed == 39 - 20
    assert versions(house, Case, "assessment") == {2}


def test_finish_keeps_the_old_version_while_somebody_may_seal_with_it(house):
    rotating.rotate(house.id, Compartment.NOTES, by="drift")

    assert rotating.finish(house.id, Compartment.NOTES, by="drift") == ()
    assert keyring().versions(compartment_key(house.id, Compartment.NOTES)) == (1, 2)


def test_finish_shreds_the_old_version_after_the_grace(house, monkeypatch):
    rotating.rotate(house.id, Compartment.NOTES, by="drift")
    ring, clock = keyring(), [time.time() + GRACE_SECONDS + 1]
    monkeypatch.setattr(ring, "_now", lambda: clock[0])
    monkeypatch.setattr(rotating.time, "time", lambda: clock[0])

    def wait(seconds):
        clock[0] += seconds

    shredded = rotating.finish(house.id, Compartment.NOTES, by="drift", wait=wait)

    assert shredded == (1,)
    assert ring.versions(compartment_key(house.id, Compartment.NOTES)) == (2,)
    assert bring(house).report["unchanged"] == 39


def test_finish_that_does_not_wait_is_refused(house, monkeypatch):
    rotating.rotate(house.id, Compartment.NOTES, by="drift")
    later = time.time() + GRACE_SECONDS + 1
    monkeypatch.setattr(keyring(), "_now", lambda: later)
    monkeypatch.setattr(rotating.time, "time", lambda: later)

    with pytest.raises(RetireRefused, match="reader"):
        rotating.finish(house.id, Compartment.NOTES, by="drift", wait=lambda seconds: None)


def test_rotation_under_load_fails_no_read(house):
    """Readers count and a writer imports while all three compartments rotate, twice."""
    expected, stop, failures, reads = counts(house), threading.Event(), [], []

    def read():
        try:
            while not stop.is_set():
                if counts(house) != expected:
                    failures.append("other counts")
                reads.append(1)
        except Exception as error:  # noqa: BLE001 - whatever it is, a reader or writer must not see it
            failures.append(repr(error))
        finally:
            connections.close_all()

    def write():
        try:
            while not stop.is_set():
                bring(house)
        except Exception as error:  # noqa: BLE001 - whatever it is, a reader or writer must not see it
            failures.append(repr(error))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=read) for _ in range(3)] + [threading.Thread(target=write)]
    for thread in threads:
        thread.start()
    for _ in range(2):
        for compartment in rotating.ROTATED:
            rotating.rotate(house.id, compartment, by="drift")
    stop.set()
    for thread in threads:
        thread.join()

    assert failures == []
    assert len(reads) > 0
    assert versions(house, Case, "assessment") == {3}

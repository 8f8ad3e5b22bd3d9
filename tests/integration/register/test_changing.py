"""Cases registered, corrected and moved by hand: history, concurrency, states, look-ups, drafts. Real database."""

import threading
from datetime import date, timedelta

import pytest
from django.db import connections
from django.utils import timezone

from tenants.audit.entries import record_intent
from tenants.audit.enums import Action
from tenants.isolation.enums import Purpose
from tenants.isolation.scopes import scope
from tenants.register import changing, counting, drafts, looking_up
from tenants.register.codelists import Answer
from tenants.register.drafts import Written
from tenants.register.errors import (
    AlreadyRegistered,
    ChangedMeanwhile,
    NotInThisState,
    TooManyLookUps,
    TooMuchText,
)
from tenants.register.facts import assessments
from tenants.register.history import history_of
from tenants.register.lines import TABLE
from tenants.register.models import Case, Change, Draft, EarlierEnvelope, LookUp, Person
from tenants.register.states import State, Verb
from tenants.register.writing import Known, facts_in
from tenants.vault import salts
from tenants.vault.compartments import Compartment
from tenants.vault.errors import CannotOpen
from tenants.vault.process import keyring
from tenants.vault.sealing import Opener
from tests.integration.register.house import (
    ADA,
    BO,
    ON,
    adopt,
    correct,
    facts,
    read,
    registered,
    room,
    rows_of,
    someone,
)

NOW = timezone.now()


@pytest.fixture
def house(municipality):
    return adopt(municipality)


@pytest.fixture
def other_house(neighbour):
    return adopt(neighbour)


def history(house, case):
    with room(house, by="looker"):
        row = Case.objects.select_related("person").get(id=case)
        records = [row.id, row.person_id]
        receipt = record_intent(
            Action.CASE_OPENED,
            compartments=[Compartment.IDENTITY, Compartment.ASSESSMENT, Compartment.NOTES],
            records=records,
        )
        opener, salt_of, known = Opener(keyring(), receipt), salts.of_many(records), Known(row.person, row)
        return history_of(known, facts_in(opener, known, salt_of), opener=opener, salt_of=salt_of)


def line(house, case):
    with room(house, by="looker"):
        row = Case.objects.get(id=case)
        receipt = record_intent(Action.CASES_LISTED, compartments=[Compartment.IDENTITY], records=[case])
        return Opener(keyring(), receipt).open(Compartment.IDENTITY, TABLE, case, salts.of(case), bytes(row.line))


def move(house, case, verb, *, revision, why="Grunn."):
    with room(house):
        return changing.move(case, verb, revision=revision, why=why, on=ON)


def counted(house, *, on=ON):
    with scope(house.id, by="counter", purpose=Purpose.OVERSIKT):
        return counting.count(assessments(), counted_on=on).countable


def test_registered_person_has_all_facts_a_line_and_a_first_revision(house):
    case = registered(house, "Ada", text="Noko oppdikta.", support="4")

    found, revision = read(house, case)
    assert (found.identity["given_name"], found.assessment["support"], found.notes["text"]) == (
        "Ada",
        "4",
        "Noko oppdikta.",
    )
    assert revision == 1
    assert line(house, case)["name"] == "Ada Oppdikta"
    (first,) = history(house, case)
    assert (first.number, first.by, first.how, first.changed) == (1, "worker", "registered", ())


def test_same_number_twice_in_a_municipality_is_refused_and_leaves_nothing(house):
    registered(house)

    with room(house), pytest.raises(AlreadyRegistered):
        changing.register(facts("Ada igjen"), on=ON)
    assert (rows_of(house, Person), rows_of(house, Case), rows_of(house, Change)) == (1, 1, 1)


def test_same_number_in_two_municipalities_is_two_registers(house, other_house):
    registered(house)

    registered(other_house)

    assert (rows_of(house, Person), rows_of(other_house, Person)) == (1, 1)


def test_people_without_a_number_are_as_many_as_are_registered(house):
    for name in ("Ada", "Bo", "Ada"):
        registered(house, name, number=None)

    assert rows_of(house, Person, number_index=None) == 3


def test_correction_keeps_what_was_who_when_and_why(house):
    case = registered(house, support="1")
    before = timezone.now() - timedelta(seconds=2)

    revision = correct(
        house, case, revision=1, by="colleague", why="Skreiv feil.", support="4", identity={"phone": "00000000"}
    )

    newest, first = history(house, case)
    assert revision == newest.number == 2
    assert (newest.by, newest.how, newest.why) == ("colleague", "corrected", "Skreiv feil.")
    assert before <= newest.at <= timezone.now()
    assert [(c.fact, c.before, c.after) for c in newest.changed] == [
        ("identity.phone", None, "00000000"),
        ("assessment.support", "1", "4"),
    ]
    assert first.changed == ()


def test_history_of_several_revisions_tells_each_change_by_itself(house):
    case = registered(house, support="1", children=Answer.UNKNOWN)
    correct(house, case, revision=1, support="2")
    correct(house, case, revision=2, notes={"text": "Nytt."})
    correct(house, case, revision=3, children=2, support="3")

    told = [[(c.fact, c.before, c.after) for c in each.changed] for each in history(house, case)]

    assert told == [
        [("assessment.children", "unknown", 2), ("assessment.support", "2", "3")],
        [("notes.text", None, "Nytt.")],
        [("assessment.support", "1", "2")],
        [],
    ]


def test_history_whose_revisions_were_exchanged_does_not_open(house):
    case = registered(house)
    correct(house, case, revision=1, support="2")
    with room(house):
        first, second = Change.objects.filter(case=case).order_by("revision")
        Change.objects.filter(id=first.id).update(envelope=bytes(second.envelope))

    with pytest.raises(CannotOpen):
        history(house, case)


def test_correction_that_changes_nothing_is_no_revision(house):
    case = registered(house, support="1")

    assert correct(house, case, revision=1, support="1") == 1
    assert rows_of(house, EarlierEnvelope) == 0


def test_correction_of_an_older_revision_is_refused_and_changes_nothing(house):
    case = registered(house, support="1")
    correct(house, case, revision=1, by="colleague", support="2")

    with pytest.raises(ChangedMeanwhile):
        correct(house, case, revision=1, support="3")
    found, revision = read(house, case)
    assert (found.assessment["support"], revision) == ("2", 2)


def test_of_two_who_correct_at_once_one_is_told(house):
    case = registered(house, support="1")
    outcomes, barrier = [], threading.Barrier(2)

    def try_it(support):
        try:
            barrier.wait()
            outcomes.append(correct(house, case, revision=1, support=support))
        except ChangedMeanwhile:
            outcomes.append("told")
        finally:
            connections.close_all()

    threads = [threading.Thread(target=try_it, args=[support]) for support in ("2", "3")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes, key=str) == [2, "told"]
    assert rows_of(house, EarlierEnvelope) == 1


def test_corrected_number_is_found_and_the_old_one_is_not(house):
    case = registered(house)
    correct(house, case, revision=1, identity={"identity_number": BO})

    with room(house):
        assert looking_up.by_number(BO, now=NOW) == case
        assert looking_up.by_number(ADA, now=NOW) is None


def test_number_of_another_person_is_refused_in_a_correction(house):
    registered(house)
    case = registered(house, "Bo", number=BO)

    with pytest.raises(AlreadyRegistered):
        correct(house, case, revision=1, identity={"identity_number": ADA})
    assert read(house, case)[1] == 1


def test_facts_that_do_not_fit_their_envelope_are_refused_whole(house):
    case = registered(house)

    with pytest.raises(TooMuchText):
        correct(house, case, revision=1, identity={"address": "æ" * 600})
    assert read(house, case)[1] == 1


@pytest.mark.parametrize("verb", [Verb.CLOSE, Verb.BLOCK])
def test_closed_and_blocked_cases_are_not_corrected(house, verb):
    case = registered(house)
    move(house, case, verb, revision=1)

    with pytest.raises(NotInThisState):
        correct(house, case, revision=2, support="2")


def test_moves_are_revisions_with_their_reason(house):
    case = registered(house)
    move(house, case, Verb.CLOSE, revision=1, why="Har fått bustad.")
    move(house, case, Verb.REOPEN, revision=2, why="Kom att.")

    newest, closed, _ = history(house, case)

    assert (closed.how, closed.why) == ("close", "Har fått bustad.")
    assert (newest.how, newest.why) == ("reopen", "Kom att.")
    assert line(house, case)["states"] == ["reopened"]


def test_move_that_the_state_does_not_allow_is_refused(house):
    case = registered(house)

    with pytest.raises(NotInThisState):
        move(house, case, Verb.REOPEN, revision=1)
    assert read(house, case)[1] == 1


@pytest.mark.parametrize("verb", [Verb.BLOCK, Verb.OBJECT, Verb.PROTECT])
def test_marked_case_is_not_counted_until_the_mark_is_lifted(house, verb):
    case = registered(house)
    lifts = {Verb.BLOCK: Verb.UNBLOCK, Verb.OBJECT: Verb.WITHDRAW_OBJECTION, Verb.PROTECT: Verb.UNPROTECT}
    assert counted(house) == 1

    move(house, case, verb, revision=1)
    assert counted(house) == 0

    move(house, case, lifts[verb], revision=2)
    assert counted(house) == 1


def test_closed_case_is_counted_for_its_year_and_not_for_the_next(house):
    case = registered(house)
    move(house, case, Verb.CLOSE, revision=1)

    assert counted(house) == 1
    assert counted(house, on=date(2027, 1, 1)) == 0


@pytest.mark.parametrize("fact", ["dwelling", "birth_year"])
def test_case_that_the_tables_have_no_place_for_is_not_counted_yet(house, fact):
    case = registered(house, **{fact: Answer.NOT_ASKED})
    assert counted(house) == 0

    correct(house, case, revision=1, **{fact: {"dwelling": "EINMANN", "birth_year": 1985}[fact]})
    assert counted(house) == 1


def test_protected_person_has_no_name_in_the_line_and_is_not_found_by_name(house):
    case = registered(house)
    identity = facts().identity
    with room(house):
        assert looking_up.by_name(identity, 1985, now=NOW) == (case,)

    move(house, case, Verb.PROTECT, revision=1)

    assert line(house, case) == {"name": "", "states": ["open", "protected"], "missing": line(house, case)["missing"]}
    with room(house):
        assert looking_up.by_name(identity, 1985, now=NOW) == ()
        assert looking_up.by_number(ADA, now=NOW) == case


def test_name_and_year_are_found_in_any_spelling_of_case_and_blanks_and_in_the_own_house_only(house, other_house):
    case = registered(house, "Ada  Maria", number=None)
    registered(other_house, "Ada Maria", number=None)

    with room(house):
        found = looking_up.by_name({"given_name": "ADA maria ", "family_name": "oppdikta"}, 1985, now=NOW)
        assert found == (case,)
        assert looking_up.by_name({"given_name": "Ada Maria", "family_name": "Oppdikta"}, 1986, now=NOW) == ()


def test_look_ups_are_so_many_an_hour_for_each_person(house):
    registered(house)
    with room(house):
        for _ in range(looking_up.LOOK_UPS):
            looking_up.by_number(ADA, now=NOW)
        with pytest.raises(TooManyLookUps):
            looking_up.by_number(ADA, now=NOW)

    with room(house, by="colleague"):
        assert looking_up.by_number(ADA, now=NOW) is not None
    with room(house):
        assert looking_up.by_number(ADA, now=NOW + looking_up.WINDOW) is not None
        assert LookUp.objects.filter(by="worker").count() == 1  # those that no longer count are forgotten


def test_draft_is_read_by_its_writer_only_and_one_each(house):
    case, ada, bo = registered(house), someone(), someone()
    with room(house):
        drafts.save(case, Written(fields={"support": ["2"]}, revision=1), writer=ada, on=ON)
        drafts.save(case, Written(fields={"support": ["3"]}, revision=1), writer=ada, on=ON)
        drafts.save(None, Written(fields={"given_name": ["Ny"]}, revision=0), writer=ada, on=ON)

        assert drafts.read(case, writer=ada).fields == {"support": ["3"]}
        assert drafts.read(None, writer=ada).fields == {"given_name": ["Ny"]}
        assert drafts.read(case, writer=bo) is None
        assert drafts.begun(writer=ada) == {case, None}
        assert drafts.begun(writer=bo) == frozenset()


def test_dropped_draft_is_gone_with_its_salt(house):
    ada = someone()
    with room(house):
        drafts.save(None, Written(fields={"a": ["b"]}, revision=0), writer=ada, on=ON)
        draft = Draft.objects.get(writer=ada).id
        drafts.drop(None, writer=ada)
        drafts.drop(None, writer=ada)

        assert drafts.read(None, writer=ada) is None
        assert salts.of_many([draft]) == {}


def test_same_draft_sent_twice_at_once_is_kept_once(house):
    ada, failures, barrier = someone(), [], threading.Barrier(4)

    def save(number):
        try:
            barrier.wait()
            with room(house):
                drafts.save(None, Written(fields={"n": [str(number)]}, revision=0), writer=ada, on=ON)
        except Exception as error:  # noqa: BLE001 - whatever it is, the writer must not see it
            failures.append(repr(error))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=save, args=[n]) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failures == []
    assert rows_of(house, Draft, writer=ada) == 1


def test_states_are_read_from_the_line_as_from_the_facts(house):
    case = registered(house)
    for revision, verb in enumerate([Verb.OBJECT, Verb.CLOSE, Verb.PROTECT, Verb.BLOCK], start=1):
        move(house, case, verb, revision=revision)

    assert set(line(house, case)["states"]) == {State.CLOSED, State.OBJECTED, State.PROTECTED, State.BLOCKED}

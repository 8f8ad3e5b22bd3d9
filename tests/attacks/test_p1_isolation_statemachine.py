"""P1: random municipalities, people, writes, moves, deletions, rollbacks, nested scopes and roles, against a model.

The model is a dictionary for each municipality. After every step the database, asked through the platform's own
scopes, holds exactly what the model holds. Longer: ``pytest -m long``.
"""

from copy import deepcopy
from datetime import date
from uuid import UUID, uuid4

import pytest
from django.db import DatabaseError, IntegrityError, ProgrammingError, connections, transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from tenants.isolation.enums import Purpose, Role
from tenants.isolation.errors import IsolationError, ScopeRefused
from tenants.isolation.roles import connected_as
from tenants.isolation.scopes import current_scope, scope
from tenants.register.models import Case, ImportRun, Person
from tenants.vault.models import RecordSalt

ON = date(2026, 11, 1)
SMALL = settings(
    max_examples=10,
    stateful_step_count=30,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
LONG = settings(SMALL, max_examples=320, stateful_step_count=50)  # some 40 steps each

# Table → id → what the model knows of the row.
Rows = dict[str, dict[UUID, object]]
TABLES = {"person": Person, "case": Case, "salt": RecordSalt, "run": ImportRun}


class Undone(Exception):
    """Ends a scope by a rollback."""


class Isolation(RuleBasedStateMachine):
    """``make`` gives a new municipality's id; set by the test."""

    make = staticmethod(lambda: uuid4())
    places = Bundle("places")
    users = Bundle("users")
    people = Bundle("people")

    def __init__(self) -> None:
        super().__init__()
        self.model: dict[UUID, Rows] = {}
        self.steps = 0

    @initialize(target=places)
    def first_municipality(self):
        return self.new_municipality()

    @initialize(target=users)
    def first_user(self):
        return str(uuid4())

    def new_municipality(self):
        place = self.make()
        self.model[place] = {name: {} for name in TABLES}
        return place

    @rule(target=places)
    def add_municipality(self):
        if len(self.model) < 5:
            return self.new_municipality()
        return next(iter(self.model))

    @rule(target=users)
    def add_user(self):
        return str(uuid4())

    def enter(self, place, user, purpose=Purpose.SAK):
        return scope(place, by=user, purpose=purpose)

    @rule(
        target=people,
        place=places,
        user=users,
        number=st.binary(min_size=1, max_size=1) | st.none(),
        undo=st.booleans(),
    )
    def write_person(self, place, user, number, undo):
        identifier, rows = uuid4(), self.model[place]["person"]
        taken = number is not None and number in rows.values()
        try:
            with self.enter(place, user):
                Person.objects.create(
                    municipality_id=place, id=identifier, number_index=number, identity=b"x", created_month=ON
                )
                if undo:
                    raise Undone
        except Undone:
            assert not taken
        except IntegrityError:
            assert taken  # by a person of the same municipality, and of no other
        else:
            assert not taken
            rows[identifier] = number
        return place, identifier

    @rule(place=places, user=users, owner_and_person=people)
    def write_case(self, place, user, owner_and_person):
        """A case about a person who may be another municipality's, or whose writing was undone."""
        _, person = owner_and_person
        identifier, rows = uuid4(), self.model[place]
        possible = person in rows["person"] and person not in rows["case"].values()
        try:
            with self.enter(place, user):
                Case.objects.create(
                    municipality_id=place,
                    id=identifier,
                    person_id=person,
                    assessment=b"x",
                    notes=b"x",
                    changed_month=ON,
                )
        except IntegrityError:
            assert not possible
        else:
            assert possible
            rows["case"][identifier] = person

    @rule(place=places, user=users, claimed=places)
    def write_for_another(self, place, user, claimed):
        """Rows for the scope's own municipality go in; for any other they are refused."""
        identifier = uuid4()
        try:
            with self.enter(place, user):
                ImportRun.objects.create(municipality_id=claimed, id=identifier, state="staged", created_month=ON)
        except ProgrammingError:  # by the policy; any other failure is a failure of the test
            assert claimed != place
        else:
            assert claimed == place
            self.model[place]["run"][identifier] = "staged"

    @rule(place=places, target_place=places, user=users)
    def move_everything(self, place, target_place, user):
        runs = self.model[place]["run"]
        try:
            with self.enter(place, user):
                moved = ImportRun.objects.update(municipality_id=target_place)
        except DatabaseError:
            assert runs
            assert target_place != place
        else:
            assert moved == len(runs)
            assert target_place == place or not runs

    @rule(place=places, user=users, state=st.sampled_from(["staged", "applied", "refused"]), undo=st.booleans())
    def change_without_a_filter(self, place, user, state, undo):
        runs = self.model[place]["run"]
        try:
            with self.enter(place, user):
                assert ImportRun.objects.update(state=state) == len(runs)
                if undo:
                    raise Undone
        except Undone:
            return
        self.model[place]["run"] = dict.fromkeys(runs, state)

    @rule(place=places, user=users, named=places)
    def write_salts(self, place, user, named):
        with self.enter(place, user):
            for _ in range(2):
                salt = RecordSalt.objects.create(municipality_id=place, salt=bytes(16))
                self.model[place]["salt"][salt.id] = None

    @rule(place=places, user=users, named=places, undo=st.booleans())
    def delete(self, place, user, named, undo):
        """Delete what is called another municipality's: none, unless it is one's own."""
        own = self.model[place]["salt"]
        expected = len(own) if named == place else 0
        try:
            with self.enter(place, user):
                assert RecordSalt.objects.filter(municipality_id=named).delete()[0] == expected
                if undo:
                    raise Undone
        except Undone:
            return
        if named == place:
            own.clear()

    @rule(place=places, other=places, user=users, keep_inner=st.booleans(), keep_outer=st.booleans())
    def nest(self, place, other, user, keep_inner, keep_outer):
        """A savepoint inside the same scope; another municipality's inside is refused and changes nothing."""
        before = deepcopy(self.model[place]["run"])
        after = dict(before)
        try:
            with self.enter(place, user):
                outer = ImportRun.objects.create(municipality_id=place, state="staged", created_month=ON).id
                after[outer] = "staged"
                try:
                    with self.enter(other, user):
                        assert other == place
                        inner = ImportRun.objects.create(municipality_id=place, state="applied", created_month=ON).id
                        if not keep_inner:
                            raise Undone
                        after[inner] = "applied"
                except ScopeRefused:
                    assert other != place
                except Undone:
                    pass
                assert set(ImportRun.objects.values_list("id", flat=True)) == after.keys()
                if not keep_outer:
                    raise Undone
        except Undone:
            after = before
        self.model[place]["run"] = after

    @rule(place=places, user=users)
    def savepoint_that_fails(self, place, user):
        with self.enter(place, user):
            with pytest.raises(DatabaseError), transaction.atomic(using="app"):
                connections["app"].cursor().execute("SELECT 1 / 0")
            assert Person.objects.count() == len(self.model[place]["person"])

    @rule(place=places, user=users, purpose=st.sampled_from(Purpose))
    def contributor_counts(self, place, user, purpose):
        """Another role in its own scope sees the same municipality's cases, and no column that it may not."""
        with connected_as(Role.CONTRIBUTOR):
            with self.enter(place, user, purpose):
                seen = set(Case.objects.values_list("id", flat=True))
            with pytest.raises(DatabaseError), self.enter(place, user, purpose):
                list(Case.objects.values_list("notes"))
        assert seen == self.model[place]["case"].keys()

    @rule(place=places, other=places, user=users)
    def role_switched_inside_a_scope(self, place, other, user):
        with self.enter(place, user):
            with connected_as(Role.CONTRIBUTOR), pytest.raises(ScopeRefused):
                self.enter(other, user).__enter__()
            with connected_as(Role.CONTRIBUTOR):
                # The other role's connection is in no scope: nothing there.
                assert list(Case.objects.values_list("id", flat=True)) == []
            assert current_scope().municipality == place

    @rule(role=st.sampled_from([Role.READER, Role.OUTBOX, Role.PUBLISHER]), place=places, user=users)
    def role_without_keys(self, role, place, user):
        with connected_as(role):
            with pytest.raises(IsolationError):
                self.enter(place, user).__enter__()
            with pytest.raises(DatabaseError):
                list(Person.objects.values_list("id"))

    @invariant()
    def outside_a_scope_there_is_nothing(self):
        self.steps += 1
        assert [model.objects.count() for model in TABLES.values()] == [0, 0, 0, 0]

    @invariant()
    def each_municipality_holds_what_the_model_holds(self):
        for place, rows in self.model.items():
            with self.enter(place, "reader"):
                assert {
                    (r.id, r.municipality_id, r.number_index and bytes(r.number_index)) for r in Person.objects.all()
                } == {(key, place, number) for key, number in rows["person"].items()}
                assert set(Case.objects.values_list("id", "municipality_id", "person_id")) == {
                    (key, place, person) for key, person in rows["case"].items()
                }
                assert set(ImportRun.objects.values_list("id", "municipality_id", "state")) == {
                    (key, place, state) for key, state in rows["run"].items()
                }
                assert set(RecordSalt.objects.values_list("id", flat=True)) == rows["salt"].keys()


@pytest.fixture
def machine(make_municipality):
    class OnTheServer(Isolation):
        make = staticmethod(lambda: make_municipality().id)
        steps_of_all = 0

        def teardown(self):
            OnTheServer.steps_of_all += self.steps

    return OnTheServer


def test_database_agrees_with_the_model(machine):
    run_state_machine_as_test(machine, settings=SMALL)

    assert machine.steps_of_all > 0


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_database_agrees_with_the_model_over_ten_thousand_steps(machine):
    run_state_machine_as_test(machine, settings=LONG)

    assert machine.steps_of_all >= 10_000

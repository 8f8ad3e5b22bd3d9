"""Write, send, answer, comment, on the real database."""

import hashlib
import json
from uuid import uuid4

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext

from buvett.access.errors import NotAllowed
from buvett.plans import answering, queries, writing
from buvett.plans.changes import Change, Kind, Part
from buvett.plans.drafts import draft, drafts
from buvett.plans.enums import Reach, Verdict
from buvett.plans.errors import Changed, Fault, NoNumber, NoPlan, NotToAnswer, NotWritten
from buvett.plans.models import Version
from buvett.plans.sending import send
from buvett.plans.states import State
from buvett.releases.withdraw import withdraw
from tenants.isolation.enums import Role
from tenants.isolation.regions import region_scope
from tenants.isolation.roles import connected_as
from tests.integration.plans.plan import DUE, TODAY, Written


def test_draft_is_written_part_by_part(written: Written) -> None:
    plan = written.begin()
    first, second = written.chapter(plan, "Bakgrunn"), written.chapter(plan, "Mål", "- eitt\n- to")
    measure = written.measure(plan, key=written.shown())
    writing.change_plan(
        written.member, plan, revision=written.revision(plan), title=" Ny tittel ", asks="Ta stilling.\r\n"
    )

    found = draft(written.member, plan)
    assert (found.title, found.asks, found.changed_by_name) == ("Ny tittel", "Ta stilling.", "Medlem Medlemsen")
    assert [chapter.id for chapter in found.chapters] == [first, second]
    told = found.measure(measure)
    assert (told.reach, told.owner, told.due) == (Reach.INTERMUNICIPAL, "Prosjektleiar", DUE)
    assert told.number is not None
    assert told.number.value == written.release.table("support").cell(*written.shown()).value
    assert plan in {one.id for one in drafts(written.leader)}


def test_parts_are_moved_changed_and_removed(written: Written) -> None:
    plan = written.begin()
    a, b, c = (written.chapter(plan, heading) for heading in "abc")
    writing.move_part(written.leader, plan, revision=written.revision(plan), part=c, up=True)
    writing.move_part(written.leader, plan, revision=written.revision(plan), part=a, up=True)  # is first already
    assert [one.id for one in draft(written.leader, plan).chapters] == [a, c, b]
    writing.save_chapter(written.leader, plan, revision=written.revision(plan), heading="ny", text="x", chapter=c)
    writing.remove_part(written.leader, plan, revision=written.revision(plan), part=a)
    assert [one.heading for one in draft(written.leader, plan).chapters] == ["ny", "b"]
    measure = written.measure(plan, key=written.shown())
    writing.untie_number(written.leader, plan, revision=written.revision(plan), measure=measure)
    assert draft(written.leader, plan).measure(measure).number is None


def test_nobody_writes_over_somebody_elses_change(written: Written) -> None:
    plan = written.begin()
    read = written.revision(plan)
    written.chapter(plan)
    with pytest.raises(Changed):
        writing.save_chapter(written.member, plan, revision=read, heading="x", text="")
    with pytest.raises(Changed):
        send(written.leader, plan, revision=read)
    assert len(draft(written.leader, plan).chapters) == 1


def test_faults_are_told_field_by_field(written: Written) -> None:
    plan = written.begin()
    with pytest.raises(NotWritten) as refused:
        writing.save_measure(
            written.leader,
            plan,
            revision=written.revision(plan),
            title=" ",
            text="x" * 20_001,
            reach="world",
            owner="",
            due="neste år",
        )
    assert refused.value.faults == {
        "title": Fault.EMPTY,
        "text": Fault.TOO_LONG,
        "owner": Fault.EMPTY,
        "reach": Fault.NO_CHOICE,
        "due": Fault.NO_DATE,
    }
    with pytest.raises(NotWritten):
        writing.make_plan(written.leader, region=written.agreed.region.slug, title="x" * 161)
    assert draft(written.leader, plan).measures == ()


def test_a_plan_has_at_most_sixty_chapters(written: Written) -> None:
    plan = written.begin()
    for _ in range(60):
        written.chapter(plan)
    with pytest.raises(NotWritten) as refused:
        written.chapter(plan)
    assert refused.value.faults == {"": Fault.TOO_MANY}


def test_only_what_is_published_can_be_tied(written: Written) -> None:
    plan = written.begin()
    measure = written.measure(plan)
    for key in (("nowhere", "1"), ("REGION",), ()):
        with pytest.raises(NoNumber):
            written.tie(plan, measure, key)
    with pytest.raises(NoNumber):
        writing.tie_number(
            written.leader,
            plan,
            revision=written.revision(plan),
            measure=measure,
            release=uuid4(),
            table="support",
            key=written.shown(),
        )
    assert draft(written.leader, plan).measure(measure).number is None


def test_a_hidden_number_stays_hidden(written: Written) -> None:
    plan = written.begin()
    written.measure(plan, key=written.hidden())
    version = queries.version(written.leader, send(written.leader, plan, revision=written.revision(plan)))
    number = version.measures[0].number
    assert number is not None
    assert (number.value, number.why) == (None, "protected")


def test_what_is_sent_is_frozen_numbered_and_hashed(written: Written) -> None:
    plan = written.begin("Fyrste")
    written.chapter(plan)
    written.measure(plan, key=written.shown())
    first = send(written.leader, plan, revision=written.revision(plan))
    before = queries.version(written.leader, first)
    writing.change_plan(written.leader, plan, revision=written.revision(plan), title="Andre", asks="")
    writing.remove_part(
        written.leader, plan, revision=written.revision(plan), part=draft(written.leader, plan).chapters[0].id
    )

    after = queries.version(written.leader, first)
    assert after == before
    assert (after.number, after.title, after.state, after.sent_by_name) == (
        1,
        "Fyrste",
        State.SENT,
        "Prosjekt Leiarsen",
    )
    assert [asked.code for asked in after.asked] == [member.code for member in written.agreed.members]
    with connected_as(Role.READER), region_scope(written.agreed.region.pk, by=written.member.user):
        row = Version.objects.get(pk=first)
    assert hashlib.sha256(row.body.encode()).hexdigest() == after.sha256
    assert json.loads(row.body)["releases"][0]["sha256"] == written.release.sha256
    assert after.releases[0].contributors == written.release.contributors


def test_newer_version_tells_what_changed_and_replaces_the_older(written: Written) -> None:
    plan = written.begin()
    written.chapter(plan, "Bakgrunn")
    first = send(written.leader, plan, revision=written.revision(plan))
    written.measure(plan, "Nytt tiltak")
    second = send(written.leader, plan, revision=written.revision(plan))

    newer, older = queries.version(written.leader, second), queries.version(written.leader, first)
    assert newer.changes == (Change(kind=Kind.ADDED, part=Part.MEASURE, name="Nytt tiltak"),)
    assert [one.id for one in newer.earlier] == [first]
    assert (newer.state, older.state, older.is_newest) == (State.SENT, State.REPLACED, False)
    assert [one.id for one in queries.newest(written.leader) if one.plan == plan] == [second]
    with pytest.raises(NotToAnswer):
        answering.answer(next(iter(written.chiefs.values())), first, verdict="supports", remark="")


def test_chief_executives_answer_once_each_and_everyone_reads_it(written: Written) -> None:
    plan = written.begin()
    version = send(written.leader, plan, revision=written.revision(plan))
    one, two, three = written.chiefs.values()
    answering.answer(one, version, verdict="supports", remark="")
    answering.comment(one, version, text=" Godt arbeid. ")
    answering.comment(written.leader, version, text="Takk.")
    answering.answer(two, version, verdict="sends_back", remark="Kva kostar det?")
    with pytest.raises(NotToAnswer):
        answering.answer(two, version, verdict="supports", remark="")

    found = queries.version(written.leader, version)
    assert [(given.code, given.verdict, given.remark, given.name) for given in found.answers] == [
        (one.code, Verdict.SUPPORTS, "", f"Direktør {one.code}"),
        (two.code, Verdict.SENDS_BACK, "Kva kostar det?", f"Direktør {two.code}"),
    ]
    assert [(told.text, bool(told.municipality)) for told in found.comments] == [
        ("Godt arbeid.", True),
        ("Takk.", False),
    ]
    assert ([asked.code for asked in found.awaited], found.supports, found.state) == ([three.code], 1, State.SENT)
    answering.answer(three, version, verdict="supports", remark="")
    assert queries.version(written.leader, version).state is State.ANSWERED


def test_two_who_answer_at_once_are_one_answer_and_a_word(written: Written, monkeypatch: pytest.MonkeyPatch) -> None:
    plan = written.begin()
    version = send(written.leader, plan, revision=written.revision(plan))
    first, second, *_ = written.chiefs.values()
    before = queries.version(written.leader, version)
    answering.answer(first, version, verdict="supports", remark="")
    monkeypatch.setattr(answering, "version", lambda *_: before)  # read before the other's answer was there
    with pytest.raises(NotToAnswer):
        answering.answer(first, version, verdict="sends_back", remark="Nei.")
    send(written.leader, plan, revision=written.revision(plan))
    with pytest.raises(NotToAnswer):
        answering.answer(second, version, verdict="supports", remark="")
    assert [given.verdict for given in queries.version(written.leader, version).answers] == [Verdict.SUPPORTS]


@pytest.mark.parametrize(
    ("verdict", "remark", "faults"),
    [
        ("perhaps", "", {"verdict": Fault.NO_CHOICE}),
        ("sends_back", "  ", {"remark": Fault.EMPTY}),
        ("supports", "x" * 4001, {"remark": Fault.TOO_LONG}),
    ],
)
def test_an_answer_that_is_none_says_why(written: Written, verdict: str, remark: str, faults: object) -> None:
    plan = written.begin()
    version = send(written.leader, plan, revision=written.revision(plan))
    with pytest.raises(NotWritten) as refused:
        answering.answer(next(iter(written.chiefs.values())), version, verdict=verdict, remark=remark)
    assert refused.value.faults == faults


def test_rights_of_each_hat(written: Written) -> None:
    plan = written.begin()
    version = send(written.leader, plan, revision=written.revision(plan))
    chief = next(iter(written.chiefs.values()))
    for refused in (
        lambda: draft(chief, plan),
        lambda: drafts(chief),
        lambda: draft(None, plan),
        lambda: writing.make_plan(chief, region=written.agreed.region.slug, title="x"),
        lambda: send(written.member, plan, revision=written.revision(plan)),
        lambda: answering.answer(written.leader, version, verdict="supports", remark=""),
        lambda: answering.comment(None, version, text="x"),
    ):
        with pytest.raises(NotAllowed):
            refused()
    for missing in (lambda: draft(written.leader, version), lambda: queries.version(written.leader, plan)):
        with pytest.raises(NoPlan):
            missing()


@pytest.mark.parametrize("several", [1, 3])
def test_reading_takes_the_same_statements(written: Written, several: int) -> None:
    plan = written.begin()
    for _ in range(several):
        written.measure(plan, key=written.shown())
        version = send(written.leader, plan, revision=written.revision(plan))
    with CaptureQueriesContext(connections["reader"]) as reader, CaptureQueriesContext(connections["app"]) as app:
        queries.version(written.leader, version)
        draft(written.leader, plan)
    assert (len(reader), len(app)) == (8, 5)


def test_a_withdrawn_release_is_told(written: Written) -> None:
    """Last of the file: the region's release is gone afterwards."""
    plan = written.begin()
    written.measure(plan, key=written.shown())
    version = send(written.leader, plan, revision=written.revision(plan))
    assert queries.version(written.leader, version).withdrawn == ()
    withdraw(written.run, written.agreed.members[0].pk)

    (told,) = queries.version(written.leader, version).withdrawn
    assert (told.id, told.counted_on <= TODAY) == (written.release.id, True)
    assert written.measure(plan, "Etterpå", key=written.shown())  # what was published stays published

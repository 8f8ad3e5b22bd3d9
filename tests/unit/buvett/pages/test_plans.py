"""Plans in the pages: written, sent, answered, on paper; and what a refused press says."""

import json
import re
import zlib

import pytest
from django.utils import translation

from buvett.pages.plans.paper import FULL, compile_paper, told_of
from buvett.pages.plans.signs import MISSING, printable
from buvett.plans import queries, writing
from buvett.plans.drafts import draft
from buvett.plans.sending import send
from tenants.isolation.enums import Role
from tenants.isolation.roles import connected_as
from tests import people as workers
from tests.integration.plans.plan import write

INJECTED = '#panic(1) #eval("1+1") *x* $y$ \\ `r` @a <lab> // c /* d */ [e] #read("/etc/passwd") " \' æøå'


@pytest.fixture(scope="module")
def written(make_municipality):
    return write(make_municipality)


def browser(hat):
    from buvett.accounts.models import User

    return workers.browser(User.objects.get(pk=hat.user))


def text(answer):
    return " ".join(answer.content.decode().split())


def revision(answer):
    return re.search(r'name="revision" value="(\d+)"', answer.content.decode())[1]


def a_version(written, *, hidden=False):
    plan = written.begin("Bustadplan <b>1</b>")
    written.chapter(plan, "Bakgrunn", "Fyrste avsnitt.\n\n- eitt\n- <i>to</i>")
    written.measure(plan, "Felles rådgjevar", key=written.hidden() if hidden else written.shown())
    return plan, send(written.leader, plan, revision=written.revision(plan))


def test_project_leader_writes_and_sends_in_the_pages(written):
    page = browser(written.leader)
    made = page.post("/drafts/", {"title": "Handlingsplan", "region": written.agreed.region.slug})
    path = made["Location"]
    plan = path.split("/")[2]

    def save(there, **told):
        return page.post(there, {"revision": revision(page.get(path)), **told})

    assert save(path, act="save", title="Handlingsplan 2027", asks="Ta stilling.").status_code == 302
    assert save(f"{path}chapter/", heading="Mål", text="- eitt").status_code == 302
    told = {"title": "Rådgjevar", "text": "", "reach": "local", "owner": "Leiar", "due": "2027-01-31"}
    assert save(f"{path}measure/", **told).status_code == 302
    measure = draft(written.leader, plan).measures[0].id
    number = f"{path}measure/{measure}/number/"
    listed = text(page.get(f"{number}?table=support"))
    cell = "/".join(("support", *written.shown()))
    assert f'value="{cell}"' in listed
    assert save(number, act="tie", table="support", cell=cell).status_code == 302
    assert "Talet som det byggjer på" in text(page.get(f"{path}measure/{measure}/"))
    sent = save(path, act="send")
    shown = text(page.get(sent["Location"]))
    for words in ("Handlingsplan 2027", "Ta stilling.", "Tala som tel", "Frist 31. januar 2027", "har ikkje svart"):
        assert words in shown, words


@pytest.mark.parametrize("region", ["", "nowhere", "a\x00b"])
def test_a_region_that_is_none_is_explained(written, region):
    refused = browser(written.leader).post("/drafts/", {"title": "Plan", "region": region})
    assert (refused.status_code, "Vel ein region." in text(refused)) == (422, True)


def test_parts_are_moved_and_taken_out_by_buttons(written):
    page = browser(written.member)
    plan = written.begin()
    first, second = written.chapter(plan, "ein"), written.chapter(plan, "to")
    path = f"/drafts/{plan}/"
    for act, part, order in (("up", second, ["to", "ein"]), ("remove", second, ["ein"])):
        page.post(path, {"act": act, "part": str(part), "revision": revision(page.get(path))})
        assert [one.heading for one in draft(written.member, plan).chapters] == order
    assert "Prosjektleiaren sender det." in text(page.get(path))
    assert page.post(path, {"act": "send", "revision": revision(page.get(path))}).status_code == 403
    assert page.post(path, {"act": "up", "part": "x", "revision": revision(page.get(path))}).status_code == 404
    assert page.get(f"{path}chapter/{second}/").status_code == 404
    assert first


@pytest.mark.parametrize(
    ("there", "told"),
    [
        ("", {"act": "save", "title": ""}),
        ("chapter/", {"heading": "x" * 161}),
        ("measure/", {"title": "x", "owner": "", "reach": "world", "due": "no"}),
    ],
)
def test_what_cannot_stand_is_told_at_its_field(written, there, told):
    page, plan = browser(written.leader), written.begin()
    answer = page.post(f"/drafts/{plan}/{there}", {"revision": "1", **told})
    assert answer.status_code == 422
    assert "Noko må rettast" in text(answer)


def test_somebody_elses_change_is_not_written_over(written):
    page, plan = browser(written.leader), written.begin()
    written.chapter(plan)
    for there, told in (
        ("", {"act": "save", "title": "Min"}),
        ("chapter/", {"heading": "Min"}),
        ("", {"act": "send"}),
    ):
        answer = page.post(f"/drafts/{plan}/{there}", {"revision": "1", **told})
        assert (answer.status_code, "Nokon har endra utkastet" in text(answer)) == (422, True)
    assert draft(written.leader, plan).title == "Bustadplan"


@pytest.mark.parametrize("cell", ["", "support", "support/nowhere/1", "support/REGION"])
def test_what_is_not_published_cannot_be_chosen(written, cell):
    page, plan = browser(written.leader), written.begin()
    measure = written.measure(plan)
    told = {"act": "tie", "table": "support", "cell": cell, "revision": str(written.revision(plan))}
    answer = page.post(f"/drafts/{plan}/measure/{measure}/number/", told)
    assert (answer.status_code, "Vel eit tal." in text(answer)) == (422, True)


def test_chief_executive_answers_and_comments(written):
    _, version = a_version(written)
    one, two, _ = written.chiefs.values()
    path = f"/plans/{version}/"
    page = browser(one)
    assert page.post(path, {"act": "answer", "answer-verdict": "sends_back", "answer-remark": ""}).status_code == 422
    assert page.post(path, {"act": "comment", "comment-text": "Kva med <b>økonomien</b>?"}).status_code == 302
    assert page.post(path, {"act": "answer", "answer-verdict": "supports", "answer-remark": ""}).status_code == 302
    again = page.post(path, {"act": "answer", "answer-verdict": "supports", "answer-remark": ""})
    assert (again.status_code, "Kommunen din har svart" in text(again)) == (422, True)
    shown = text(browser(two).get(path))
    assert "Kva med &lt;b&gt;økonomien&lt;/b&gt;?" in shown
    assert "1 støttar, 0 sender tilbake, 2 har ikkje svart." in shown
    assert f"Direktør {one.code}" in shown
    assert 'name="answer-verdict"' in shown
    assert 'name="answer-verdict"' not in text(page.get(path))


def test_readers_see_the_version_and_no_form(written):
    _, version = a_version(written)
    officer = workers.user()
    from buvett.access.roles import Role as Named

    workers.give_role(officer, Named.DATA_PROTECTION_OFFICER, written.agreed.members[0])
    page = workers.browser(officer)
    shown = text(page.get(f"/plans/{version}/"))
    assert "Bustadplan &lt;b&gt;1&lt;/b&gt;" in shown
    assert "<li>&lt;i&gt;to&lt;/i&gt;</li>" in shown
    assert 'name="act"' not in shown
    told = {"act": "answer", "answer-verdict": "supports", "answer-remark": ""}
    assert page.post(f"/plans/{version}/", told).status_code == 403
    assert queries.version(written.leader, version).answers == ()


def test_a_hidden_number_is_a_word_and_a_hatched_bar(written):
    _, version = a_version(written, hidden=True)
    shown = text(browser(written.leader).get(f"/plans/{version}/"))
    assert 'class="chart-hidden"' in shown
    assert '<strong class="number-value"><span class="cell-hidden">skjult<span class="spoken">' in shown


def test_chart_marks_the_number_that_is_spoken_of_and_its_table_stands_beside(written):
    _, version = a_version(written)
    shown = text(browser(written.leader).get(f"/plans/{version}/"))
    assert len(re.findall(r'<svg[^>]* role="img" aria-labelledby="measure-1-chart-t measure-1-chart-d"', shown)) == 1
    assert shown.count(" ◄</text>") == 1
    assert shown.count('◄<span class="spoken"> dette</span></th>') == 1
    assert "Dei same tala i ein tabell" in shown


# The paper.


@pytest.mark.parametrize("language", ["nn", "nb", "en"])
def test_paper_is_pdf_ua_with_tags_and_title(written, language):
    _, version = a_version(written, hidden=True)
    page = browser(written.leader)
    page.get(f"/language/{language}/")
    answer = page.get(f"/plans/{version}/paper.pdf")
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    body = answer.content
    assert body.startswith(b"%PDF-")
    assert b"/StructTreeRoot" in body
    assert b"pdfuaid:part" in body
    assert re.search(rb"/Lang\s*\(%s" % language.encode(), body)
    assert len(streams(body)) > 3


def streams(body):
    """What the compressed parts of a PDF hold."""
    found = []
    for part in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", body, flags=re.DOTALL):
        try:
            found.append(zlib.decompress(part))
        except zlib.error:
            found.append(part)
    return found


def test_what_people_wrote_is_never_code_in_the_paper(written):
    plan = written.begin(INJECTED)
    written.chapter(plan, INJECTED, f"{INJECTED}\n\n- {INJECTED}")
    written.measure(plan, INJECTED)
    writing.change_plan(written.leader, plan, revision=written.revision(plan), title=INJECTED, asks=f"- {INJECTED}")
    found = queries.version(written.leader, send(written.leader, plan, revision=written.revision(plan)))
    with connected_as(Role.READER):
        told = told_of(found)
    assert told["title"] == INJECTED
    assert told["chapters"] == [
        {
            "heading": INJECTED,
            "blocks": [{"is_list": False, "lines": [INJECTED]}, {"is_list": True, "lines": [INJECTED]}],
        }
    ]
    body = compile_paper(told, found)
    assert body.startswith(b"%PDF-")
    assert b"root:" not in b"".join(streams(body))  # no file was read


def test_paper_holds_no_hidden_number_and_the_release_that_it_rests_on(written):
    _, version = a_version(written, hidden=True)
    found = queries.version(written.leader, version)
    with connected_as(Role.READER), translation.override("nn"):
        told = told_of(found)
    (number,) = told["numbers"]
    hidden = [bar for bar in number["bars"] if bar["hidden"]]
    assert number["shown"] == "skjult av personvernomsyn"
    assert {(bar["length"], bar["shown"]) for bar in hidden} == {(FULL, "skjult av personvernomsyn")}
    shown = {(cell.key, str(cell.value)) for cell in written.release.table("support").cells if cell.status == "shown"}
    numbers = [bar["shown"] for bar in number["bars"] if not bar["hidden"]]
    assert set(numbers) <= {value for _, value in shown}
    assert told["releases"][0]["sha256"] == written.release.sha256
    assert written.release.sha256 in json.dumps(told)
    assert found.sha256 in told["frozen"]


def test_the_same_version_gives_the_same_bytes(written):
    _, version = a_version(written)
    found = queries.version(written.leader, version)
    with connected_as(Role.READER):
        told = told_of(found)
    assert compile_paper(told, found) == compile_paper(told, found)


@pytest.mark.parametrize("path", ["/plans/{nothing}/", "/plans/{nothing}/paper.pdf", "/drafts/{nothing}/"])
def test_what_never_was_is_not_found(written, path):
    assert browser(written.leader).get(path.format(nothing=written.run)).status_code == 404


@pytest.mark.parametrize("strange", ["🏠", "中文", "مرحبا ٰ ۱", "a\u200db", "\ue000", "\ufffe", "\ufdfa"])
def test_a_sign_that_no_font_has_does_not_refuse_the_paper(written, strange):
    plan = written.begin()
    written.chapter(plan, heading=f"Bustad {strange}", text=f"- {strange}\n\n{strange} æøå")
    found = queries.version(written.leader, send(written.leader, plan, revision=written.revision(plan)))
    with connected_as(Role.READER), translation.override("nn"):
        told = told_of(found)
    kept = "".join(c for c in strange if c.isprintable())  # what a draft keeps of it
    shown = "Bustad " + "".join(c if c == " " else "�" for c in kept)
    assert told["chapters"][0]["heading"].startswith(shown.strip() if kept == strange else "Bustad")
    said = "Nokre teikn kan ikkje skrivast ut og står som �; sida viser dei"
    assert (said in told["notices"]) == ("�" in json.dumps(told["chapters"], ensure_ascii=False))
    assert compile_paper(told, found).startswith(b"%PDF-")


def test_the_paper_prints_every_sign_that_it_is_given(written):
    _, version = a_version(written)
    found = queries.version(written.leader, version)
    with connected_as(Role.READER):
        told = told_of(found)
    signs = [chr(code) for code in range(0x20, 0x3000) if printable(chr(code)) != MISSING]
    lines = [" ".join(signs[at : at + 40]) for at in range(0, len(signs), 40)]
    told["chapters"] = [{"heading": "Æøå", "blocks": [{"is_list": False, "lines": lines}]}]
    assert len(signs) > 2000
    assert compile_paper(told, found).startswith(b"%PDF-")

"""Asks each kind of page for an answer, as the people who use them."""

import http.cookiejar
import re
import urllib.error
import urllib.parse
import urllib.request

REGION = "vest-telemark"
WORKER, LEADER = "sakshandsamar@seljord.demo.invalid", "leiar@seljord.demo.invalid"
PROJECT_LEADER, CHIEF = "prosjektleiar@demo.invalid", "direktor@seljord.demo.invalid"
OFFICER, OPERATIONS = "personvern@seljord.demo.invalid", "drift@demo.invalid"
OWN = "/municipality/4022"
# kind of page → (who asks, its address, a word that must be there in nynorsk)
PAGES = {
    "front": (None, "/", "bu-vett"),
    "words": (CHIEF, "/words/", "teieplikt"),
    "region": (PROJECT_LEADER, f"/region/{REGION}/", "Kjelde"),
    "need": (PROJECT_LEADER, f"/region/{REGION}/need/situation/", "skjult"),
    "completeness": (PROJECT_LEADER, f"/region/{REGION}/completeness/", "Seljord"),
    "drafts": (PROJECT_LEADER, "/drafts/", "<h1"),
    "plans": (CHIEF, "/plans/", "<h1"),
    "cases": (WORKER, "/cases/", "<table"),
    "case_form": (WORKER, f"{OWN}/cases/new/", "Busituasjon"),
    "uploads": (WORKER, f"{OWN}/uploads/", 'type="file"'),
    "delivery": (LEADER, f"{OWN}/delivery/", "Lever tal"),
    "people": (LEADER, f"{OWN}/people/", "<table"),
    "log": (OFFICER, f"{OWN}/log/", "<table"),
    "papers": (OFFICER, f"{OWN}/papers/", "GDPR 6 / 9"),
    "operations": (OPERATIONS, "/operations/", "Drift"),
    "api_releases": (PROJECT_LEADER, "/api/v1/releases", "vt-2026"),
    "api_cases": (WORKER, "/api/v1/me/cases", "{"),
}


def look_at_pages(address: str) -> dict[str, bool]:
    """Kind of page → whether it answered 200 with what must be there."""
    return {name: _answers(address, *what) for name, what in PAGES.items()}


def _answers(address: str, who: str | None, path: str, word: str) -> bool:
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))
    try:
        if who is not None:
            _sign_in(opener, address, who)
        with opener.open(address + path, timeout=30) as answer:
            return bool(answer.status == 200 and word in answer.read().decode())
    except (urllib.error.URLError, LookupError, TimeoutError):
        return False


def _sign_in(opener: urllib.request.OpenerDirector, address: str, email: str) -> None:
    """Click on the demo person's button on the front page. Raises LookupError when it is not there."""
    with opener.open(address + "/", timeout=30) as answer:
        page = answer.read().decode()
    token = re.search(r'name="csrfmiddlewaretoken"\s+value="([^"]+)"', page)
    for form in re.findall(r"<form.*?</form>", page, flags=re.DOTALL):
        user = re.search(r'name="user"\s+value="([0-9a-f-]{36})"', form)
        action = re.search(r'action="([^"]+)"', form)
        if user and action and token and email in form:
            data = urllib.parse.urlencode({"csrfmiddlewaretoken": token[1], "user": user[1]}).encode()
            request = urllib.request.Request(  # noqa: S310 - our own loopback address
                address + action[1], data=data, headers={"Referer": address + "/"}
            )
            opener.open(request, timeout=30).close()
            return
    raise LookupError(email)

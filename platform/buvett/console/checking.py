"""Asks each kind of page for an answer, as the people who use them."""

import http.cookiejar
import re
import urllib.error
import urllib.parse
import urllib.request

REGION = "vest-telemark"
# kind of page → (who asks, its address, a word that must be there in nynorsk)
PAGES = {
    "front": (None, "/", "bu-vett"),
    "region": ("prosjektleiar@demo.invalid", f"/region/{REGION}/", "Kjelde"),
    "cases": ("sakshandsamar@seljord.demo.invalid", "/cases/", "<table"),
    "api_releases": ("prosjektleiar@demo.invalid", "/api/v1/releases", "vt-2026"),
    "api_cases": ("sakshandsamar@seljord.demo.invalid", "/api/v1/me/cases", "{"),
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

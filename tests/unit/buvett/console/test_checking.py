"""The look at the pages, against a small server of the test's own."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from buvett.console.checking import PAGES, look_at_pages

PERSON = "12345678-1234-1234-1234-123456789abc"


class Site(BaseHTTPRequestHandler):
    """Answers every page that is asked for with its word, to whoever has clicked a sign-in."""

    broken = ""

    def do_GET(self):
        forms = "".join(
            f'<form action="/click/"><input name="user" value="{PERSON}">{who}</form>'
            for who, _, _ in PAGES.values()
            if who
        )
        words = {path: word for _, path, word in PAGES.values()}
        signed_in = "in=1" in self.headers.get("Cookie", "")
        word = words.get(self.path, "")
        if self.path == "/":
            self.say(200, f'bu-vett <input name="csrfmiddlewaretoken" value="t">{forms}')
        elif self.path == self.broken or not signed_in:
            self.say(500, "broken")
        else:
            self.say(200, word)

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Set-Cookie", "in=1; Path=/")
        self.end_headers()

    def say(self, status, text):
        self.send_response(status)
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *arguments):
        """Say nothing."""


@pytest.fixture
def address():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_pages_that_answer_are_true(address):
    assert look_at_pages(address) == dict.fromkeys(PAGES, True)


def test_page_that_fails_is_false(address, monkeypatch):
    monkeypatch.setattr(Site, "broken", PAGES["region"][1])

    assert look_at_pages(address) == dict.fromkeys(PAGES, True) | {"region": False}


def test_site_that_is_not_there_is_false_throughout():
    assert look_at_pages("http://127.0.0.1:9") == dict.fromkeys(PAGES, False)

"""What a person's phone does: the code that an app shows for a secret (RFC 6238), worked out without our own code."""

import base64
import hashlib
import hmac
import struct
import time

from django.test import Client

from buvett.accounts.models import User

PASSWORD = "open sesame, said the synthetic person"


def code_of(secret: str, *, steps: int = 0) -> str:
    """The six digits of now, or of a number of half minutes from now."""
    counter = int(time.time()) // 30 + steps
    digest = hmac.new(base64.b32decode(secret.replace(" ", "")), struct.pack(">Q", counter), hashlib.sha1).digest()
    at = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[at : at + 4])[0] & 0x7FFFFFFF) % 1_000_000:06d}"


def secret_on(page: bytes) -> str:
    """The secret that a page shows to be typed into an app."""
    return page.decode().split('<code class="secret">')[1].split("</code>")[0].replace(" ", "")


def give_password(client: Client, user: User, password: str = PASSWORD) -> str:
    """Sign in by password; where that leads."""
    answer = client.post("/sign-in/", {"email": user.email, "password": password})
    assert answer.status_code == 302, answer.status_code
    return str(answer["Location"])


def set_up(client: Client) -> str:
    """Set up an app after the password, as the pages lead; the secret, whose code of the last half minute is spent."""
    secret = secret_on(client.get("/account/app/").content)
    answer = client.post("/account/app/", {"code": code_of(secret, steps=-1)})
    assert answer["Location"] == "/account/recovery-codes/"
    return secret


def codes_on(page: bytes) -> list[str]:
    """The recovery codes that a page shows."""
    return [part.split("</code>")[0] for part in page.decode().split("<li><code>")[1:]]

"""A second implementation of the vault's formats, written from platform/docs/vault.md with its own AES and GCM.

Slow and plain on purpose; it shares no code with `tenants.vault` and none with `cryptography`.
"""

import hashlib
import hmac
import json
from uuid import UUID

SIZES = {
    "identity": (1, [1024]),
    "assessment": (2, [1024]),
    "notes": (3, [1024, 4096, 16384, 65536]),
    "staging": (4, [1024 * 2**n for n in range(16)]),
    "audit": (5, [1024, 4096, 16384]),
}


class DoesNotOpen(Exception):
    pass


def _sbox() -> list[int]:
    """FIPS 197, section 5.1.1: inverse in GF(2⁸), then the affine map."""
    inverse = [0] * 256
    for a in range(1, 256):
        for b in range(1, 256):
            if _times(a, b) == 1:
                inverse[a] = b
                break
    box = []
    for value in inverse:
        out = 0
        for bit in range(8):
            parity = sum(value >> ((bit + k) % 8) & 1 for k in (0, 4, 5, 6, 7)) + (0x63 >> bit & 1)
            out |= (parity & 1) << bit
        box.append(out)
    return box


def _times(a: int, b: int) -> int:
    product = 0
    while b:
        if b & 1:
            product ^= a
        a = a << 1 ^ (0x11B if a & 0x80 else 0)
        b >>= 1
    return product


SBOX = _sbox()
TWICE = [_times(2, value) for value in range(256)]


def round_keys(key: bytes) -> list[list[int]]:
    """FIPS 197, section 5.2, for a key of 8 words: 15 round keys of 16 bytes."""
    words = [list(key[at : at + 4]) for at in range(0, 32, 4)]
    constant = 1
    for index in range(8, 60):
        word = list(words[-1])
        if index % 8 == 0:
            word = [SBOX[byte] for byte in word[1:] + word[:1]]
            word[0] ^= constant
            constant = TWICE[constant]
        elif index % 8 == 4:
            word = [SBOX[byte] for byte in word]
        words.append([a ^ b for a, b in zip(word, words[index - 8], strict=True)])
    return [[byte for word in words[at : at + 4] for byte in word] for at in range(0, 60, 4)]


def encrypt_block(keys: list[list[int]], block: bytes) -> bytes:
    state = [a ^ b for a, b in zip(block, keys[0], strict=True)]
    for number in range(1, 15):
        state = [SBOX[state[(at + 4 * (at % 4)) % 16]] for at in range(16)]  # SubBytes and ShiftRows
        if number < 14:
            mixed = []
            for at in range(0, 16, 4):
                a, b, c, d = state[at : at + 4]
                every = a ^ b ^ c ^ d
                mixed += [x ^ every ^ TWICE[x ^ y] for x, y in ((a, b), (b, c), (c, d), (d, a))]
            state = mixed
        state = [a ^ b for a, b in zip(state, keys[number], strict=True)]
    return bytes(state)


def multiply(x: int, y: int) -> int:
    """NIST SP 800-38D, section 6.3: product in GF(2¹²⁸), bits counted from the left."""
    z = 0
    for bit in range(127, -1, -1):
        if x >> bit & 1:
            z ^= y
        y = y >> 1 ^ (0xE1 << 120 if y & 1 else 0)
    return z


def _blocks(data: bytes) -> list[int]:
    padded = data + bytes(-len(data) % 16)
    return [int.from_bytes(padded[at : at + 16], "big") for at in range(0, len(padded), 16)]


def ghash(hash_key: int, aad: bytes, ciphertext: bytes) -> int:
    lengths = (8 * len(aad)) << 64 | 8 * len(ciphertext)
    state = 0
    for block in [*_blocks(aad), *_blocks(ciphertext), lengths]:
        state = multiply(state ^ block, hash_key)
    return state


def gcm_stream(keys: list[list[int]], nonce: bytes, data: bytes) -> bytes:
    out = bytearray()
    for number, at in enumerate(range(0, len(data), 16), start=2):
        mask = encrypt_block(keys, nonce + number.to_bytes(4, "big"))
        out += bytes(a ^ b for a, b in zip(data[at : at + 16], mask, strict=False))
    return bytes(out)


def gcm_tag(keys: list[list[int]], nonce: bytes, aad: bytes, ciphertext: bytes) -> bytes:
    hash_key = int.from_bytes(encrypt_block(keys, bytes(16)), "big")
    mask = int.from_bytes(encrypt_block(keys, nonce + b"\0\0\0\x01"), "big")
    return (ghash(hash_key, aad, ciphertext) ^ mask).to_bytes(16, "big")


def gcm_encrypt(key: bytes, nonce: bytes, plaintext: bytes, aad: bytes) -> bytes:
    keys = round_keys(key)
    ciphertext = gcm_stream(keys, nonce, plaintext)
    return ciphertext + gcm_tag(keys, nonce, aad, ciphertext)


def gcm_decrypt(key: bytes, nonce: bytes, sealed: bytes, aad: bytes) -> bytes:
    keys = round_keys(key)
    ciphertext, tag = sealed[:-16], sealed[-16:]
    if gcm_tag(keys, nonce, aad, ciphertext) != tag:
        raise DoesNotOpen
    return gcm_stream(keys, nonce, ciphertext)


def u32(number: int) -> bytes:
    return number.to_bytes(4, "big")


def frame(*fields: bytes) -> bytes:
    return b"".join(u32(len(field)) + field for field in fields)


def canonical(value: object) -> str:
    """RFC 8785 for what the vectors hold: text, whole numbers, lists, objects, true, false, null."""
    if isinstance(value, dict):
        members = sorted(value.items(), key=lambda member: member[0].encode("utf-16-be"))
        return "{" + ",".join(json.dumps(k, ensure_ascii=False) + ":" + canonical(v) for k, v in members) + "}"
    if isinstance(value, list):
        return "[" + ",".join(canonical(item) for item in value) + "]"
    return json.dumps(value, ensure_ascii=False)


def context_of(vector: dict) -> bytes:
    return frame(
        b"\x01",
        UUID(vector["municipality"]).bytes,
        vector["table"].encode(),
        UUID(vector["record"]).bytes,
        bytes([SIZES[vector["compartment"]][0]]),
        u32(vector["key_version"]),
    )


def derive(vector: dict) -> tuple[bytes, bytes]:
    message = b"rec" + bytes.fromhex(vector["salt"]) + context_of(vector)
    digest = hmac.new(bytes.fromhex(vector["data_key"]), message, hashlib.sha512).digest()
    return digest[:32], digest[32:]


def seal(vector: dict) -> bytes:
    """The envelope of a vector's payload."""
    code, sizes = SIZES[vector["compartment"]]
    body = canonical(vector["payload"]).encode()
    size = next(size for size in sizes if size >= 4 + len(body))
    padded = u32(len(body)) + body + bytes(size - 4 - len(body))
    key, commitment = derive(vector)
    nonce = bytes.fromhex(vector["nonce"])
    return (
        bytes([1, code])
        + u32(vector["key_version"])
        + nonce
        + commitment
        + gcm_encrypt(key, nonce, padded, context_of(vector))
    )


def open_envelope(vector: dict, envelope: bytes) -> dict:
    """The payload of an envelope that is expected where the vector says."""
    code, sizes = SIZES[vector["compartment"]]
    if len(envelope) - 66 not in sizes or envelope[:6] != bytes([1, code]) + u32(vector["key_version"]):
        raise DoesNotOpen
    key, commitment = derive(vector)
    if envelope[18:50] != commitment:
        raise DoesNotOpen
    padded = gcm_decrypt(key, envelope[6:18], envelope[50:], context_of(vector))
    end = 4 + int.from_bytes(padded[:4], "big")
    if padded[end:] != bytes(len(padded) - end):
        raise DoesNotOpen
    return json.loads(padded[4:end])


def unwrap(vector: dict) -> bytes:
    """The secret of a wrapped key."""
    wrapped, root = bytes.fromhex(vector["wrapped"]), bytes.fromhex(vector["root_key"])
    if wrapped[0] != 1 or wrapped[1:9] != hashlib.sha256(b"buvett/kms-key-id" + root).digest()[:8]:
        raise DoesNotOpen
    salt, nonce, commitment, sealed = wrapped[9:25], wrapped[25:37], wrapped[37:69], wrapped[69:]
    bound = frame(b"\x01", vector["name"].encode(), bytes.fromhex(vector["context"]))
    digest = hmac.new(root, b"kms" + salt + bound, hashlib.sha512).digest()
    if digest[32:] != commitment:
        raise DoesNotOpen
    return gcm_decrypt(digest[:32], nonce, sealed, bound)


def blind_index(vector: dict) -> bytes:
    message = frame(UUID(vector["municipality"]).bytes, vector["field"].encode(), vector["value"].encode())
    return hmac.new(bytes.fromhex(vector["index_key"]), message, hashlib.sha256).digest()[:16]

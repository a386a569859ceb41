"""Seal bytes to recipients and open them again. Standard age files (v1), nothing else.

Three kinds of recipient: hybrid `age1pq1...` (ML-KEM-768 with X25519), `age1...` (X25519), and a passphrase (scrypt).
age hides what was written and shows a change; it does not say who wrote: whoever needs that signs inside.
"""

from __future__ import annotations

import contextlib
import hmac
import io
import re
import secrets
from collections.abc import Callable, Iterator, Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey, MLKEM768PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hpke import MLKEM768X25519PrivateKey, MLKEM768X25519PublicKey
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from panah.errors import Refused, Unreadable
from panah.kernel import keys
from panah.kernel.age_header import (
    Header,
    Input,
    Output,
    Source,
    Stanza,
    armor,
    from_base64,
    from_bech32,
    is_armored,
    read_header,
    to_base64,
    to_bech32,
    unarmor,
    write_header,
)

__all__ = [
    "armor",
    "is_armored",
    "new_identity",
    "new_x25519_identity",
    "open",
    "open_stream",
    "open_with_passphrase",
    "recipient_of",
    "seal",
    "seal_stream",
    "seal_with_passphrase",
    "unarmor",
]

# age's own labels.
LABEL_HEADER = b"header"
LABEL_PAYLOAD = b"payload"
LABEL_X25519 = b"age-encryption.org/v1/X25519"
LABEL_SCRYPT = b"age-encryption.org/v1/scrypt"
LABEL_HYBRID = b"age-encryption.org/mlkem768x25519"

CHUNK = 64 * 1024
LOG_N = 18  # scrypt's work for a file sealed here: about one second and 256 MiB
MOST_LOG_N = 20  # and the most that a stranger's file may ask of this machine: 1 GiB

_TAG = 16
_FILE_KEY = 16
_BODY = _FILE_KEY + _TAG
_NONCE = 16
_KEM_PUBLIC = keys.RECIPIENT - 32
_HYBRID_PUBLIC = keys.RECIPIENT
_HYBRID_SHARE = 1088 + 32
_DECIMAL = re.compile(r"[1-9][0-9]{0,8}")
# The nonce is fixed because every wrap key is used once: it comes from a fresh ephemeral key or a fresh salt.
_ZERO_NONCE = bytes(12)


# Identities and recipients.


def new_identity(seed: bytes | None = None) -> str:
    """A hybrid identity, `AGE-SECRET-KEY-PQ-1...`: random, or always the same for the same 32 bytes."""
    return _spell("age-secret-key-pq-", seed)


def new_x25519_identity(seed: bytes | None = None) -> str:
    """An identity for those whose age does not know hybrid ones yet, `AGE-SECRET-KEY-1...`."""
    return _spell("age-secret-key-", seed)


def _spell(prefix: str, seed: bytes | None) -> str:
    seed = secrets.token_bytes(32) if seed is None else seed
    if len(seed) != 32:
        raise ValueError("internal error: an identity is made of 32 bytes")
    return to_bech32(prefix, seed).upper()


def recipient_of(identity: str) -> str:
    """What others seal to, so that this identity opens."""
    if _is_hybrid(identity):
        kem, curve = _hybrid_keys(identity)
        return to_bech32("age1pq", kem.public_key().public_bytes_raw() + curve.public_key().public_bytes_raw())
    return to_bech32("age", _x25519_key(identity).public_key().public_bytes_raw())


def _is_hybrid(identity: str) -> bool:
    return identity.startswith("AGE-SECRET-KEY-PQ-1")


def _x25519_key(identity: str) -> X25519PrivateKey:
    return X25519PrivateKey.from_private_bytes(from_bech32(identity, "AGE-SECRET-KEY-", 32))


def _hybrid_keys(identity: str) -> tuple[MLKEM768PrivateKey, X25519PrivateKey]:
    return keys.expand_hybrid(from_bech32(identity, "AGE-SECRET-KEY-PQ-", 32))


LEAST_PAYLOAD = _NONCE + _TAG  # what follows the header of the shortest file


# Sealing.


def seal(data: bytes, recipients: Sequence[str]) -> bytes:
    """An age file that any one of these recipients opens."""
    return _whole(data, lambda src, dst: seal_stream(src, dst, recipients))


def seal_with_passphrase(data: bytes, passphrase: str, log_n: int = LOG_N) -> bytes:
    """An age file that this passphrase opens."""
    return _whole(data, lambda src, dst: seal_stream(src, dst, passphrase=passphrase, log_n=log_n))


def seal_stream(
    src: Input, dst: Output, recipients: Sequence[str] = (), *, passphrase: str | None = None, log_n: int = LOG_N
) -> None:
    """Seal a file of any size in the memory of two chunks: to recipients, or else under a passphrase."""
    file_key = secrets.token_bytes(_FILE_KEY)
    if (passphrase is None) == (not recipients):
        raise Refused("age_nobody_to_seal_to")
    if passphrase is not None:
        stanzas = [_wrap_passphrase(file_key, passphrase, log_n)]
    else:
        stanzas = [_wrap(file_key, recipient) for recipient in recipients]
        # One older recipient would undo for all of them what the hybrid ones are for.
        if len({stanza.args[0] for stanza in stanzas}) > 1:
            raise Refused("age_recipients_mixed")
    dst.write(write_header(stanzas, lambda covered: _mac(file_key, covered)))
    nonce = secrets.token_bytes(_NONCE)
    dst.write(nonce)
    cipher = ChaCha20Poly1305(_hkdf(file_key, nonce, LABEL_PAYLOAD))
    for number, chunk, last in _chunks(src):
        dst.write(cipher.encrypt(_chunk_nonce(number, last), chunk, None))


def _wrap(file_key: bytes, recipient: str) -> Stanza:
    if recipient.startswith("age1pq1"):
        public = from_bech32(recipient, "age1pq", _HYBRID_PUBLIC)
        try:
            kem = MLKEM768PublicKey.from_public_bytes(public[:_KEM_PUBLIC])
            curve = X25519PublicKey.from_public_bytes(public[_KEM_PUBLIC:])
            sealed = keys.suite.encrypt(file_key, MLKEM768X25519PublicKey(kem, curve), info=LABEL_HYBRID)
        except ValueError as e:
            raise Unreadable("age_key_malformed") from e
        return Stanza(("mlkem768x25519", to_base64(sealed[:_HYBRID_SHARE])), sealed[_HYBRID_SHARE:])
    public = from_bech32(recipient, "age", 32)
    ephemeral = X25519PrivateKey.generate()
    share = ephemeral.public_key().public_bytes_raw()
    try:
        wrap_key = _hkdf(ephemeral.exchange(X25519PublicKey.from_public_bytes(public)), share + public, LABEL_X25519)
    except ValueError as e:  # a point of low order: whoever made it could open the file without a secret
        raise Unreadable("age_key_malformed") from e
    return Stanza(("X25519", to_base64(share)), ChaCha20Poly1305(wrap_key).encrypt(_ZERO_NONCE, file_key, None))


def _wrap_passphrase(file_key: bytes, passphrase: str, log_n: int) -> Stanza:
    if not passphrase:
        raise Refused("age_passphrase_empty")
    if not 1 <= log_n <= MOST_LOG_N:
        raise ValueError("internal error: log_n")
    salt = secrets.token_bytes(16)
    wrap_key = _slow_key(passphrase, salt, log_n)
    body = ChaCha20Poly1305(wrap_key).encrypt(_ZERO_NONCE, file_key, None)
    return Stanza(("scrypt", to_base64(salt), str(log_n)), body)


# Opening.


def open(data: bytes, identities: Sequence[str]) -> bytes:
    """What was sealed, if one of these identities opens it; Unreadable otherwise, and nothing is given out then."""
    return _whole(data, lambda src, dst: open_stream(src, dst, identities))


def open_with_passphrase(data: bytes, passphrase: str) -> bytes:
    """What was sealed under this passphrase; Unreadable otherwise."""
    return _whole(data, lambda src, dst: open_stream(src, dst, passphrase=passphrase))


def open_stream(src: Source, dst: Output, identities: Sequence[str] = (), *, passphrase: str | None = None) -> None:
    """Open a file of any size in the memory of a chunk; each chunk is written once it is verified.

    A file that was cut off is noticed at its end only: on Unreadable the caller throws away what stands in `dst`.
    """
    header = read_header(src)
    _check_stanzas(header)
    file_key = _unwrap(header, identities, passphrase)
    if not hmac.compare_digest(_mac(file_key, header.covered), header.mac):
        raise Unreadable("age_header_changed")
    nonce = _read(src, _NONCE)
    if len(nonce) != _NONCE:
        raise Unreadable("age_truncated")
    cipher = ChaCha20Poly1305(_hkdf(file_key, nonce, LABEL_PAYLOAD))
    number, last = 0, False
    while not last:
        chunk, last = _open_chunk(cipher, number, _read(src, CHUNK + _TAG))
        dst.write(chunk)
        number += 1
    if src.read(1):
        raise Unreadable("age_payload_broken")


def _open_chunk(cipher: ChaCha20Poly1305, number: int, sealed: bytes) -> tuple[bytes, bool]:
    """What a chunk holds, and whether it was sealed as the last one."""
    if len(sealed) < _TAG:
        raise Unreadable("age_truncated")
    if len(sealed) == _TAG and number > 0:  # an empty last chunk would be a second spelling of the same file
        raise Unreadable("age_payload_broken")
    if len(sealed) == CHUNK + _TAG:
        with contextlib.suppress(InvalidTag):
            return cipher.decrypt(_chunk_nonce(number, False), sealed, None), False
    try:
        return cipher.decrypt(_chunk_nonce(number, True), sealed, None), True
    except InvalidTag as e:
        raise Unreadable("age_payload_broken") from e


def _check_stanzas(header: Header) -> None:
    """The shape of every stanza of the kinds we know, whoever reads: so that a file is sound for all or for none."""
    for stanza in header.stanzas:
        kind, *rest = stanza.args
        if kind not in ("X25519", "mlkem768x25519", "scrypt"):
            continue
        if kind == "scrypt":
            # Whoever opens by passphrase takes the file for one by somebody who knows it. A second stanza would break that.
            sound = len(header.stanzas) == 1 and len(rest) == 2 and _DECIMAL.fullmatch(rest[1]) is not None
            size = 16
        else:
            sound = len(rest) == 1
            size = 32 if kind == "X25519" else _HYBRID_SHARE
        # The length of the body is checked before any key is tried: a longer one could be made to open under many keys.
        if not sound or len(from_base64(rest[0].encode())) != size or len(stanza.body) != _BODY:
            raise Unreadable("age_header_malformed")


def _unwrap(header: Header, identities: Sequence[str], passphrase: str | None) -> bytes:
    for stanza in header.stanzas:
        if stanza.args[0] == "scrypt" and passphrase is not None:
            file_key = _unwrap_passphrase(stanza, passphrase)
            if file_key is not None:
                return file_key
    for identity in identities:
        unwrap = _hybrid_unwrapper(identity) if _is_hybrid(identity) else _x25519_unwrapper(identity)
        for stanza in header.stanzas:
            file_key = unwrap(stanza)
            if file_key is not None:
                return file_key
    raise Unreadable("age_no_key_opens")


def _hybrid_unwrapper(identity: str) -> Callable[[Stanza], bytes | None]:
    kem, curve = _hybrid_keys(identity)
    key = MLKEM768X25519PrivateKey(kem, curve)

    def unwrap(stanza: Stanza) -> bytes | None:
        if stanza.args[0] != "mlkem768x25519":
            return None
        share = from_base64(stanza.args[1].encode())
        try:
            return keys.suite.decrypt(share + stanza.body, key, info=LABEL_HYBRID)
        except InvalidTag:
            _exchange(curve, share[-32:])  # the library says the same of a forbidden point as of a file for somebody else
            return None

    return unwrap


def _x25519_unwrapper(identity: str) -> Callable[[Stanza], bytes | None]:
    key = _x25519_key(identity)
    public = key.public_key().public_bytes_raw()

    def unwrap(stanza: Stanza) -> bytes | None:
        if stanza.args[0] != "X25519":
            return None
        share = from_base64(stanza.args[1].encode())
        return _unwrap_with(_hkdf(_exchange(key, share), share + public, LABEL_X25519), stanza.body)

    return unwrap


def _exchange(key: X25519PrivateKey, share: bytes) -> bytes:
    try:
        return key.exchange(X25519PublicKey.from_public_bytes(share))
    except ValueError as e:  # a point of low order gives every reader the same key
        raise Unreadable("age_header_malformed") from e


def _unwrap_passphrase(stanza: Stanza, passphrase: str) -> bytes | None:
    log_n = int(stanza.args[2])
    if log_n > MOST_LOG_N:
        raise Unreadable("age_passphrase_work_too_high")
    return _unwrap_with(_slow_key(passphrase, from_base64(stanza.args[1].encode()), log_n), stanza.body)


def _unwrap_with(wrap_key: bytes, body: bytes) -> bytes | None:
    try:
        return ChaCha20Poly1305(wrap_key).decrypt(_ZERO_NONCE, body, None)
    except InvalidTag:
        return None


# What sealing and opening share.


def _hkdf(key: bytes, salt: bytes | None, label: bytes) -> bytes:
    return HKDF(SHA256(), 32, salt=salt, info=label).derive(key)


def _mac(file_key: bytes, covered: bytes) -> bytes:
    return hmac.digest(_hkdf(file_key, None, LABEL_HEADER), covered, "sha256")


def _slow_key(passphrase: str, salt: bytes, log_n: int) -> bytes:
    return Scrypt(LABEL_SCRYPT + salt, 32, 1 << log_n, 8, 1).derive(passphrase.encode())


def _chunk_nonce(number: int, last: bool) -> bytes:
    return number.to_bytes(11, "big") + (b"\x01" if last else b"\x00")


def _chunks(src: Input) -> Iterator[tuple[int, bytes, bool]]:
    """Number, bytes, and whether it is the last: one chunk is read ahead, because the last one is sealed as such."""
    number = 0
    chunk = _read(src, CHUNK)
    while ahead := _read(src, CHUNK):
        yield number, chunk, False
        number, chunk = number + 1, ahead
    yield number, chunk, True


def _read(src: Input, size: int) -> bytes:
    """`size` bytes, fewer only at the end: pipes and sockets give less than was asked for."""
    parts = []
    while size and (part := src.read(size)):
        parts.append(part)
        size -= len(part)
    return b"".join(parts)


def _whole(data: bytes, run: Callable[[io.BytesIO, io.BytesIO], None]) -> bytes:
    dst = io.BytesIO()
    run(io.BytesIO(data), dst)
    return dst.getvalue()

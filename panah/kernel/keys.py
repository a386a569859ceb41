"""Make keys, keep them behind a passphrase, sign and verify. Every label that separates one use of a key from another stands here.

Knows identities and keys; knows nothing of records, people or files.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from pathlib import Path

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey, MLKEM768PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, MLKEM768X25519PrivateKey, MLKEM768X25519PublicKey, Suite
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from nacl import exceptions as nacl_errors
from nacl import pwhash
from nacl.bindings import (
    crypto_aead_xchacha20poly1305_ietf_decrypt,
    crypto_aead_xchacha20poly1305_ietf_encrypt,
    crypto_sign,
    crypto_sign_open,
    crypto_sign_seed_keypair,
)

from panah.errors import Locked, Unreadable

# Labels: one per use, never reused, never changed. A new use gets a new line. Those of replies and of the page's configuration stand in
# panah/wire.py, those of the receipt in panah/receipt.py: they are for the browser too. tests/test_vectors.py sees that no two are alike.
LABEL_SEGMENT = b"panah/1/segment\n"
LABEL_DIRECT = b"panah/1/direct\n"
LABEL_TRANSPORT = b"panah/1/transport"
LABEL_TEAM_MAILBOX = b"panah/1/team-mailbox"
LABEL_PART_TAG = b"panah/1/part-tag\n"
LABEL_DESK_TAG = b"panah/1/desk-tag\n"
LABEL_DEPOSIT_ID = b"panah/1/deposit-id"
LABEL_BLOB = b"panah/1/blob\n"
LABEL_BLOB_MAILBOX = b"panah/1/blob-mailbox"
LABEL_UNLOCK = b"panah/1/unlock\n"
LABEL_CARD = b"panah/1/card\n"
LABEL_WELCOME = b"panah/1/welcome\n"
LABEL_PAGE = b"panah/1/page\n"
LABEL_AUTHORITY = b"panah/1/recovery-authority"
LABEL_RECOVERED = b"panah/1/recovered\n"
LABEL_ESCROW = b"panah/1/escrow\n"

NONCE = 24
RECIPIENT = 1184 + 32
TAG_BYTES = 8  # the random names of authors, compartments and epochs
SUITE_ID = 1  # HPKE: MLKEM768-X25519, HKDF-SHA256, ChaCha20-Poly1305
suite = Suite(KEM.MLKEM768_X25519, KDF.HKDF_SHA256, AEAD.CHACHA20_POLY1305)


def random(n: int) -> bytes:
    """Bytes nobody can guess."""
    return secrets.token_bytes(n)


def derive(key: bytes, label: bytes, n: int = 32) -> bytes:
    """HKDF-SHA256 (RFC 5869) of a key for one labelled use."""
    return HKDF(SHA256(), n, salt=None, info=label).derive(key)


def encrypt(key: bytes, plain: bytes, bound: bytes) -> bytes:
    """XChaCha20-Poly1305 under a fresh random nonce, which stands first; `bound` is authenticated beside it."""
    nonce = random(NONCE)
    return nonce + crypto_aead_xchacha20poly1305_ietf_encrypt(plain, bound, nonce, key)


def decrypt(key: bytes, sealed: bytes, bound: bytes) -> bytes:
    """The plain bytes; Unreadable if anything differs."""
    try:
        return crypto_aead_xchacha20poly1305_ietf_decrypt(sealed[NONCE:], bound, sealed[:NONCE], key)
    except (nacl_errors.CryptoError, ValueError, TypeError) as e:
        raise Unreadable("seal_broken") from e


@dataclass(frozen=True, slots=True)
class Identity:
    """A member's keys on one device: one to open with, one to sign with, made here and never copied elsewhere."""

    tag: bytes
    sign_seed: bytes
    open_seed: bytes

    @staticmethod
    def new() -> Identity:
        return Identity(random(TAG_BYTES), random(32), random(32))

    @property
    def verify_key(self) -> bytes:
        return crypto_sign_seed_keypair(self.sign_seed)[0]

    @property
    def recipient(self) -> bytes:
        return _recipient_bytes(self.open_seed)

    def sign(self, label: bytes, data: bytes) -> bytes:
        return sign(self.sign_seed, label, data)

    def open(self, sealed: bytes, bound: bytes) -> bytes:
        """Open what was sealed to this device; Unreadable if it was not, or was changed."""
        try:
            return suite.decrypt(sealed, _open_key(self.open_seed), info=bound)
        except (InvalidTag, ValueError) as e:
            raise Unreadable("seal_broken") from e


def sign(seed: bytes, label: bytes, data: bytes) -> bytes:
    """An Ed25519 signature (64 bytes) over label and data."""
    return crypto_sign(label + data, crypto_sign_seed_keypair(seed)[1])[:64]


def verify(verify_key: bytes, label: bytes, data: bytes, signature: bytes) -> None:
    """Raise Unreadable unless the signature stands."""
    try:
        if len(signature) != 64:
            raise ValueError
        crypto_sign_open(signature + label + data, verify_key)
    except (nacl_errors.CryptoError, ValueError, TypeError) as e:
        raise Unreadable("signature_wrong") from e


def verify_key_of(seed: bytes) -> bytes:
    """The public half of a signing seed."""
    return crypto_sign_seed_keypair(seed)[0]


def seal_to(recipient: bytes, plain: bytes, bound: bytes) -> bytes:
    """HPKE (RFC 9180, hybrid MLKEM768-X25519) to one device."""
    try:
        return suite.encrypt(plain, _recipient_key(recipient), info=bound)
    except ValueError as e:  # a point of low order: whoever made it could open this without a secret
        raise Unreadable("recipient_malformed") from e


def expand_hybrid(seed: bytes) -> tuple[MLKEM768PrivateKey, X25519PrivateKey]:
    """The two keys of a hybrid identity from its 32-byte seed: SHAKE256 to 64 + 32 bytes, as age and the HPKE-PQ draft do it."""
    wide = hashlib.shake_256(seed).digest(96)
    return MLKEM768PrivateKey.from_seed_bytes(wide[:64]), X25519PrivateKey.from_private_bytes(wide[64:])


def _open_key(seed: bytes) -> MLKEM768X25519PrivateKey:
    return MLKEM768X25519PrivateKey(*expand_hybrid(seed))


def _recipient_bytes(seed: bytes) -> bytes:
    kem, curve = expand_hybrid(seed)
    return kem.public_key().public_bytes_raw() + curve.public_key().public_bytes_raw()


def _recipient_key(recipient: bytes) -> MLKEM768X25519PublicKey:
    try:
        if len(recipient) != RECIPIENT:
            raise ValueError
        return MLKEM768X25519PublicKey(
            MLKEM768PublicKey.from_public_bytes(recipient[:-32]), X25519PublicKey.from_public_bytes(recipient[-32:])
        )
    except ValueError as e:
        raise Unreadable("recipient_malformed") from e


# The key file: a passphrase opens 32 bytes, and those open the vault. A change of passphrase seals 32 bytes again.


class KeyFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What stands beside a vault: how slow the passphrase is made, and the vault key behind it."""

    v: int
    salt: bytes
    passes: int
    memory: int
    sealed: bytes


@dataclass(frozen=True, slots=True)
class Slowness:
    """How slow a guess is made: Argon2id passes and bytes of memory."""

    passes: int = 3
    memory: int = 256 * 1024 * 1024


FLOOR = Slowness(3, 64 * 1024 * 1024)
_CEILING = 2 * 1024 * 1024 * 1024


def _slow_key(passphrase: str, salt: bytes, passes: int, memory: int) -> bytes:
    return pwhash.argon2id.kdf(32, passphrase.encode(), salt, opslimit=passes, memlimit=memory)


def seal_vault_key(vault_key: bytes, passphrase: str, slowness: Slowness) -> bytes:
    """The bytes of a key file."""
    salt = random(pwhash.argon2id.SALTBYTES)
    slow = _slow_key(passphrase, salt, slowness.passes, slowness.memory)
    return msgspec.json.encode(KeyFile(1, salt, slowness.passes, slowness.memory, encrypt(slow, vault_key, LABEL_UNLOCK)))


def open_vault_key(data: bytes, passphrase: str) -> list[bytes]:
    """The vault key, and while a vault is given another one the earlier key too; Locked("passphrase_wrong") whatever is wrong with the passphrase, Unreadable if the file is no key file."""
    file = _key_file(data)
    try:
        held = decrypt(_slow_key(passphrase, file.salt, file.passes, file.memory), file.sealed, LABEL_UNLOCK)
        return [held[i : i + 32] for i in range(0, len(held), 32)]
    except Unreadable as e:
        raise Locked("passphrase_wrong") from e


def slowness_of(data: bytes) -> Slowness:
    """How slow a key file makes a guess."""
    file = _key_file(data)
    return Slowness(file.passes, file.memory)


def _key_file(data: bytes) -> KeyFile:
    try:
        file = msgspec.json.decode(data, type=KeyFile)
    except (msgspec.MsgspecError, ValueError) as e:
        raise Unreadable("key_file_malformed") from e
    if file.v != 1:
        raise Unreadable("key_file_future_version")
    if not (1 <= file.passes <= 16 and FLOOR.memory // 64 <= file.memory <= _CEILING and len(file.salt) == 16):
        raise Unreadable("key_file_malformed")
    return file


def write_private(path: Path, data: bytes) -> None:
    """Write a file that only its owner may read, whole or not at all."""
    import os

    part = path.with_suffix(".part")
    fd = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(fd, "wb") as f:
        f.write(data)
        f.flush()
        os.fsync(f.fileno())
    part.replace(path)


def fingerprint(data: bytes, n: int = 10) -> bytes:
    """The first bytes of SHA-256: what two people compare aloud."""
    return hashlib.sha256(data).digest()[:n]


def part_tag(name: str) -> bytes:
    """The tag of an area of a case, such as `health/<case>`: two who begin it far from each other mean the same one, and whoever may erase
    the case can name it without holding its key. Without the case's random id nothing can be told from it.
    """
    return hashlib.sha256(LABEL_PART_TAG + name.encode()).digest()[:TAG_BYTES]


def desk_tag(founder: bytes, standing: str) -> bytes:
    """The tag of a desk in the team with this founder: two of its members who begin it far from each other mean the same one."""
    return hashlib.sha256(LABEL_DESK_TAG + founder + standing.encode()).digest()[:TAG_BYTES]

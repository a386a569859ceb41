"""The certificate under which a laptop serves others nearby: made on the spot, signed by itself, compared by people. Kept in the vault."""

from __future__ import annotations

import datetime
import hashlib
import ssl
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_der_private_key,
)
from cryptography.x509.oid import NameOID

from panah.kernel import keys

if TYPE_CHECKING:
    from panah.kernel.session import Session

_SETTING = "certificate"
# Whoever connects sees the certificate: it says nothing of the team, the device or the day. Nobody looks at its dates, for it is pinned.
_NAME = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "local")])
_FROM, _TO = datetime.datetime(2020, 1, 1), datetime.datetime(2120, 1, 1)


def of(s: Session) -> bytes:
    """This vault's certificate, made when it is asked for first."""
    kept = s.setting(_SETTING)
    if kept is None:
        key = ec.generate_private_key(ec.SECP256R1())
        builder = x509.CertificateBuilder(_NAME, _NAME, key.public_key(), x509.random_serial_number(), _FROM, _TO)
        der = builder.sign(key, hashes.SHA256()).public_bytes(Encoding.DER)
        kept = {"certificate": der, "key": key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())}
        s.set_setting(_SETTING, kept)
    return bytes(kept["certificate"])


def fingerprint(der: bytes) -> bytes:
    """What the others pin."""
    return hashlib.sha256(der).digest()


def serving(s: Session) -> ssl.SSLContext:
    """What a server of this vault speaks TLS with.

    The library reads keys from files only. It gets a file in which the key is sealed under a random word that never leaves this function,
    and the file is gone when this returns.
    """
    der = of(s)
    kept = s.setting(_SETTING)
    key = load_der_private_key(kept["key"], None)
    word = keys.random(32).hex().encode()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "sealed"
        pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(word))
        keys.write_private(file, ssl.DER_cert_to_PEM_cert(der).encode() + pem)
        context.load_cert_chain(file, password=word)
    return context

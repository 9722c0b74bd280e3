"""The key of this installation, and what it has signed.

The key is made at the first start and lies in the home folder, where only its owner reads it. What
is signed is a JSON document; its signature is over one way of writing it (sorted names, no spaces,
UTF-8), so that it may be formatted anew without breaking. Whoever has the fingerprint of the key
from the organiser can check a file without any network.
"""

from __future__ import annotations

import base64
import hashlib
import json
from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from racecraft.domain.errors import NotGenuine, StorageFailed
from racecraft.service.files import is_written, storage, write_once

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    from racecraft.service.settings import Settings

KEY_FILE = "signing-key.pem"
_RAW_BYTES = 32
_GROUP = 4


class Signature(BaseModel):
    """Who signed a document, and the proof."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    algorithm: Literal["Ed25519"] = "Ed25519"
    public_key: str = Field(max_length=64, description="32 bytes, as base64")
    value: str = Field(max_length=128, description="64 bytes over the document, as base64")

    @property
    def fingerprint(self) -> str:
        """Of the key."""
        return fingerprint(self.public_key)


class PublicKey(BaseModel):
    """What everybody may know of an installation's key."""

    algorithm: Literal["Ed25519"] = "Ed25519"
    public_key: str
    """32 bytes, as base64."""
    fingerprint: str
    """To be compared by people: 32 hexadecimal digits."""


def ready_key(settings: Settings) -> Ed25519PrivateKey:
    """The key of this installation, made when there is none yet.

    Raises:
        StorageFailed: it cannot be written or read.
    """
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    path = settings.home / KEY_FILE
    if not is_written(path):
        made = Ed25519PrivateKey.generate().private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        write_once(path, made)
    with storage(path):
        kept = path.read_bytes()
    try:
        key = serialization.load_pem_private_key(kept, password=None)
    except ValueError as error:
        raise StorageFailed(
            f"{path} is damaged; put it back from a backup. Without it results get a new key."
        ) from error
    if not isinstance(key, Ed25519PrivateKey):
        raise StorageFailed(f"{path} is no Ed25519 key; move it away, and a new one is made.")
    return key


def public_key(settings: Settings) -> PublicKey:
    """The half of the key that everybody may know.

    Raises:
        StorageFailed: the key cannot be written or read.
    """
    plain = base64.b64encode(ready_key(settings).public_key().public_bytes_raw()).decode()
    return PublicKey(public_key=plain, fingerprint=fingerprint(plain))


def sign(settings: Settings, document: dict[str, Any]) -> Signature:
    """Sign a JSON document with the key of this installation.

    Raises:
        StorageFailed: the key cannot be written or read.
    """
    value = ready_key(settings).sign(_canonical(document))
    return Signature(
        public_key=public_key(settings).public_key, value=base64.b64encode(value).decode()
    )


def refuse_forgery(document: Any, signature: Signature) -> None:
    """Stop here unless a document is exactly what was signed.

    Raises:
        NotGenuine: it is not.
    """
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        raw = base64.b64decode(signature.public_key, validate=True)
        key = Ed25519PublicKey.from_public_bytes(raw)
        key.verify(base64.b64decode(signature.value, validate=True), _canonical(document))
    except (InvalidSignature, ValueError) as error:
        raise NotGenuine(
            "The signature does not fit the document: something in it was changed after it was "
            "signed. Ask the organiser for the file anew."
        ) from error


def fingerprint(plain: str) -> str:
    """The fingerprint of a public key: 32 digits in groups of four."""
    digits = hashlib.sha256(plain.encode()).hexdigest()[:_RAW_BYTES]
    return " ".join(digits[k : k + _GROUP] for k in range(0, len(digits), _GROUP))


def is_key(signature: Signature, word: str) -> bool:
    """Whether a word is the public key of a signature, or its fingerprint however it is spaced."""
    bare = "".join(word.split()).replace("-", "").lower()
    return word.strip() == signature.public_key or bare == signature.fingerprint.replace(" ", "")


def _canonical(document: Any) -> bytes:
    """The one way of writing a document that is signed."""
    text = json.dumps(
        document, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )
    return text.encode()

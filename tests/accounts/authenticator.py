"""An authenticator in software: makes passkeys and signs with them, honestly or not."""

import base64
import hashlib
import json
import secrets
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


def b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


@dataclass
class Authenticator:
    """One key pair for one account, as a phone or a security key keeps it."""

    origin: str = "https://fairs.test"
    rp_id: str = "fairs.test"
    flags: int = PRESENT | VERIFIED
    count: int = 0
    handle: str | None = None
    cross_origin: bool = False
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    credential: bytes = field(default_factory=lambda: secrets.token_bytes(32))

    def _client(self, kind: str, options: dict[str, Any]) -> bytes:
        told = {
            "type": kind,
            "challenge": options["challenge"],
            "origin": self.origin,
            "crossOrigin": self.cross_origin,
        }
        return json.dumps(told).encode()

    def _data(self, flags: int) -> bytes:
        return hashlib.sha256(self.rp_id.encode()).digest() + bytes([flags]) + self.count.to_bytes(4)

    def _answer(self, client: bytes, **more: Any) -> dict[str, Any]:
        response = {"clientDataJSON": b64(client), **more}
        name = b64(self.credential)
        return {"id": name, "rawId": name, "type": "public-key", "response": response}

    def make(self, options: dict[str, Any], *, attestation: bytes | None = None) -> str:
        """As `navigator.credentials.create`."""
        self.handle = options["user"]["id"]
        point = self.key.public_key().public_numbers()
        public = cbor2.dumps({1: 2, 3: -7, -1: 1, -2: point.x.to_bytes(32), -3: point.y.to_bytes(32)})
        attested = bytes(16) + len(self.credential).to_bytes(2) + self.credential + public
        data = self._data(self.flags | ATTESTED) + attested
        made = attestation or cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        answer = self._answer(self._client("webauthn.create", options), attestationObject=b64(made), transports=["usb"])
        return json.dumps(answer)

    def show(self, options: dict[str, Any]) -> str:
        """As `navigator.credentials.get`."""
        client, data = self._client("webauthn.get", options), self._data(self.flags)
        signature = self.key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        owner = {"userHandle": self.handle} if self.handle else {}
        return json.dumps(self._answer(client, authenticatorData=b64(data), signature=b64(signature), **owner))

"""What a login puts into a shared store is sealed: only its credential can read and make it.

So whoever else reaches the store learns nothing of it, and what somebody else put there is seen to
be none of ours. https://cryptography.io/en/latest/hazmat/primitives/aead/
"""

import secrets
from hashlib import blake2b

_NONCE = 12


class Seal:
    """The seal of one login, made from its credential."""

    def __init__(self, credential: bytes) -> None:
        # only who shares a store pays for this import, which takes 7 MB
        from cryptography.exceptions import InvalidTag
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        self._refusals = InvalidTag, ValueError
        self._cipher = AESGCM(blake2b(credential, digest_size=32, person=b"tidings-store").digest())

    def close(self, value: bytes, name: str) -> bytes:
        """The value, sealed under the name that it is kept by."""
        nonce = secrets.token_bytes(_NONCE)
        return nonce + self._cipher.encrypt(nonce, value, name.encode())

    def open(self, sealed: bytes, name: str) -> bytes:
        """The value; ValueError for what was not sealed so, under that name."""
        try:
            return self._cipher.decrypt(sealed[:_NONCE], sealed[_NONCE:], name.encode())
        except self._refusals:
            raise ValueError("not sealed by this login") from None

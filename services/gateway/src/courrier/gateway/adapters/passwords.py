"""Password hashes by argon2id (RFC 9106), two at a time, in threads."""

import asyncio

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

CONCURRENT = 2
"""Each hash takes 64 MiB and a core for some 100 ms: log-ins may not starve the rest."""
MEMORY_KIB = 65_536


class Argon2Passwords:
    """``Passwords`` with the library's parameters (RFC 9106, low-memory recommendation).

    A hash says with how much memory it was made: another ``memory_kib`` leaves the old ones good.
    """

    def __init__(self, memory_kib: int = MEMORY_KIB) -> None:
        self._hasher = PasswordHasher(memory_cost=memory_kib)
        self._slots = asyncio.Semaphore(CONCURRENT)
        self._nobody: bytes | None = None

    async def hash(self, password: str) -> bytes:
        """Return the encoded hash."""
        async with self._slots:
            return (await asyncio.to_thread(self._hasher.hash, password)).encode()

    async def fits(self, encoded: bytes | None, password: str) -> bool:
        """Tell whether it is the password (see ``Passwords.fits``)."""
        if encoded is None and self._nobody is None:
            self._nobody = await self.hash("nobody has this password")
        known = encoded or self._nobody or b""
        async with self._slots:
            fits = await asyncio.to_thread(self._verify, known, password)
        return fits and encoded is not None

    def _verify(self, encoded: bytes, password: str) -> bool:
        try:
            return self._hasher.verify(encoded, password)
        except (VerificationError, InvalidHashError):
            return False

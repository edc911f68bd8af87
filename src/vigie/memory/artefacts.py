"""Bytes worth keeping (files as they were, long outputs), named by their content, encrypted on the disk."""

import asyncio
import hashlib
from pathlib import Path

from vigie.domain.errors import Permanent
from vigie.memory import keys
from vigie.memory.home import make_folder, write_atomically


class Artefacts:
    """One tenant's folder of sealed files."""

    def __init__(self, folder: Path, key: bytes, tenant: str) -> None:
        self._folder = folder / tenant
        self._key = key
        self._tenant = tenant

    async def put(self, content: bytes) -> str:
        """Keep some bytes and return their id, the SHA-256 of the content; the same bytes are kept once.

        Raises:
            Permanent: the disk does not take them.
        """
        return await asyncio.to_thread(self._put, content)

    async def get(self, artefact_id: str) -> bytes:
        """Return the bytes, proved to be those that were put.

        Raises:
            Permanent: there are none of this id, or they were altered.
        """
        return await asyncio.to_thread(self._get, artefact_id)

    def _put(self, content: bytes) -> str:
        artefact_id = hashlib.sha256(content).hexdigest()
        path = self._path(artefact_id)
        if self._intact(artefact_id):
            return artefact_id
        for folder in (self._folder, path.parent):
            make_folder(folder)
        write_atomically(path, keys.seal(self._key, content, self._name(artefact_id)))
        return artefact_id

    def _get(self, artefact_id: str) -> bytes:
        path = self._path(artefact_id)
        try:
            sealed = path.read_bytes()
        except FileNotFoundError:
            raise Permanent("artefact.missing", artefact=artefact_id, path=path) from None
        except OSError as error:
            raise Permanent("artefact.corrupt", artefact=artefact_id, path=path) from error
        content = keys.opened(self._key, sealed, self._name(artefact_id))
        if content is None or hashlib.sha256(content).hexdigest() != artefact_id:
            raise Permanent("artefact.corrupt", artefact=artefact_id, path=path)
        return content

    def _intact(self, artefact_id: str) -> bool:
        try:
            self._get(artefact_id)
        except Permanent:
            return False
        return True

    def _path(self, artefact_id: str) -> Path:
        if len(artefact_id) != 64 or not set(artefact_id) <= set("0123456789abcdef"):
            raise Permanent("artefact.missing", artefact=artefact_id, path=self._folder)
        return self._folder / artefact_id[:2] / artefact_id

    def _name(self, artefact_id: str) -> str:
        return f"artefact/{self._tenant}/{artefact_id}"

"""The real PostgreSQL of the memory's tests, for the engine too."""

from tests.integration.memory.conftest import postgres_server

__all__ = ["postgres_server"]

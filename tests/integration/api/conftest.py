"""A real server on a free port, for every test of this folder."""

from tests.integration.api.running_server import server

__all__ = ["server"]

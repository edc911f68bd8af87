"""Fixtures of this folder."""

from tests.integration.tools.sshd_server import hands, sshd, start_sshd

__all__ = ["hands", "sshd", "start_sshd"]

"""`vigie host enforce`, against a real sshd: one command puts the check on the host, one takes it away."""

from pathlib import Path

import pytest
from tests.integration.cli.command_line import CommandLine
from tests.integration.tools.sshd_server import StartSshd, sshd, start_sshd

__all__ = ["sshd", "start_sshd"]


@pytest.mark.timeout(300)
def test_one_command_sets_it_up_and_one_takes_it_away(vigie: CommandLine, start_sshd: StartSshd, tmp_path: Path) -> None:
    (tmp_path / "account").mkdir()
    server = start_sshd(extra=f"SetEnv HOME={tmp_path}/account")
    key, file = str(server.folder / "client"), server.folder / "authorized_keys"
    words = ("host", "add", "web", server.address, "--key", key, "--host-key", str(server.folder / "host_ed25519.pub"))
    assert vigie(*words).code == 0
    former = file.read_bytes()
    assert vigie("host", "enforce", "web", "--file", str(file), "--json").json["host"]["enforced"]
    assert file.read_bytes().count(b"restrict,command=") == 2
    # Described anew, it stays known as what it is.
    assert vigie(*words, "--json").json["host"]["enforced"]
    assert vigie("host", "rm", "web", "--json").error["code"] == "enforce.still_there"
    assert vigie("host", "observe", "web", "--json").json["host"]["autonomy"] == "observe"
    series = vigie("host", "trends", "web", "--json").json["series"]
    assert {"disk.used_ratio", "memory.used_ratio", "process.open_files_ratio"} <= {each["name"] for each in series}
    assert vigie("fleet", "run", "--on", "web", "--json", "--", "mkdir", str(tmp_path / "made")).json["counts"]["refused"] == 1
    assert vigie("host", "enforce", "web", "--remove", "--json").json["host"]["enforced"] is False
    assert file.read_bytes() == former
    assert vigie("audit", "verify").code == 0

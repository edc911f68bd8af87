"""Many hosts from the command line: groups, the import, agreement by hash, a changed key; against real sshd."""

import json
from pathlib import Path

from tests.integration.cli.command_line import CommandLine
from tests.integration.tools.sshd_server import Sshd, StartSshd, sshd, start_sshd

__all__ = ["sshd", "start_sshd"]


def enrolled(vigie: CommandLine, server: Sshd, name: str, *words: str) -> None:
    key, host_key = str(server.folder / "client"), str(server.folder / "host_ed25519.pub")
    ended = vigie("host", "add", name, server.address, "--key", key, "--host-key", host_key, *words, "--json")
    assert ended.code == 0, ended


def test_a_group_answers_together_and_a_dead_host_stands_apart(vigie: CommandLine, sshd: Sshd) -> None:
    enrolled(vigie, sshd, "web1", "--group", "web", "--tag", "prod")
    enrolled(vigie, sshd, "web2", "--group", "web")
    vigie("host", "add", "gone", "ssh://nobody@127.0.0.1:1", "--group", "web", "--offline")
    said = vigie("fleet", "run", "--on", "web", "--json", "--", "echo", "same").json
    assert {name: count for name, count in said["counts"].items() if count} == {"done": 2, "unreachable": 1}
    assert said["answers"][0]["hosts"] == ["web1", "web2"]
    assert said["answers"][1]["outlier"]
    assert vigie("fleet", "run", "--on", "tag:prod", "--json", "--", "hostname").json["targets"] == ["web1"]
    shown = vigie("host", "show", "web1", "--json").json["host"]
    assert (shown["groups"], shown["tags"]) == (["web"], ["prod"])
    assert shown["sudo"] in ("needless", "allowed", "password", "absent")


def test_a_change_names_every_target_and_runs_with_its_hash_only(vigie: CommandLine, sshd: Sshd, tmp_path: Path) -> None:
    enrolled(vigie, sshd, "web1", "--group", "web")
    enrolled(vigie, sshd, "web2", "--group", "web")
    words = ("fleet", "run", "--on", "web", "--", "touch", str(tmp_path / "made"))
    asked = vigie(*words)
    assert asked.code == 4
    assert "web1, web2" in asked.out
    assert not (tmp_path / "made").exists()
    agreed = vigie(*words[:4], "--json", *words[4:]).json["hash"]
    assert vigie(*words[:4], "--hash", agreed, *words[4:]).code == 0
    assert (tmp_path / "made").exists()
    assert vigie(*words[:4], "--hash", agreed, *words[4:]).code == 4
    assert vigie("fleet", "run", "--on", "web", "--json", "--", "rm", "-rf", "/").code == 3
    assert vigie("audit", "verify").code == 0


def test_a_changed_key_opens_a_case_and_a_person_accepts_the_new_one(
    vigie: CommandLine, sshd: Sshd, start_sshd: StartSshd
) -> None:
    other = start_sshd("other")
    enrolled(vigie, sshd, "web1")
    key = str(sshd.folder / "host_ed25519")
    Path(key).write_bytes((other.folder / "host_ed25519").read_bytes())
    sshd.restart()
    for _ in range(2):
        ended = vigie("host", "test", "web1", "--json")
        assert (ended.code, ended.json["error"]["code"]) == (1, "host.key_changed")
    cases = vigie("case", "ls", "--json").json["cases"]
    assert [case["host"] for case in cases] == ["web1"]
    assert vigie("host", "test", "web1", "--accept-host-key", "SHA256:AAAA", "--json").code == 1
    assert vigie("host", "test", "web1", "--accept-host-key", other.fingerprint, "--json").json["host"]["status"] == "ok"


def test_hosts_are_imported_after_a_look(vigie: CommandLine, sshd: Sshd, tmp_path: Path) -> None:
    (tmp_path / "known").write_text(f"[127.0.0.1]:{sshd.port} {sshd.public_key}\n")
    (tmp_path / "config").write_text(
        f"Host inner gate\n HostName 127.0.0.1\n Port {sshd.port}\n IdentityFile {sshd.folder}/client\n"
        f' UserKnownHostsFile {tmp_path}/known\nHost inner\n ProxyJump gate\nMatch exec "touch {tmp_path}/ran"\n User x\n'
    )
    shown = vigie("host", "import", str(tmp_path / "config"), "--json").json
    assert shown["added"] == []
    assert [host["host_keys"] for host in shown["hosts"]] == [[sshd.fingerprint]] * 2
    assert vigie("host", "import", str(tmp_path / "config"), "--yes", "--json").json["added"] == ["inner", "gate"]
    assert vigie("fleet", "run", "--on", "inner,gate", "--", "hostname").code == 0
    assert not (tmp_path / "ran").exists()
    again = json.loads(vigie("host", "import", str(tmp_path / "config"), "--json").out)
    assert {host["fate"] for host in again["hosts"]} == {"known"}

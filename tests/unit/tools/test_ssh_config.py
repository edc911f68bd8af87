"""What an OpenSSH configuration says of its hosts."""

import getpass
from pathlib import Path

import asyncssh
import pytest

from vigie.domain.errors import BadUsage
from vigie.domain.host import Host
from vigie.tools.ssh_config import hosts

ME = getpass.getuser()


def read(tmp_path: Path, text: str) -> dict[str, Host]:
    (tmp_path / "config").write_text(f"{text}\nHost *\n  UserKnownHostsFile {tmp_path}/known_hosts\n")
    return {host.name: host for host in hosts(tmp_path / "config")}


def test_the_first_word_counts_and_patterns_apply(tmp_path: Path) -> None:
    found = read(
        tmp_path, "Host web1 web2\n User one\n  HostName %h.example.org\nHost web*\n User=two\n Port 2222\nHost db !x *.y\n"
    )
    assert {name: host.address for name, host in found.items()} == {
        "web1": "ssh://one@web1.example.org:2222",
        "web2": "ssh://one@web2.example.org:2222",
        "db": f"ssh://{ME}@db:22",
    }


def test_ways_keys_and_agents_come_along(tmp_path: Path) -> None:
    (tmp_path / "id").write_text("key")
    found = read(
        tmp_path,
        f"""
Host gate
  HostName 192.0.2.1
Host inner
  ProxyJump gate,me@192.0.2.9:2022,third
  IdentityFile {tmp_path}/absent
  IdentityFile "{tmp_path}/id"
  IdentityAgent SSH_AUTH_SOCK
Host odd
  ProxyCommand nc -x "a b" %h %p # all of it
  ProxyJump none
""",
    )
    options = {"jump": "gate,me@192.0.2.9:2022,ssh://third", "key": f"{tmp_path}/id", "agent": "session"}
    assert found["inner"].options == options
    assert found["odd"].options == {}
    assert "jump" not in found["gate"].options


def test_a_condition_that_runs_a_program_never_does(tmp_path: Path) -> None:
    text = f'Host a\nMatch host a exec "touch {tmp_path}/ran"\n User evil\nMatch originalhost a\n User good\n'
    assert read(tmp_path, text)["a"].address == "ssh://good@a:22"
    assert not (tmp_path / "ran").exists()


def test_other_files_are_included_and_a_circle_ends(tmp_path: Path) -> None:
    (tmp_path / "more.conf").write_text("Host more\n Port 7\nInclude config\n")
    assert read(tmp_path, "Include *.conf")["more"].address == f"ssh://{ME}@more:7"


def test_the_keys_that_the_user_trusts_are_named_for_the_hosts_own_port(tmp_path: Path) -> None:
    key = " ".join(asyncssh.generate_private_key("ssh-ed25519").export_public_key().decode().split()[:2])
    (tmp_path / "known_hosts").write_text(f"[db.example.org]:2200 {key}\nother {key}\n")
    found = read(tmp_path, "Host db\n HostName db.example.org\n Port 2200\nHost dc\n HostName db.example.org\n")
    assert found["db"].options == {"host_key": f"[db.example.org]:2200 {key}"}
    assert found["dc"].options == {}


@pytest.mark.parametrize("text", ['Host "-oProxyCommand=x"', "Host a;b", "Host a\n HostName $(x)", "Host a\n Port 99999999"])
def test_what_can_be_no_address_is_left_out(tmp_path: Path, text: str) -> None:
    assert read(tmp_path, text) == {}


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(BadUsage):
        hosts(tmp_path / "none")

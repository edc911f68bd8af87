"""Addresses, keys and proxies are what was given, and nothing else."""

import pytest

from vigie.domain.errors import BadUsage
from vigie.domain.host import Host
from vigie.tools import ssh_options
from vigie.tools.ssh_options import Address

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBqhVG6qnhXZ6GkMu2oVV6WeEQTCnmnxWoOQTkj1Tu8y"


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("ssh://deploy@web:2222", Address("deploy", "web", 2222)),
        ("ssh://deploy@web.example.org", Address("deploy", "web.example.org", 22)),
        ("ssh://deploy@[::1]:2222", Address("deploy", "::1", 2222)),
        ("ssh://deploy@10.0.0.1/", Address("deploy", "10.0.0.1", 22)),
    ],
)
def test_an_address_is_read(text: str, address: Address) -> None:
    assert Address.of(text) == address
    assert Address.of(str(address)) == address


def test_without_a_user_it_is_us() -> None:
    assert Address.of("ssh://web").user


@pytest.mark.parametrize(
    "text",
    [
        "ssh://-oProxyCommand=x",
        "ssh://user@-x",
        "ssh://u@h/path",
        "ssh://u@h?x=1",
        "ssh://u:secret@h",
        "ssh://u@h:0x16",
        "ssh://$(x)@h",
        "ssh://u@h;x",
        "http://h",
        "h",
    ],
)
def test_what_could_mean_something_else_is_refused(text: str) -> None:
    with pytest.raises(BadUsage):
        Address.of(text)


def test_a_bare_key_is_bound_to_host_and_port() -> None:
    host = Host("web", "ssh://u@web:2222", options={"host_key": f"{KEY} comment"})
    assert ssh_options.normalised_host_key(host).startswith(f"[web]:2222 {KEY}")


@pytest.mark.parametrize("key", ["ssh-ed25519 nonsense", "hello", "web ssh-ed25519"])
def test_a_key_that_cannot_be_read_is_told(key: str) -> None:
    with pytest.raises(BadUsage) as caught:
        ssh_options.normalised_host_key(Host("web", "ssh://u@web", options={"host_key": key}))
    assert caught.value.key == "host.host_key"


def test_authorities_and_revocations_are_kept_as_they_are() -> None:
    lines = f"@cert-authority *.example.org {KEY}\n@revoked * {KEY}"
    host = Host("web", "ssh://u@web", options={"host_key": lines})
    assert ssh_options.normalised_host_key(host) == lines


def test_an_unnamed_jump_host_gets_only_keys_that_say_whose_they_are() -> None:
    host = Host("web", "ssh://u@web", options={"host_key": f"{KEY}\nbastion {KEY}", "key": "/k", "proxy_command": "x"})
    assert ssh_options.inherited(host, ["first"]) == {"key": "/k", "host_key": f"bastion {KEY}", "jump": "first"}


def test_a_proxys_slots_are_filled_word_by_word() -> None:
    argv = ssh_options.proxy_argv("nc -X connect '%h' %p '100%% %r'", Address("me", "web", 2222))
    assert argv[-6:] == ["nc", "-X", "connect", "web", "2222", "100% me"]


def test_a_proxys_open_quote_is_told() -> None:
    with pytest.raises(BadUsage):
        ssh_options.proxy_argv("nc 'x", Address("me", "web", 22))

"""What a setting is about, from its name: the word that a change of it is filed under."""

import re
from collections.abc import Iterator

from vigie.domain.fact import Fact
from vigie.reasoning.derived import made
from vigie.reasoning.facts import Facts
from vigie.reasoning.house import House, text_of
from vigie.reasoning.times import Times

_CONFIG, _VALUE = "config", "value"
# First match wins; each is what programs of several makers call the same thing.
_ABOUT: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (word, re.compile(expression, re.IGNORECASE))
    for word, expression in (
        ("body_limit", r"max_?body|body_size|limitrequestbody|post_max_size|upload_max|max_?upload|max_?request_?size"),
        ("rate_limit", r"limit_req|limit_conn|rate_?limit|throttle|ratelimit"),
        ("worker_connections", r"worker_connections|maxrequestworkers|maxclients|max_?conn(ection)?s?$|maxconn"),
        ("workers", r"worker_processes|(^|_)workers$|(^|_)threads$|processes$|serverlimit"),
        ("timeout", r"time_?out|deadline|keepalive"),
        ("document_root", r"^(root|documentroot|alias)$"),
        ("certificate", r"ssl_certificate|tls_?cert|certfile|certificatefile"),
        ("memory_limit", r"maxmemory$|memory_limit|max_?heap|shared_buffers"),
        ("pool_size", r"pool_?size|max_?pool|min_?pool"),
        ("listen", r"^(listen|bind|listen_address(es)?)$"),
        ("log_level", r"log_?level|^debug$|verbos"),
    )
)


def settings(facts: Facts, house: House, _times: Times) -> Iterator[Fact]:
    """Yield `setting.means` for each changed setting: `{thing, failure}`, by the program that reads it where one is known."""
    readers = {use.subject: text_of(use, "service") for use in reversed(house.used)}
    for fact in facts.named("change.setting"):
        thing, failure = filed_under(text_of(fact, "key"), readers.get(fact.subject, ""), house)
        yield made("setting.means", fact.subject, {"key": text_of(fact, "key"), "thing": thing, "failure": failure}, (fact,))


def filed_under(key: str, service: str, house: House) -> tuple[str, str]:
    """Return the thing and the failure that a wrong setting of a service is filed under."""
    last = key.partition("#")[0].rpartition(".")[2]
    about = next((word for word, expression in _ABOUT if expression.search(last)), None)
    return (server_of(service, house) or _CONFIG, about) if about else (_CONFIG, _VALUE)


def server_of(service: str, house: House) -> str:
    """Return which web server a service is; empty for all others."""
    roles = (fact for fact in house.derived.get("service.role", ()) if fact.subject == f"service:{service}")
    return next((text_of(fact, "server") for fact in roles if text_of(fact, "role") == "web"), "")

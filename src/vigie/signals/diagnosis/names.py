"""Who is meant by a name, a host, an address or a port in a message; and whether as a caller or as one called."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

_TOKEN = re.compile(r"(?<![\w.:])(?:[A-Za-z][\w\-]*(?:\.[\w\-]+)*|\d{1,3}(?:\.\d{1,3}){3})(?::\d{2,5}(?![\d:])(?!\.\d))?(?![\w])")
_PORT = re.compile(r":(\d{2,5})\Z")
_SUFFIX = re.compile(
    r"[-_ ]?(?:service|svc|server|app|backend|primary|replica|master|leader|main|prod|srv|node|host|deployment)\Z", re.IGNORECASE
)
_INSTANCE = re.compile(r"[-_.]?\d{1,3}\Z")
_POD = re.compile(r"-[0-9a-f]{6,10}-[a-z0-9]{5}\Z")
_CODE = re.compile(
    r"\.(?:py|java|go|js|mjs|ts|tsx|rb|php|c|cc|cpp|h|rs|kt|scala|cs|ex|exs|pl|lua|sh|log|conf|cfg|ini|ya?ml|json|xml"
    r"|sock|jar|so|html?|css|png|txt|sql|dat|tmp|pid|lock|gz|csv)(?::\d+)?\Z"
)
_INCOMING = re.compile(
    r"(?:\b(?:requests?|connections?|clients?|callers?|traffic|calls?|called|queries|query|sessions?|accepted|received"
    r"|consumers?|peer)"
    r"\s+(?:\S+\s+){0,2}?(?:from|by|of)|\b(?:clients?|callers?|consumer|subscriber|requested by|invoked by|on behalf of"
    r"|used by|serving))\s*[=:]?\s*[\"'\[(]?\Z"
    r"|\b(?:client|caller|user|from_service|source|src|origin|requester|application_name|user_agent)[\"']?\s*[=:]\s*[\"']?\Z",
    re.IGNORECASE,
)
_AIMED_BEFORE = re.compile(
    r"(?:\b(?:to|from|call(?:ing|s)?|upstreams?|services?|hosts?|backends?|dependency|dependencies|peer|connect\w*"
    r"|reach(?:ing)?|contact(?:ing)?|by|via|with|for"
    r"|on|at|against|target|downstream|server|instance|node|broker|queue|database|cache|quer(?:y|ied|ying)|invok(?:e|ed"
    r"|ing)|waiting|request(?:ing)?|resolv(?:e|ing)"
    r"|lookup|dial(?:ing)?|post|get|put|fetch(?:ing)?|asks?|asking|ping|probe|tcp|member|leader|of)\s+[\"'`\[(<]?"
    r"|://(?:[^\s/@]*@)?|[=@][\"']?|[\"'`\[(])\Z",
    re.IGNORECASE,
)
_AIMED_AFTER = re.compile(
    r"[\"'`\])>]?(?:[:/]|\s+(?:service|server|backend|unavailable|is\b|has\b|was\b|timed|timeout|refused|down\b"
    r"|unreachable|did\b|does\b|not\b|return(?:ed|s)"
    r"|respon\w+|connection|unhealthy|at\b|replied|answer\w*|failed|failure|call|request|error|client|lost|gone"
    r"|rejected|took|slow|circuit|latency|marked|removed|after))",
    re.IGNORECASE,
)
_FAMILIES: dict[str, tuple[re.Pattern[str], re.Pattern[str], frozenset[str]]] = {
    name: (re.compile(named, re.IGNORECASE), re.compile(said, re.IGNORECASE), frozenset(ports.split()))
    for name, named, said, ports in (
        (
            "database",
            r"postgres|\bpg|mysql|maria|mongo|oracle|mssql|sql|\bdb\b|[-_]db\b|\bdb[-_\d]|database|cockroach|cassandra",
            r"\b(?:database|db|postgres(?:ql)?|mysql|mariadb|mongodb?|sql|jdbc|psycopg2?|sqlstate|hikari\w*)\b",
            "5432 3306 27017 1521 1433 9042 26257",
        ),
        ("cache", r"redis|memcache|cache|valkey", r"\b(?:cache|redis|memcached|valkey)\b", "6379 11211"),
        (
            "queue",
            r"rabbit|kafka|nats|[-_]?mq\b|queue|broker|amqp|pulsar|activemq",
            r"\b(?:broker|message queue|rabbitmq|kafka|amqp|queue|mq)\b",
            "5672 9092 4222 61616 6650",
        ),
        ("search", r"elastic|opensearch|solr", r"\b(?:elasticsearch|opensearch|solr)\b", "9200 9300 8983"),
        (
            "names",
            r"dns|bind|coredns|unbound|resolver",
            r"\b(?:dns|name resolution|resolver|nameserver|could not resolve|no such host|ENOTFOUND|servfail|nxdomain"
            r"|unknown host|name or service not known)\b",
            "53",
        ),
        ("directory", r"ldap|openldap|slapd|kerberos|keycloak", r"\b(?:ldap|kerberos|directory server)\b", "389 636 88"),
        (
            "storage",
            r"s3|minio|nfs|storage|ceph|gluster|object",
            r"\b(?:s3|minio|nfs|ceph|object store|bucket|storage)\b",
            "9000 2049",
        ),
        ("coordination", r"zookeeper|etcd|consul", r"\b(?:zookeeper|etcd|consul)\b", "2181 2379 8500"),
    )
}
_UNRESOLVED = _FAMILIES["names"][1]
_UNHEARD = re.compile(
    r"time[d]?[- ]?out|refused|unreachable|\breset\b|resolve|no (?:answer|response|route)|unavailable|handshake"
    r"|cannot (?:connect|reach)",
    re.IGNORECASE,
)
_IN_CODE = re.compile(r"\b(?:at|line|in|file)\s\Z|\(\Z")
_HERE = frozenset(("localhost", "127.0.0.1", "0.0.0.0", "::1"))  # noqa: S104  # names to leave out, nothing is bound
_CONNECTING = re.compile(
    r"\b(?:connect(?:ing|ion|ed)?|dial tcp|lookup|resolve|reach(?:ing)?|contact(?:ing)?|calling|call|request|timeout"
    r"|response|upstream|host|reply|answer|heartbeat)"
    r"(?:\s+(?:to|from|for|with|at|calling|waiting|of|host|server|upstream))*[\s=:\"'(]+\Z",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Mention:
    """A name in a message: whom it means, whether as the caller, and how surely (0..1)."""

    name: str
    incoming: bool
    sure: float


class Names:
    """The services that are known, by every way of naming them."""

    def __init__(self, services: Iterable[str]) -> None:
        self._services = list(dict.fromkeys(services))
        self._exact = {service.lower(): service for service in self._services}
        self._loose: dict[str, str] = {}
        for service in self._services:
            for alias in _aliases(service.lower()):
                known = self._loose.get(alias)
                self._loose[alias] = service if known in (None, service) else ""
        self._ports: dict[str, str] = {}

    def listens(self, port: str, service: str) -> None:
        """Learn that a service listens on a port."""
        known = self._ports.get(port)
        self._ports[port] = service if known in (None, service) else ""

    def mentions(self, message: str, speaker: str) -> Iterator[Mention]:
        """Yield whom a message of `speaker` names, and whom of no log of ours it tries to reach."""
        resolver = self._only(_FAMILIES["names"][0]) if _UNRESOLVED.search(message) else None
        if resolver is not None and resolver != speaker:  # the one that could not be found is not to blame
            yield Mention(resolver, False, 1.0)
            return
        direct = False
        for found in _TOKEN.finditer(message):
            token = found[0]
            service = self._resolved(token)
            if service == speaker:
                continue
            before = message[max(0, found.start() - 48) : found.start()]
            if service is None:
                stranger = _stranger(token, before, message)
                if stranger:
                    direct = True
                    yield Mention(stranger, False, 0.8)
                continue
            incoming = _INCOMING.search(before) is not None
            if (
                not incoming
                and not _is_telling(service, token)
                and not (_AIMED_BEFORE.search(before) or _AIMED_AFTER.match(message, found.end()))
            ):
                continue
            direct = direct or not incoming
            yield Mention(service, incoming, 1.0)
        if not direct:
            yield from self._of_family(message, speaker)

    def _resolved(self, token: str) -> str | None:
        lowered = token.lower()
        if lowered in self._exact:
            return self._exact[lowered]
        port = _PORT.search(lowered)
        host = lowered[: port.start()] if port else lowered
        if port and (owner := self._ports.get(port[1])):
            return owner
        if host in _HERE:
            return self._by_port(port[1]) if port else None
        for name in (host, host.partition(".")[0]):
            if name in self._exact:
                return self._exact[name]
            for alias in _aliases(name):
                if self._loose.get(alias):
                    return self._loose[alias]
        return self._by_port(port[1]) if port and not _CODE.search(token) else None

    def _by_port(self, port: str) -> str | None:
        for named, _, ports in _FAMILIES.values():
            if port in ports:
                return self._only(named)
        return None

    def _only(self, named: re.Pattern[str]) -> str | None:
        found = [service for service in self._services if named.search(service)]
        return found[0] if len(found) == 1 else None

    def _of_family(self, message: str, speaker: str) -> Iterator[Mention]:
        for named, said, _ in _FAMILIES.values():
            if not named.search(speaker) and said.search(message):
                service = self._only(named)
                if service is not None and service != speaker:
                    yield Mention(service, False, 0.4)


def _aliases(name: str) -> list[str]:
    name = _POD.sub("", name)
    bare = _SUFFIX.sub("", name)
    without = _INSTANCE.sub("", bare)
    found = [alias for alias in dict.fromkeys((name, bare)) if len(alias) > 1]
    # An instance's number is part of the name, unless only one way to read it is left.
    return [*found, without] if len(without) > 2 and without != bare and _SUFFIX.search(name) else found


def _is_telling(service: str, token: str) -> bool:
    """Say whether a name is no ordinary word."""
    return any(mark in token for mark in "-_.:0123456789") or (
        not service.islower() and token == service and service[1:].lower() != service[1:]
    )


def _stranger(token: str, before: str, message: str) -> str | None:
    """Return the name of a host that has no log here, when a message plainly speaks of reaching it."""
    port = _PORT.search(token)
    host = token[: port.start()] if port else token
    if host.lower() in _HERE or _CODE.search(token) or len(host) < 3:
        return None
    # A plain word before a number is a value by its name, unless somebody is said to go there.
    is_aimed = _CONNECTING.search(before) is not None or before.endswith("://")
    is_host = is_aimed or any(mark in host for mark in ".-_0123456789") or _UNHEARD.search(message) is not None
    if port and is_host and not _IN_CODE.search(before):
        return host
    if "." in host and before.endswith("://") and _UNHEARD.search(message):
        return host
    if ("." in host or "-" in host) and is_aimed and not re.fullmatch(r"[\d.]+", host):
        return host
    return host if re.fullmatch(r"\d{1,3}(?:\.\d{1,3}){3}", host) and is_aimed else None

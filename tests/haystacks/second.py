"""Haystacks written after the method was made, with another generator: what they found wrong was mended afterwards."""

from collections.abc import Callable, Sequence
from functools import partial

from tests.haystacks.company import Company, Fault, Style, compose, cri, filed, gelf, klog, pino, python, rfc5424, sleuth
from tests.haystacks.world import Haystack


def _told(
    name: str,
    seed: int,
    fault: Fault,
    style: Style,
    *,
    apart: bool = False,
    requests: int = 4000,
    noise: Callable[[Company], None] | None = None,
    hidden: frozenset[str] = frozenset(),
    replicas: int = 1,
    tolerance_s: float = 120.0,
) -> Haystack:
    company = Company(seed, (fault,), requests=requests, replicas=replicas, hidden=hidden)
    company.run()
    if noise:
        noise(company)
    return filed(name, company, style, apart=apart, origin=fault.service, since=fault.begin, tolerance_s=tolerance_s)


def _declined(company: Company) -> None:
    """Write everyday errors that mean nothing."""
    for _ in range(120):
        company.write(
            company.at(company.dice.random()),
            next(iter(company.calls)),
            "WARN",
            f"visitor {company.dice.randrange(9999)} gave a wrong code",
        )
    for _ in range(30):
        company.write(
            company.at(company.dice.random()),
            list(company.calls)[1],
            "ERROR",
            f"document {company.dice.randrange(9999)} has no owner",
        )


def _nightly(company: Company) -> None:
    """Write a job that complains at regular intervals."""
    worker = list(company.calls)[-2]
    for turn in range(8):
        for each in range(15):
            company.write(
                company.at(0.06 + 0.125 * turn) + each,
                worker,
                "ERROR",
                f"compaction of segment {each} postponed, too many open readers",
            )


def _shouting(company: Company) -> None:
    """Write one loud complaint from the first second to the last."""
    for each in range(3000):
        company.write(
            company.at(each / 3000), list(company.calls)[2], "ERROR", "license server did not answer, feature X stays off"
        )


DISK = ("write of page {n} failed: ENOSPC", "cannot append to journal: no space left on device")
LOCK = ("statement {n} cancelled: lock wait timeout exceeded", "deadlock found when trying to get lock")
CODE = ("unhandled exception in handler: KeyError 'region'",)
SECOND: tuple[Callable[[], Haystack], ...] = tuple(
    partial(_told, name, seed, fault, style, **more)
    for name, seed, fault, style, more in (
        (
            "clinic_disk",
            0,
            Fault("pgmain", 0.7, words=DISK, complaint="query {n} failed on {to}: server closed the connection"),
            pino,
            {"noise": _declined},
        ),
        ("clinic_code", 4, Fault("imaging", 0.35, words=CODE, complaint="{to} answered 500"), sleuth, {"apart": True}),
        (
            "clinic_short",
            8,
            Fault(
                "scheduler", 0.5, 0.55, words=("worker pool exhausted, rejecting task {n}",), complaint="{to} unavailable (503)"
            ),
            python,
            {"noise": _nightly},
        ),
        (
            "clinic_gone",
            0,
            Fault("blobstore", 0.6, words=("x",), complaint="PUT http://{to}:9000/o/{n}: connection refused"),
            cri,
            {"apart": True, "hidden": frozenset({"blobstore"})},
        ),
        (
            "clinic_loud",
            4,
            Fault(
                "records", 0.8, words=("assertion failed: patient {n} has two births",), complaint="upstream {to} returned 500"
            ),
            rfc5424,
            {"noise": _shouting},
        ),
        ("game_lock", 1, Fault("mongo-a", 0.4, words=LOCK, complaint="command on {to} timed out after 5000ms"), gelf, {}),
        (
            "game_kafka",
            5,
            Fault(
                "kafka-1",
                0.55,
                words=("log segment {n} corrupted, broker shuts partition",),
                complaint="producer: {to} not available",
                first="checksum mismatch in /data/00042.log, partition offline",
            ),
            python,
            {},
        ),
        (
            "game_few",
            9,
            Fault(
                "matchmaker",
                0.75,
                share=0.12,
                words=("panic: runtime error: index out of range [{n}]",),
                complaint="rpc to {to} failed: unexpected EOF",
            ),
            compose,
            {"noise": _declined},
        ),
        (
            "game_one",
            1,
            Fault("ratings", 0.3, words=("too many open files",), complaint="{to} gave up on {n}", instance="ratings-2"),
            pino,
            {"replicas": 3, "requests": 6000},
        ),
        (
            "game_short",
            5,
            Fault("profile", 0.62, 0.66, words=("certificate has expired",), complaint="tls handshake with {to} failed"),
            sleuth,
            {"apart": True, "noise": _declined},
        ),
        (
            "freight_code",
            2,
            Fault(
                "Tariffs", 0.5, words=("TypeError: cannot read currency of null",), complaint="{to} responded with 500 for {n}"
            ),
            python,
            {"noise": _nightly},
        ),
        (
            "freight_store",
            6,
            Fault(
                "EventStore",
                0.66,
                words=("append rejected: disk is full",),
                complaint="could not append event {n}: EventStore unreachable",
            ),
            klog,
            {"apart": True},
        ),
        (
            "freight_geo",
            10,
            Fault("Geo", 0.45, words=("tile {n} missing: index corrupted",), complaint="no answer from {to} within 800 ms"),
            rfc5424,
            {"noise": _shouting},
        ),
        (
            "freight_big",
            2,
            Fault("Quotes", 0.9, words=("out of memory while pricing {n}",), complaint="{to}: connection reset by peer"),
            gelf,
            {"requests": 20_000},
        ),
        (
            "meters_tsdb",
            3,
            Fault("tsdb", 0.5, words=("shard {n} is read-only file system",), complaint="write to {to} refused"),
            compose,
            {"noise": _nightly},
        ),
        (
            "meters_registry",
            7,
            Fault("registry", 0.7, words=("leader lost, election timeout",), complaint="{to} has no leader: deadline exceeded"),
            pino,
            {"noise": _declined},
        ),
        (
            "meters_valid",
            11,
            Fault(
                "validator",
                0.25,
                words=("schema {n} unknown: failed to load configuration",),
                complaint="422 from {to} for batch {n}, giving up",
            ),
            sleuth,
            {"apart": True},
        ),
        (
            "meters_gone",
            3,
            Fault("tsdb", 0.6, words=("x",), complaint="{to}:8086 i/o timeout", mute=True),
            rfc5424,
            {"hidden": frozenset({"tsdb"})},
        ),
    )
)


def _well(name: str, seed: int, style: Style, noises: Sequence[Callable[[Company], None]], *, apart: bool) -> Haystack:
    company = Company(seed)
    company.run()
    for noise in noises:
        noise(company)
    return filed(name, company, style, apart=apart, origin=None)


def _changed() -> Haystack:
    company = Company(
        6, (Fault("Tracking", 0.58, words=("parcel {n} rejected: unknown option strict_mode",), complaint="{to} returned 500"),)
    )
    company.run()
    company.write(
        company.at(0.58) - 3, "Tracking", "INFO", "configuration reloaded: strict_mode changed from false to true", needle=True
    )
    return filed("freight_changed", company, sleuth, apart=True, origin="Tracking", since=0.58)


def _mute() -> Haystack:
    company = Company(1, (Fault("matchmaker", 0.6, words=("x",), complaint="no response from {to} after 30s", mute=True),))
    company.run()
    return filed("game_mute", company, gelf, apart=False, origin="matchmaker", since=0.6)


SECOND = (
    *SECOND,
    _changed,
    _mute,
    partial(_well, "clinic_well", 0, pino, (_declined,), apart=False),
    partial(_well, "game_well", 1, sleuth, (_declined, _nightly), apart=True),
    partial(_well, "freight_well", 2, rfc5424, (_shouting,), apart=False),
    partial(_well, "meters_well", 3, compose, (_declined, _nightly), apart=False),
)

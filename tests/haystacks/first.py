"""The haystacks that the method was made with."""

from collections.abc import Callable

from tests.haystacks import world as w
from tests.haystacks.world import Haystack, World

SHOP = {
    "gateway": ("orders", "catalog"),
    "orders": ("payments", "stock", "postgres"),
    "catalog": ("postgres", "redis"),
    "payments": ("postgres",),
    "stock": ("postgres",),
    "postgres": (),
    "redis": (),
}
SHOP_TALK = {
    "gateway": ("GET /api/items/{n} 200 {ms}ms", "POST /api/orders 201 {ms}ms", "client {ip} connected"),
    "orders": ("order {n} accepted for {user}", "order {n} shipped", "basket {n} updated"),
    "catalog": ("item {n} read from cache", "search by {user} gave {n} rows"),
    "payments": ("payment {n} captured", "card token {hex} stored"),
    "stock": ("item {n} reserved", "level of item {n} is {ms}"),
    "postgres": (
        "checkpoint complete: wrote {n} buffers",
        "connection authorized: user=app database=shop",
        "automatic vacuum of table t{ms}",
    ),
    "redis": ("DB saved on disk", "{n} changes in 300 seconds. Saving..."),
}
BANK = {
    "web-portal": ("accounts-api", "session-store"),
    "accounts-api": ("ledger-db", "fraud-check"),
    "fraud-check": ("model-server",),
    "model-server": (),
    "ledger-db": (),
    "session-store": (),
    "mailer": ("smtp-relay",),
    "smtp-relay": (),
}
BANK_TALK = {
    "web-portal": ("login of {user} ok", "page /accounts rendered in {ms} ms"),
    "accounts-api": ("statement {n} built", "transfer {n} booked"),
    "fraud-check": ("transfer {n} scored {ms}", "rule set {ms} evaluated"),
    "model-server": ("inference {hex} took {ms} ms",),
    "ledger-db": ("commit {n}", "wal segment {hex} archived"),
    "session-store": ("session {hex} created", "evicted {ms} keys"),
    "mailer": ("mail {n} sent", "queue has {ms} mails"),
    "smtp-relay": ("delivered {hex} to {ip}",),
}


def full_disk() -> Haystack:
    made = World("full_disk", SHOP, SHOP_TALK)
    made.ordinary(18_000)
    began = made.at(0.7)
    made.say(began, "postgres", "FATAL", 'could not extend file "base/16384/2619": No space left on device', needle=True)
    made.steadily(20, "postgres", "ERROR", "could not write to temporary file: No space left on device", began + 2, made.end_s)
    for service in ("orders", "payments", "stock"):
        made.steadily(
            3, service, "ERROR", "query failed: server closed the connection to postgres unexpectedly", began + 4, made.end_s
        )
    made.steadily(2, "gateway", "ERROR", "upstream orders answered 503", began + 8, made.end_s)
    return made.written(
        "full_disk",
        w.bracket,
        apart=False,
        origin="postgres",
        sufferers=("orders", "payments", "stock", "gateway"),
        since_s=began,
    )


def stranger() -> Haystack:
    made = World(
        "stranger", {name: tuple(n for n in needs if n != "redis") for name, needs in SHOP.items() if name != "redis"}, SHOP_TALK
    )
    made.ordinary(9000)
    began = made.at(0.55)
    made.steadily(1.5, "catalog", "ERROR", "dial tcp sessions-cache:6380: connect: connection refused", began, made.end_s)
    made.steadily(2, "gateway", "WARN", "catalog answered 502 after {ms} ms", began + 3, made.end_s)
    return made.written(
        "stranger", w.as_json, apart=False, origin="sessions-cache", sufferers=("catalog", "gateway"), since_s=began
    )


def leak() -> Haystack:
    made = World("leak", BANK, BANK_TALK, hours=6)
    made.ordinary(24_000)
    began, died = made.at(0.5), made.at(0.8)
    for step in range(12):
        made.say(began + step * (died - began) / 12, "model-server", "WARN", f"heap usage {70 + 2 * step}% after full gc")
    made.say(died, "model-server", "ERROR", "java.lang.OutOfMemoryError: Java heap space", needle=True)
    made.steadily(3, "fraud-check", "ERROR", "call to model-server failed: connection refused", died + 2, made.end_s)
    made.steadily(4, "accounts-api", "WARN", "timeout waiting for fraud-check after 2000 ms", died + 5, made.end_s)
    return made.written(
        "leak",
        w.colon,
        apart=False,
        origin="model-server",
        sufferers=("fraud-check", "accounts-api"),
        since_s=began + 60,
        tolerance_s=died - began,
    )


def periodic_noise() -> Haystack:
    made = World("periodic_noise", BANK, BANK_TALK, hours=6)
    made.ordinary(20_000)
    for hour in range(12):
        at_s = made.begin_s + 600 + hour * 1800
        for each in range(25):
            made.say(at_s + each, "mailer", "ERROR", "could not deliver bulk mail {n}: greylisted by smtp-relay")
    began = made.at(0.83)
    made.say(began, "session-store", "CRITICAL", "append only file corrupted at offset 88121, stopping writes", needle=True)
    made.steadily(4, "web-portal", "ERROR", "login failed: session-store returned READONLY", began + 1, made.end_s)
    return made.written("periodic_noise", w.pipes, apart=False, origin="session-store", sufferers=("web-portal",), since_s=began)


def periodic_only() -> Haystack:
    made = World("periodic_only", SHOP, SHOP_TALK, hours=5)
    made.ordinary(15_000)
    for turn in range(20):
        for each in range(8):
            made.say(
                made.begin_s + 300 + turn * 900 + each * 2, "stock", "WARN", "lock wait while syncing supplier {n}, retrying"
            )
    made.now_and_then(40, "payments", "WARN", "card {n} declined")
    return made.written("periodic_only", w.syslog, apart=False, origin=None)


def bad_instance() -> Haystack:
    made = World("bad_instance", SHOP, SHOP_TALK)
    pods = {"catalog": ("catalog-1", "catalog-2", "catalog-3", "catalog-4")}
    made.ordinary(15_000, instances=pods)
    began = made.at(0.6)
    made.steadily(2, "catalog", "ERROR", "cannot allocate memory for result of {n} rows", began, made.end_s, instance="catalog-3")
    made.steadily(5, "gateway", "ERROR", "GET /api/items/{n} 500 from catalog", began + 1, made.end_s)
    return made.written("bad_instance", w.as_json, apart=False, origin="catalog", sufferers=("gateway",), since_s=began)


def loud_and_harmless() -> Haystack:
    made = World("loud_and_harmless", BANK, BANK_TALK)
    made.ordinary(30_000)
    made.steadily(1.2, "mailer", "ERROR", "failed to push metrics to telemetry: connection refused", made.begin_s, made.end_s)
    began = made.at(0.45)
    made.say(began, "ledger-db", "ERROR", "deadlock detected: process {n} waits for ShareLock", needle=True)
    made.steadily(9, "ledger-db", "ERROR", "deadlock detected: process {n} waits for ShareLock", began, made.end_s)
    made.steadily(6, "accounts-api", "ERROR", "transfer {n} rolled back: ledger-db error 40P01", began + 2, made.end_s)
    return made.written(
        "loud_and_harmless", w.logfmt, apart=False, origin="ledger-db", sufferers=("accounts-api",), since_s=began
    )


def recovered() -> Haystack:
    made = World("recovered", SHOP, SHOP_TALK)
    made.ordinary(14_000)
    began, ended = made.at(0.4), made.at(0.46)
    made.steadily(1, "payments", "ERROR", "authorisation provider unreachable: no route to host", began, ended)
    made.steadily(1.5, "orders", "ERROR", "order {n} waits: payments unavailable", began + 2, ended)
    made.say(ended + 2, "payments", "INFO", "connection to authorisation provider re-established")
    return made.written("recovered", w.bare, apart=True, origin="payments", sufferers=("orders",), since_s=began)


def well_shop() -> Haystack:
    made = World("well_shop", SHOP, SHOP_TALK)
    made.ordinary(20_000)
    made.now_and_then(60, "payments", "ERROR", "card {n} declined by issuer")
    made.now_and_then(25, "gateway", "WARN", "slow request /api/items/{n}: {ms}0 ms")
    made.now_and_then(3, "orders", "WARN", "retrying call to stock (1/3)")
    return made.written("well_shop", w.bracket, apart=False, origin=None)


def well_bank() -> Haystack:
    made = World("well_bank", BANK, BANK_TALK)
    made.ordinary(20_000, rids=True)
    made.now_and_then(200, "web-portal", "WARN", "wrong password for {user}")
    made.now_and_then(5, "accounts-api", "ERROR", "statement {n} could not be parsed: bad date")
    made.say(made.at(0.6), "accounts-api", "INFO", "deployed version 4.2.1")
    made.say(made.at(0.8), "model-server", "INFO", "configuration reloaded")
    return made.written("well_bank", w.as_json, apart=True, origin=None)


def bad_release() -> Haystack:
    made = World("bad_release", SHOP, SHOP_TALK)
    made.ordinary(16_000)
    began = made.at(0.66)
    made.say(began - 20, "stock", "INFO", "starting version 7.4.0 (build 9913)", needle=True)
    made.steadily(
        2, "stock", "ERROR", "TypeError: unsupported operand: None and int in reserve() for item {n}", began, made.end_s
    )
    made.steadily(3, "orders", "ERROR", "order {n} failed: stock returned 500", began + 1, made.end_s)
    made.steadily(3, "gateway", "ERROR", "POST /api/orders 502 {ms}ms", began + 2, made.end_s)
    return made.written("bad_release", w.bare, apart=True, origin="stock", sufferers=("orders", "gateway"), since_s=began)


def skewed() -> Haystack:
    made = World("skewed", SHOP, SHOP_TALK)
    made.ordinary(3000)
    for _ in range(2500):
        at_s, rid = made.at(made.dice.random()), f"{made.dice.getrandbits(64):016x}"
        for place, service in enumerate(("gateway", "orders", "payments")):
            made.say(at_s + place * 0.02, service, "INFO", made.filled("request served in {ms} ms"), rid=rid)
    began = made.at(0.5)
    made.steadily(2, "payments", "ERROR", "signing key {hex} is invalid: malformed configuration", began, made.end_s)
    made.steadily(2, "orders", "ERROR", "payments answered 500 for order {n}", began + 1, made.end_s)
    made.steadily(2, "gateway", "ERROR", "orders answered 502", began + 2, made.end_s)
    return made.written(
        "skewed",
        w.bare,
        apart=True,
        origin="payments",
        sufferers=("orders", "gateway"),
        since_s=began,
        ahead_s={"gateway": -240, "payments": 95},
    )


def needle() -> Haystack:
    made = World("needle", BANK, BANK_TALK, hours=12)
    made.ordinary(70_000)
    made.now_and_then(400, "web-portal", "WARN", "wrong password for {user}")
    began = made.at(0.62)
    made.say(began, "ledger-db", "WARNING", "Out of memory: Killed process 4411 (ledger-writer)", needle=True)
    for _ in range(4):
        made.say(
            began + 5 + 20 * made.dice.random(),
            "accounts-api",
            "ERROR",
            made.filled("transfer {n} lost: ledger-db closed the connection"),
        )
    return made.written("needle", w.syslog, apart=False, origin="ledger-db", sufferers=("accounts-api",), since_s=began)


def silent() -> Haystack:
    made = World("silent", BANK, BANK_TALK)
    stopped = made.at(0.6)
    made.ordinary(20_000, until={"fraud-check": stopped})
    return made.written("silent", w.pipes, apart=False, origin="fraud-check", since_s=stopped)


def expired() -> Haystack:
    made = World("expired", BANK, BANK_TALK)
    made.ordinary(12_000)
    began = made.at(0.5)
    made.steadily(2, "mailer", "ERROR", "smtp-relay: x509: certificate has expired or is not yet valid", began, made.end_s)
    return made.written("expired", w.colon, apart=False, origin="smtp-relay", sufferers=("mailer",), since_s=began)


def pool() -> Haystack:
    made = World("pool", SHOP, SHOP_TALK)
    made.ordinary(20_000)
    began = made.at(0.75)
    made.say(began - 40, "catalog", "INFO", "config changed: db.pool.size from 200 to 2", needle=True)
    made.steadily(2, "catalog", "ERROR", "connection pool exhausted: 2 of 2 in use, {n} waiting", began, made.end_s)
    made.steadily(3, "gateway", "WARN", "timeout calling catalog after 3000 ms", began + 3, made.end_s)
    return made.written("pool", w.logfmt, apart=False, origin="catalog", sufferers=("gateway",), since_s=began)


def names_gone() -> Haystack:
    made = World("names_gone", {**BANK, "resolver": ()}, {**BANK_TALK, "resolver": ("query {hex}.example A from {ip}",)})
    made.ordinary(15_000)
    began = made.at(0.35)
    made.say(began, "resolver", "ERROR", "zone transfer failed, cache file corrupted: SERVFAIL for all names", needle=True)
    for place, (service, other) in enumerate(
        (("accounts-api", "ledger-db"), ("web-portal", "accounts-api"), ("fraud-check", "model-server"))
    ):
        made.steadily(
            3, service, "ERROR", f"could not resolve {other}: temporary failure in name resolution", began + 2 + place, made.end_s
        )
    return made.written(
        "names_gone",
        w.bracket,
        apart=False,
        origin="resolver",
        sufferers=("accounts-api", "web-portal", "fraud-check"),
        since_s=began,
    )


def retries() -> Haystack:
    made = World("retries", SHOP, SHOP_TALK)
    made.ordinary(15_000)
    began = made.at(0.5)
    made.steadily(
        1, "redis", "WARNING", "Memory limit reached: OOM command not allowed when used memory > 'maxmemory'", began, made.end_s
    )
    made.steadily(0.8, "catalog", "ERROR", "redis write failed (attempt {n}), retrying", began + 1, made.end_s)
    made.steadily(0.5, "gateway", "ERROR", "GET /api/items/{n} 504 {ms}ms", began + 4, made.end_s)
    return made.written("retries", w.epoch, apart=False, origin="redis", sufferers=("catalog", "gateway"), since_s=began)


def traced() -> Haystack:
    made = World("traced", SHOP, SHOP_TALK)
    made.ordinary(8000, rids=True)
    began = made.at(0.6)
    for each in range(400):
        at_s, rid = began + each * (made.end_s - began) / 400, f"{made.dice.getrandbits(64):016x}"
        made.say(at_s, "stock", "ERROR", made.filled("negative quantity for item {n}: assertion failed"), rid=rid)
        made.say(at_s + 0.02, "orders", "ERROR", "request failed", rid=rid)
        made.say(at_s + 0.04, "gateway", "ERROR", "request failed with status 500", rid=rid)
    return made.written("traced", w.java, apart=True, origin="stock", sufferers=("orders", "gateway"), since_s=began)


def well_loud() -> Haystack:
    made = World("well_loud", SHOP, SHOP_TALK)
    made.ordinary(10_000)
    made.steadily(2, "catalog", "ERROR", "recommendation model missing, using default for {user}", made.begin_s, made.end_s)
    made.steadily(30, "gateway", "WARN", "rate limited client {ip}", made.begin_s, made.end_s)
    return made.written("well_loud", w.java, apart=True, origin=None)


FIRST: tuple[Callable[[], Haystack], ...] = (
    full_disk,
    stranger,
    leak,
    periodic_noise,
    periodic_only,
    bad_instance,
    loud_and_harmless,
    recovered,
    well_shop,
    well_bank,
    bad_release,
    skewed,
    needle,
    silent,
    expired,
    pool,
    names_gone,
    retries,
    traced,
    well_loud,
)

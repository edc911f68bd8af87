from datetime import timedelta

from tests.unit.reasoning.world import NOW, fact, ran, unavailable

from vigie.reasoning.facts import Facts


def test_a_probe_read_again_replaces_what_it_said() -> None:
    later = NOW + timedelta(seconds=5)
    facts = Facts([fact("disk.used_ratio", "disk:/", 0.9, probe="disk.usage"), ran("disk.usage")])
    facts.add([fact("disk.used_ratio", "disk:/", 0.4, probe="disk.usage", at=later), ran("disk.usage", at=later)])
    assert [one.value for one in facts.named("disk.used_ratio")] == [0.4]


def test_what_a_probe_no_longer_shows_is_gone() -> None:
    later = NOW + timedelta(seconds=5)
    facts = Facts(
        [fact("log.error", "log:/a", {"x": 1}, probe="log.errors", line="read log.errors"), ran("log.errors", {"log": "/a"})]
    )
    facts.add([ran("log.errors", {"log": "/a"}, at=later)])
    assert facts.named("log.error") == ()


def test_two_logs_are_two_readings() -> None:
    facts = Facts([ran("log.errors", {"log": "/a"})])
    assert facts.ran("log.errors", {"log": "/a"}) is not None
    assert facts.ran("log.errors", {"log": "/b"}) is None
    assert len(facts.runs("log.errors")) == 1


def test_what_could_not_be_read_is_known_as_such() -> None:
    facts = Facts([unavailable("redis.info", {"port": "6379"})])
    assert facts.unavailable("redis.info", {"port": "6379"}) is not None
    assert facts.ran("redis.info", {"port": "6379"}) is None


def test_conclusions_of_others_are_never_taken_over() -> None:
    kept = fact("service.troubled", "service:api", {})
    facts = Facts()
    facts.replace_derived([kept])
    again = Facts([one for one in facts if one.id == kept.id])
    assert len(again) == 1, "an ordinary id is an ordinary fact"
    facts.replace_derived([])
    assert len(facts) == 0

"""What observation reads on a host, and the key that can do nothing else; the same for the command line and the API."""

from vigie.domain.host import Host
from vigie.interfaces.services import Services

LINE = "python3 -"
# What can run out is measured at every look; certificates, which take a walk over the disk, now and then.
MEASURES = "observation"
CERTIFICATES = "certificates"


def reads(services: Services) -> list[tuple[str, bytes | None]]:
    """Return the lines that observation runs, each with the script that it reads."""
    scripts = services.knowledge.scripts
    return [(LINE, scripts[name].source) for name in (MEASURES, CERTIFICATES)]


async def enforce(services: Services, name: str, *, actor: str, file: str | None = None) -> Host:
    """Have a host itself let only signed lines through, once each.

    Raises:
        Permanent: it cannot be set up there; nothing is changed.
        Transient: the host cannot be reached.
    """
    return await services.gate.enforcement.install(await services.store.hosts.get(name), reads(services), actor=actor, file=file)


async def release(services: Services, name: str, *, actor: str) -> Host:
    """Take that away again.

    Raises:
        Permanent: it is not there, or somebody else changed it.
        Transient: the host cannot be reached.
    """
    return await services.gate.enforcement.remove(await services.store.hosts.get(name), actor=actor)

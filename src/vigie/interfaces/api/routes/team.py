"""The team: who is in it, who rests."""

from typing import Annotated, Any

from fastapi import APIRouter, Path

from vigie.interfaces import team
from vigie.interfaces.api.doors import AdminOfAll, Given, Known

router = APIRouter(prefix="/api/v1/agents", tags=["agents"])
AgentName = Annotated[str, Path(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$")]


@router.get("")
async def list_agents(services: Given, caller: Known) -> dict[str, list[dict[str, Any]]]:
    """List the agents."""
    return {"agents": await team.documents(services, caller.language)}


@router.post("/{name}/pause")
async def pause(services: Given, caller: AdminOfAll, name: AgentName) -> dict[str, dict[str, Any]]:
    """Let an agent rest; cases wait at its next step."""
    return {"agent": await team.pause(services, name, caller.language, actor=caller.actor)}


@router.post("/{name}/resume")
async def resume(services: Given, caller: AdminOfAll, name: AgentName) -> dict[str, dict[str, Any]]:
    """Let an agent work again."""
    return {"agent": await team.resume(services, name, caller.language, actor=caller.actor)}

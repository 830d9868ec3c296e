"""The agents: programs that are members and do tasks, and the processes that they run as.

Three things are told apart: whether a process is connected, whether it holds a lease on a run (`runs`), and
whether a run makes progress.
"""

from enum import StrEnum
from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType, field

from protocol.fields import (
    MAX_CAPABILITIES,
    MAX_LIVE_RUNS,
    CapabilityName,
    Day,
    Emoji,
    Fence,
    Id,
    Money,
    Name,
    Note,
    Schema,
    Seconds,
    Text,
    Timestamp,
    Tokens,
    Version,
)
from protocol.members import Member
from protocol.registry import Command, Entity, Event, collection, command, event, put, query
from protocol.runs import RunOffer

Concurrency = Annotated[int, Meta(ge=1, le=10_000)]


class AgentState(StrEnum):
    """Where an agent is in its life."""

    REGISTERED = "registered"
    """No process of it has ever connected."""
    ONLINE = "online"
    BUSY = "busy"
    """Connected and at work."""
    DRAINING = "draining"
    """All its processes finish what they have and take nothing more."""
    OFFLINE = "offline"
    RETIRED = "retired"
    """For good; its token is dead."""


class CostClass(StrEnum):
    """How dear a use of a capability is, for people who choose."""

    FREE = "free"
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class SecondRun(StrEnum):
    """What happens to a second run for a task while the first one goes on."""

    REJECT = "reject"
    """It is refused."""
    ENQUEUE = "enqueue"
    """It waits until the first one has ended."""
    INTERRUPT = "interrupt"
    """The first one is canceled and may give a last report; then the second starts."""
    RESTART = "restart"
    """The first one's attempt ends at once and it begins anew with the second's input."""


class CapabilitySummary(Struct, frozen=True, kw_only=True):
    """Something that an agent can do, without its schemas."""

    name: CapabilityName
    description: Note = ""
    concurrency: Concurrency = 1
    """Runs of it that the agent does at once, over all its processes."""
    cost: CostClass = CostClass.FREE
    second: SecondRun = SecondRun.ENQUEUE


class Capability(CapabilitySummary, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Something that an agent can do."""

    input: Schema = field(default_factory=lambda: {"type": "object"})
    """What a run's input must satisfy."""
    output: Schema = field(default_factory=dict)
    """What a run's result must satisfy."""
    estimate: Money = 0
    """What a run is expected to cost: that much is reserved of the budgets before it starts."""
    rate: Annotated[int, Meta(ge=1, le=100_000)] | None = None
    """Most runs a minute that start."""
    attempts: Annotated[int, Meta(ge=1, le=20)] = 3
    """Attempts at a run before it is given up, unless the run says otherwise."""
    stale_after: Annotated[int, Meta(ge=10, le=86_400)] = 1_800
    """Seconds without progress after which a run is shown as stale."""


@collection("agents")
class AgentInfo(Entity):
    """What an agent is, beside its member entity, which has its name; `id` is the member's."""

    version: Version
    owner_id: Id
    """The person who answers for it."""
    description: Text
    picture: Emoji | None
    capabilities: list[CapabilitySummary]
    software: Annotated[str, Meta(max_length=100)]
    """The version of its program, as its newest process said."""
    retired: bool
    created_at: Timestamp
    updated_at: Timestamp


class Instance(Entity):
    """A process of an agent."""

    host: Annotated[str, Meta(max_length=200)]
    software: Annotated[str, Meta(max_length=100)]
    capacity: Annotated[int, Meta(ge=0, le=10_000)]
    """Runs that it takes at once; 0: it is given none and claims what it does."""
    running: int
    connected: bool
    draining: bool
    blocked: bool
    """It says of itself that something holds up its event loop."""
    unresponsive: bool
    """It has let three offers in a row pass; it gets none until it has given a sign for a minute."""
    connected_at: Timestamp
    seen_at: Timestamp


class AgentStatus(Struct, frozen=True, kw_only=True):
    """What an agent is doing."""

    state: AgentState
    running: int
    """Runs that it is at work on."""
    waiting: int
    """Runs of it that wait for a person or for another agent."""
    instances: list[Instance]


class AgentView(Entity):
    """An agent with its name and what it is doing."""

    agent: AgentInfo
    member: Member
    status: AgentStatus


class Fault(Struct, frozen=True, kw_only=True):
    """What an agent was refused, and how often."""

    command: str
    code: str
    count: int
    message: str
    """Of the last time."""
    last_at: Timestamp


class Grant(Struct, frozen=True, kw_only=True):
    """A project that an agent has access to and that you may see."""

    project_id: Id
    project_name: Name
    role: str
    until: Timestamp | None
    task_id: Id | None


class AgentDetails(Entity):
    """All about an agent."""

    agent: AgentInfo
    member: Member
    status: AgentStatus
    capabilities: list[Capability]
    grants: list[Grant]
    faults: list[Fault]


class Agents(Struct, frozen=True, kw_only=True):
    """Agents by name."""

    items: list[AgentView]


class AgentCreated(Struct, frozen=True, kw_only=True):
    """The new agent. `token` is shown this once and belongs to it alone."""

    agent: AgentInfo
    member: Member
    token: str


class AgentToken(Struct, frozen=True, kw_only=True):
    """An agent's new token, shown this once; the one before is dead."""

    token: str


@command("agent.register", secret=True)
class AgentRegister(Command[AgentCreated]):
    """Make an agent, owned by you or, as an admin says, by another person. Not for guests.

    It has access to nothing until a project's manager adds it with `project.set_member`.
    """

    name: Name
    description: Text = ""
    picture: Emoji | None = None
    owner_id: Id | None = None
    capabilities: Annotated[list[Capability], Meta(max_length=MAX_CAPABILITIES)] = field(default_factory=list)
    """What it can do; its processes may say it themselves when they connect."""


@command("agent.update")
class AgentUpdate(Command[AgentInfo]):
    """Rename or describe an agent, or give it to another owner. Its owner; admins."""

    agent_id: Id
    version: Version
    name: Name | UnsetType = UNSET
    description: Text | UnsetType = UNSET
    picture: Emoji | UnsetType | None = UNSET
    owner_id: Id | UnsetType = UNSET


@command("agent.rotate_token", secret=True)
class AgentRotateToken(Command[AgentToken]):
    """Give an agent another token and end the one it has, with its connections. Its owner; admins."""

    agent_id: Id


@command("agent.retire")
class AgentRetire(Command[AgentInfo]):
    """End an agent for good: its token, its access and its runs. What it did stays. Its owner; admins."""

    agent_id: Id


@query("agent.get")
class AgentGet(Command[AgentDetails]):
    """One agent. Guests see those they share a project with."""

    agent_id: Id


@query("agent.list")
class AgentList(Command[Agents]):
    """All agents by name; for guests, those they share a project with."""

    project_id: Id | None = None
    """Only those with access to it."""
    capability: CapabilityName | None = None
    retired: bool = False
    """True: only those that are retired."""


class HeldRun(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A run that a process has."""

    run_id: Id
    fence: Fence


class AgentConnected(Struct, frozen=True, kw_only=True):
    """A process is known. `runs` are those that it has a lease on, or is offered."""

    instance: Instance
    runs: list[RunOffer]
    lost: list[Id]
    """Of the runs that it named, those it no longer has."""
    heartbeat_seconds: int
    lease_seconds: int


class AgentBeat(Struct, frozen=True, kw_only=True):
    """What a process should know that it may have missed."""

    lost: list[Id]
    """Runs that it named and no longer has: it stops them."""
    canceling: list[Id]
    """Runs that it has to stop and report on one last time."""
    answered: list[Id]
    """Runs that waited and go on: what they waited for has come."""
    runs: list[RunOffer]
    """Runs that it is offered, or has, and did not name."""


HeldRuns = Annotated[list[HeldRun], Meta(max_length=MAX_LIVE_RUNS)]


@command("agent.connect", idempotent=True)
class AgentConnect(Command[AgentConnected]):
    """As an agent: say that this process is there and what it can do, on this connection.

    After a reconnect the same `instance_id` keeps its leases. Offers arrive as `run.offers`, news of
    its runs as `run.control`.
    """

    instance_id: Id
    host: Annotated[str, Meta(max_length=200)] = ""
    software: Annotated[str, Meta(max_length=100)] = ""
    capacity: Annotated[int, Meta(ge=0, le=10_000)] = 1
    capabilities: Annotated[list[Capability], Meta(max_length=MAX_CAPABILITIES)] | None = None
    """All that the agent can do, replacing what it said before; null: as before."""
    runs: HeldRuns = field(default_factory=list)
    """Those that it works on."""


@command("agent.heartbeat", idempotent=True)
class AgentHeartbeat(Command[AgentBeat]):
    """As an agent's process: give a sign, and keep the leases on these runs."""

    instance_id: Id
    runs: HeldRuns = field(default_factory=list)
    blocked: bool = False
    """Something holds up the process's event loop; a run may be at fault."""


@command("agent.drain", idempotent=True)
class AgentDrain(Command[None]):
    """As an agent's process: take no more runs; with `leave`, be gone. What it still has is offered anew."""

    instance_id: Id
    leave: bool = False


class Insight(Struct, frozen=True, kw_only=True):
    """What became of an agent's runs with one capability that ended on one day, UTC."""

    day: Day
    capability: CapabilityName
    runs: int
    completed: int
    failed: int
    canceled: int
    retries: int
    questions: int
    seconds_mean: Seconds
    """From start to end."""
    seconds_p95: Seconds
    tokens: Tokens
    money: Money
    files: int
    """Versions of files that they made."""
    scored: int
    """Those of them that have a quality score."""
    quality_mean: float | None
    """The mean of these scores, 0 to 100."""


class Collaboration(Struct, frozen=True, kw_only=True):
    """That one agent asked another for something."""

    from_agent: Id
    to_agent: Id
    kind: str
    """`call` or `hand_off`."""
    count: int
    completed: int
    last_at: Timestamp


class AgentInsight(Struct, frozen=True, kw_only=True):
    """How an agent has done."""

    days: list[Insight]
    collaborations: list[Collaboration]


@query("agent.insight")
class AgentInsightGet(Command[AgentInsight]):
    """How an agent's runs went, by day and capability, and whom it worked with.

    Only runs of projects that you may see are counted.
    """

    agent_id: Id
    days: Annotated[int, Meta(ge=1, le=366)] = 30


@event("agent.registered", put("agents", "agent"))
class AgentRegistered(Event):
    """In the workspace's room: a new agent."""

    agent: AgentInfo


@event("agent.updated", put("agents", "agent"))
class AgentUpdated(Event):
    """An agent has another description, owner or program, or was retired."""

    agent: AgentInfo

"""What happens before the golden examples begin, so that each of them can be carried out.

The examples name a cast of members and agents, a project with tasks and runs, a private channel and messages.
Where a client may choose an id, the script uses the very one of the examples.
"""

import json
from pathlib import Path
from typing import Any, NamedTuple

import protocol
from protocol.files import ContentKind
from protocol.registry import COMMANDS
from protocol.roles import WorkspaceRole
from protocol.runs import Report
from tests.registry import sealed
from tests.registry.sealed import ANSWER, CREW, CREW_BOXES, CREW_COMMIT, CREW_GENESIS, INVITE

EXAMPLES = Path(protocol.__file__).parent / "examples"

MARGARET = "019ca869-5000-7002-8002-000000000001"
KATHERINE = "019ca86a-3a60-7002-8002-000000000002"
NEIL = "019ca86b-24c0-7002-8002-000000000003"
BUZZ = "019ca86c-0f20-7002-8002-000000000004"
GENE = "019ca86c-f980-7002-8002-000000000005"
COMPUTER = "019ca86d-e3e0-7002-8002-000000000006"
HOUSTON = "019ca86e-ce40-7002-8002-000000000007"
COLUMBIA = "019ca872-77c0-7010-8010-000000000001"
EAGLE = "019ca873-6220-7010-8010-000000000002"
APOLLO = "019ca8a0-3e80-7003-8003-000000000001"
PROGRAM, TRAJECTORY, TRAINING, LANDING, WALK = (
    "019ca8a9-6640-7004-8004-000000000001",
    "019ca8aa-50a0-7004-8004-000000000002",
    "019ca8ab-3b00-7004-8004-000000000003",
    "019ca8ac-2560-7004-8004-000000000004",
    "019ca8ad-0fc0-7004-8004-000000000005",
)
MISSION = "019ca884-c740-7005-8005-000000000001"
DIRECT = "019ca88d-ef00-7005-8005-000000000002"
GO = "019ca8d7-2d00-7006-8006-000000000001"
GO_AHEAD = "019ca8d9-01c0-7006-8006-000000000003"
INVITATION = "019ca897-16c0-7007-8007-000000000001"
CHECK = "019ca8fc-b660-700d-800d-000000000001"
PLAN = "019ca8fd-a0c0-700d-800d-000000000002"
FAILED = "019ca8e9-7c80-700d-800d-000000000006"
VECTORS = "019ca8fd-4300-700f-800f-000000000001"
WHO_IS_FIRST = "019ca8fd-c7d0-700e-800e-000000000001"
MIDCOURSE = "019ca8ff-0050-700e-800e-000000000002"
MORNING, BURN, TRACKING = (
    "019ca907-b2e0-7011-8011-000000000001",
    "019ca908-9d40-7011-8011-000000000002",
    "019ca909-87a0-7011-8011-000000000003",
)
FREE_RETURN = "019ca904-f3c0-7012-8012-000000000001"
SCANNED = "019ca905-de20-7012-8012-000000000002"
BRAKING = "019ca906-c880-7012-8012-000000000003"
STATE_VECTORS = "019ca8fd-a0c0-7012-8012-000000000004"
MEDICAL = "019ca907-b2e0-7012-8012-000000000005"
LIFTOFF = "019ca8d7-a230-7012-8012-000000000006"
ADMITTED = "019ca908-9d40-7013-8013-000000000001"


class Filed(NamedTuple):
    """A file that was uploaded, in so many versions as there are texts that it was found to say."""

    known: str
    sender: str
    target: dict[str, Any]
    kind: ContentKind
    says: list[list[str]]
    """The pages of each version; joined by newlines they are its content."""


class Step(NamedTuple):
    """A command of the script."""

    command: str
    payload: dict[str, Any]
    known: str | None = None
    """The id in the examples of what the reply shows, where the server chose another."""
    sender: str | None = None
    """Who sends it, where that is not who sends such commands."""


def shown(command: str) -> dict[str, Any]:
    """The payload of a command's example."""
    loaded = json.loads((EXAMPLES / f"{command}.json").read_text(encoding="utf-8"))
    payload: dict[str, Any] = loaded["payload"]
    return payload


def _like(command: str, known: str | None = None, **changes: Any) -> Step:
    """A command as in its example, with another `command_id`."""
    payload = {name: value for name, value in shown(command).items() if name != "command_id"}
    return Step(command, payload | changes, known)


def _report(command: str, run_id: str, payload: dict[str, Any], known: str | None = None) -> Step:
    return Step(command, {"project_id": APOLLO, "run_id": run_id, "fence": 1, **payload}, known)


def _claim(run_id: str, instance_id: str) -> Step:
    return Step("run.claim", {"project_id": APOLLO, "instance_id": instance_id, "run_id": run_id})


CAST = {
    KATHERINE: ("Katherine Johnson", WorkspaceRole.ADMIN),
    NEIL: ("Neil Armstrong", WorkspaceRole.MEMBER),
    BUZZ: ("Buzz Aldrin", WorkspaceRole.MEMBER),
    GENE: ("Gene Kranz", WorkspaceRole.GUEST),
}
AS = {
    **{name: COMPUTER for name, spec in COMMANDS.items() if issubclass(spec.type, Report)},
    "sealed_invite.answer": NEIL,
    **dict.fromkeys(("agent.connect", "agent.heartbeat", "agent.drain", "run.claim"), COMPUTER),
}
"""Who sends a command; Margaret, who owns the workspace, sends all others."""
INPUT = {"distance_km": 384400, "burn_s": 347.3}
ARGUMENTS = {"engine": "SPS", "seconds": 2.91}

AGENTS = [
    Step("agent.register", {"name": "Guidance Computer"}, COMPUTER),
    Step(
        "agent.register",
        {"name": "Real-Time Computer", "capabilities": [{"name": "compute_orbit"}]},
        HOUSTON,
    ),
    _like("agent.connect", runs=[]),
    Step("agent.connect", {"instance_id": EAGLE, "host": "eagle", "capacity": 2}),
]
TASKS = [
    Step("project.create", {"id": APOLLO, "name": "Apollo 11"}),
    *(
        Step("project.set_member", {"project_id": APOLLO, "member_id": member})
        for member in (NEIL, BUZZ, COMPUTER, HOUSTON)
    ),
    Step("project.set_member", {"project_id": APOLLO, "member_id": GENE, "role": "viewer"}),
    Step("task.create", {"project_id": APOLLO, "id": PROGRAM, "title": "Write the landing program"}),
    Step("task.create", {"project_id": APOLLO, "id": TRAJECTORY, "title": "Check the trajectory by hand"}),
    Step("task.create", {"project_id": APOLLO, "id": TRAINING, "title": "Train for one sixth of a g"}),
    Step("task.create", {"project_id": APOLLO, "id": LANDING, "title": "Land in the Sea of Tranquility"}),
    Step(
        "task.create",
        {"project_id": APOLLO, "id": WALK, "title": "Plan the first steps", "parent_id": LANDING},
    ),
    Step("task.create", {"project_id": APOLLO, "title": "Pack the boxes", "external_id": "LUNA-16"}),
    Step("task.create", {"project_id": APOLLO, "title": "Collect rocks", "external_id": "LUNA-17"}),
    Step("task.depend", {"task_id": LANDING, "on": [PROGRAM, TRAJECTORY]}),
    Step("task.assign", {"task_id": PROGRAM, "assignees": [MARGARET, COMPUTER]}),
]
ROOMS = [
    Step("room.create", {"id": MISSION, "name": "mission-control", "private": True, "members": [NEIL, BUZZ]}),
    Step("room.add_member", {"room": MISSION, "member_id": KATHERINE, "role": "manager"}),
    Step("room.create", {"id": DIRECT, "kind": "direct", "members": [NEIL]}),
    Step("message.send", {"room": MISSION, "id": GO, "text": "Go for launch?"}),
    Step("message.send", {"room": MISSION, "id": GO_AHEAD, "text": "Go.", "thread_id": GO}),
    Step("message.react", {"message_id": GO, "emoji": "👍"}),
    Step("task.comment", {"task_id": PROGRAM, "text": "Memory is nearly full."}),
    Step(
        "invitation.create",
        {"role": "guest", "project_id": APOLLO, "project_role": "viewer"},
        INVITATION,
    ),
]
RUNS = [
    Step("budget.set", {"project_id": APOLLO, "period": "total", "limit": 400_000_000}),
    _like("run.create", deadline=None),
    _claim(CHECK, COLUMBIA),
    _report("run.attach", CHECK, {"name": "state-vectors.csv", "text": "t_s,x_km,y_km\n"}, VECTORS),
    _report(
        "run.ask",
        CHECK,
        {
            "key": "midcourse",
            "kind": "approval",
            "prompt": "Correct the course now?",
            "action": "burn",
            "arguments": ARGUMENTS,
        },
        MIDCOURSE,
    ),
    Step("run.answer", {"question_id": MIDCOURSE, "answer": True}),
    Step("run.create", {"project_id": APOLLO, "id": PLAN, "task_id": WALK, "capability": "write_checklist"}),
    _claim(PLAN, EAGLE),
    _like("run.ask", WHO_IS_FIRST),
    Step("run.create", {"project_id": APOLLO, "task_id": LANDING, "capability": "write_checklist"}),
    Step(
        "run.create",
        {"project_id": APOLLO, "id": FAILED, "capability": "check_trajectory", "input": INPUT},
    ),
    _claim(FAILED, COLUMBIA),
    _report("run.fail", FAILED, {"message": "A burn of 0 s leads nowhere.", "cause": "invalid"}),
]
TRIGGERS = [
    Step(
        "trigger.create",
        {
            "project_id": APOLLO,
            "id": MORNING,
            "name": "Morning check",
            "kind": "schedule",
            "capability": "check_trajectory",
            "input": INPUT,
            "cron": "0 6 * * 1-5",
        },
    ),
    Step(
        "trigger.create",
        {
            "project_id": APOLLO,
            "id": BURN,
            "name": "After a burn",
            "kind": "event",
            "capability": "write_checklist",
            "input": {"title": "{{task.title}}"},
            "filter": {"type": "task.updated", "where": {"task.status": "done"}},
        },
    ),
    _like("trigger.create"),
]
SEALED = [
    Step("identity.publish", {"links": [sealed.MARGARETS_GENESIS]}),
    Step("identity.publish", {"links": [sealed.NEILS_GENESIS]}, sender=NEIL),
    Step(
        "sealed.create",
        {
            "id": CREW,
            "form": "conversation",
            "genesis": CREW_GENESIS,
            "commit": CREW_COMMIT,
            "boxes": CREW_BOXES,
        },
    ),
    Step("sealed_invite.create", {"id": INVITE, "room": CREW, "uses": 5}),
    _like("sealed_invite.answer", ANSWER),
    _like("backup.put", entries=[]),
]
SCRIPT = [*AGENTS, *TASKS, *ROOMS, *RUNS, *TRIGGERS, *SEALED]

FILES = [
    Filed(
        FREE_RETURN,
        KATHERINE,
        {"room": APOLLO, "folder": "trajectory", "name": "free-return.pdf", "task_id": TRAJECTORY},
        ContentKind.DOCUMENT,
        [
            [
                "Free return to Earth",
                "The free return leads around the Moon, 111 km above its far side, and home without a burn.",
            ]
        ],
    ),
    Filed(
        SCANNED,
        KATHERINE,
        {"room": APOLLO, "folder": "trajectory/scans", "name": "free-return scanned.pdf"},
        ContentKind.DOCUMENT,
        [["Free retum to Earth"]],
    ),
    Filed(
        BRAKING,
        MARGARET,
        {"room": APOLLO, "folder": "guidance/luminary", "name": "P63.agc", "task_id": PROGRAM},
        ContentKind.CODE,
        [
            ["# P63: braking\nTC BANKCALL\nCADR R02BOTH\nCAF P63SPOT\n"],
            ["# P63: braking\nTC BANKCALL\nCADR R02BOTH\nCAF P63SPOT2\nTC WAITLIST\n"],
            ["# P63: braking, restarts protected\nTC BANKCALL\nCADR R02BOTH\nCAF P63SPOT2\nTC WAITLIST\n"],
        ],
    ),
    Filed(
        STATE_VECTORS,
        COMPUTER,
        {"room": APOLLO, "folder": "trajectory", "name": "state-vectors.csv", "run_id": CHECK},
        ContentKind.TABLE,
        [["t_s,x_km,y_km\n0,6563.4,0\n"]],
    ),
    Filed(
        MEDICAL,
        MARGARET,
        {"room": APOLLO, "folder": "medical", "name": "preflight.pdf"},
        ContentKind.DOCUMENT,
        [["Fit to fly"]],
    ),
    Filed(LIFTOFF, NEIL, {"room": MISSION, "name": "liftoff.jpg"}, ContentKind.IMAGE, [[]]),
]
KEPT = [
    Step("file.restrict", {"file_id": MEDICAL, "restricted": True}),
    Step("file.grant", {"file_id": MEDICAL, "member_id": GENE}, ADMITTED),
]
"""What happens once the files are there."""

FIRST: dict[str, list[Step]] = {
    "project.restore": [Step("project.delete", {"project_id": APOLLO})],
    "room.add_member": [Step("room.remove_member", {"room": MISSION, "member_id": BUZZ})],
    "run.create": [_report("run.fail", CHECK, {"message": "Begin anew.", "cause": "fatal"})],
    "run.accept": [_report("run.release", CHECK, {})],
    "run.reject": [_report("run.release", CHECK, {})],
    "run.ask": [Step("run.answer", {"question_id": WHO_IS_FIRST, "answer": "Buzz Aldrin"})],
    "file.undelete": [Step("file.delete", {"file_id": SCANNED})],
}
"""What has to happen right before one of the examples."""
OFFERED = frozenset({"run.accept", "run.reject"})
"""Commands about a run that is offered to a process and not accepted yet."""

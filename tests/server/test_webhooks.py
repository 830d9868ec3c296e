"""Webhooks as senders meet them: signed, believed for nothing else, carried out once."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest

from persistence.ids import new_id
from protocol.errors import ErrorCode
from protocol.fields import MAX_JSON_BYTES
from protocol.roles import RoomRole
from server import throttle, webhooks
from tests.api import Answer, Api, client
from tests.nodes import NodeStarter, StockClient

CAPABILITY: dict[str, Any] = {"name": "build", "concurrency": 5}


@dataclass
class Hook:
    """A webhook trigger, as its sender knows it; `manager` is connected as who made it."""

    api: Api
    manager: StockClient
    project_id: str
    trigger: Any
    url: str
    secret: str

    @property
    def path(self) -> str:
        return f"/api/hooks/{self.trigger['id']}"

    async def post(self, raw: bytes, path: str | None = None, **headers: str) -> Answer:
        sent = {"Content-Type": "application/json"} | {
            name.replace("_", "-"): value for name, value in headers.items()
        }
        async with self.api.session.post(path or self.path, data=raw, headers=sent) as response:
            body = await response.json() if response.content_type == "application/json" else None
            return Answer(response.status, body, response.headers)

    async def send(self, body: Any, **changes: Any) -> Answer:
        """A delivery signed as Standard Webhooks has it; `changes` are made after signing."""
        raw = json.dumps(body).encode()
        headers = standard(changes.pop("secret", self.secret), raw, changes.pop("delivery", new_id()))
        return await self.post(changes.pop("raw", raw), changes.pop("path", None), **headers | changes)

    async def runs(self) -> list[Any]:
        reply = await self.manager.do("run.list", project_id=self.project_id)
        return list(reply["items"])


def standard(secret: str, raw: bytes, delivery: str, sent_at: float | None = None) -> dict[str, str]:
    """The headers of Standard Webhooks."""
    timestamp = str(int(time.time() if sent_at is None else sent_at))
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signature = hmac.new(key, f"{delivery}.{timestamp}.".encode() + raw, hashlib.sha256).digest()
    return {
        "webhook_id": delivery,
        "webhook_timestamp": timestamp,
        "webhook_signature": f"v1,{base64.b64encode(signature).decode()}",
    }


def github(secret: str, raw: bytes, delivery: str) -> dict[str, str]:
    """The headers of GitHub."""
    signature = hmac.new(secret.encode(), raw, hashlib.sha256).hexdigest()
    return {"X_GitHub_Delivery": delivery, "X_Hub_Signature_256": f"sha256={signature}"}


@pytest.fixture
async def hook(node: NodeStarter) -> AsyncIterator[Hook]:
    running = await node()
    _, token = await running.admit("Ada")
    async with client(running) as api, running.client(token) as manager:
        project = await manager.do("project.create", name="Works")
        made = await manager.do("agent.register", name="Builder", capabilities=[CAPABILITY])
        await manager.do(
            "project.set_member",
            project_id=project["id"],
            member_id=made["agent"]["id"],
            role=RoomRole.EDITOR,
        )
        hook = await manager.do(
            "trigger.create",
            project_id=project["id"],
            name="Pushes",
            kind="webhook",
            capability="build",
            input={"ref": "{{ref}}"},
        )
        yield Hook(api, manager, project["id"], hook["trigger"], hook["url"], hook["secret"])


async def test_a_signed_request_starts_a_run(hook: Hook) -> None:
    assert hook.url.endswith(hook.path)
    answer = await hook.send({"ref": "main"})
    assert answer.status == 200, answer
    assert (answer.body["error"], answer.body["repeated"]) == ("", False)
    (run,) = await hook.runs()
    assert (run["id"], run["trigger_id"]) == (answer.body["run_id"], hook.trigger["id"])
    details = await hook.manager.do("run.get", run_id=run["id"])
    assert details["input"] == {"ref": "main"}
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in answer.headers


async def test_github_signs_with_the_secret_as_it_is_shown(hook: Hook) -> None:
    raw = b'{"ref": "main"}'
    first = await hook.post(raw, **github(hook.secret, raw, "72d3162e"))
    again = await hook.post(raw, **github(hook.secret, raw, "72d3162e"))
    assert (first.status, again.status) == (200, 200)
    assert (first.body["repeated"], again.body["repeated"]) == (False, True)
    assert len(await hook.runs()) == 1
    wrong = await hook.post(raw, **github("whsec_other", raw, "72d3162f"))
    assert (wrong.status, wrong.code) == (404, ErrorCode.NOT_FOUND)


async def test_what_comes_again_is_answered_and_not_done_again(hook: Hook) -> None:
    first = await hook.send({"ref": "main"}, delivery="msg_1")
    again = await hook.send({"ref": "main"}, delivery="msg_1")
    assert (again.status, again.body) == (200, first.body | {"repeated": True})
    assert len(await hook.runs()) == 1


async def test_one_of_several_signatures_is_enough(hook: Hook) -> None:
    raw = b"{}"
    headers = standard(hook.secret, raw, "msg_1")
    right = headers["webhook_signature"]
    answer = await hook.post(raw, **headers | {"webhook_signature": f"v1,AAAA v1a,BBBB v1,* {right}"})
    assert answer.status == 200


async def test_without_the_secret_nothing_is_learned(hook: Hook) -> None:
    stopped = await hook.manager.do(
        "trigger.create", project_id=hook.project_id, name="Stopped", kind="webhook", capability="build"
    )
    await hook.manager.do("trigger.update", trigger_id=stopped["trigger"]["id"], version=1, enabled=False)
    answers = [
        await hook.send({}, secret="whsec_AAAA"),
        await hook.send({}, raw=b'{"ref": "other"}'),
        await hook.send({}, webhook_id="another"),
        await hook.send({}, webhook_signature=""),
        await hook.send({}, webhook_signature="v1,"),
        await hook.send({}, webhook_signature="v2,AAAA"),
        await hook.send({}, path=f"/api/hooks/{new_id()}"),
        await hook.send({}, path="/api/hooks/nothing"),
        await hook.send({}, path=f"/api/hooks/{stopped['trigger']['id']}", secret=stopped["secret"]),
    ]
    assert {answer.status for answer in answers} == {404}
    bodies = [answer.body["error"] | {"correlation_id": ""} for answer in answers]
    assert all(body == bodies[0] for body in bodies)
    assert await hook.runs() == []


async def test_a_replaced_secret_is_good_for_nothing(hook: Hook) -> None:
    made = await hook.manager.do("trigger.rotate_secret", trigger_id=hook.trigger["id"])
    assert (await hook.send({})).status == 404
    assert (await hook.send({}, secret=made["secret"])).status == 200


@pytest.mark.parametrize("off", [-310, 400])
async def test_an_old_or_early_request_is_refused(hook: Hook, off: int) -> None:
    answer = await hook.post(b"{}", **standard(hook.secret, b"{}", "msg_1", time.time() + off))
    assert (answer.status, answer.body["error"]["data"]) == (400, {"path": "webhook-timestamp"})
    assert await hook.runs() == []


@pytest.mark.parametrize(
    ("path", "changed"),
    [
        ("webhook-id", {"webhook_id": "with space"}),
        ("webhook-id", {"webhook_id": "x" * 201}),
        ("webhook-timestamp", {"webhook_timestamp": "now"}),
        ("webhook-timestamp", {"webhook_timestamp": "9" * 400}),
    ],
)
async def test_headers_that_say_nothing_are_named(hook: Hook, path: str, changed: dict[str, str]) -> None:
    answer = await hook.send({}, **changed)
    assert (answer.status, answer.body["error"]["data"]["path"]) == (400, path)


async def test_a_request_that_is_not_signed_is_told_how(hook: Hook) -> None:
    answer = await hook.post(b"{}")
    assert (answer.status, answer.code) == (400, ErrorCode.INVALID)
    assert "sign with the trigger's secret" in answer.body["error"]["message"]
    nameless = await hook.post(b"{}", X_Hub_Signature_256="sha256=00")
    assert nameless.body["error"]["data"] == {"path": "X-GitHub-Delivery"}


@pytest.mark.parametrize(
    "raw", [b"", b"[]", b"7", b"{", b"\xff", b'{"a":' * 40 + b"1" + b"}" * 40, b'{"a":' * 5_000]
)
async def test_a_signed_body_that_is_no_object_is_refused(hook: Hook, raw: bytes) -> None:
    answer = await hook.post(raw, **standard(hook.secret, raw, "msg_1"))
    assert (answer.status, answer.code) == (400, ErrorCode.INVALID)
    assert await hook.runs() == []


async def test_a_body_that_is_too_large_is_refused(hook: Hook) -> None:
    raw = b'"' + b"x" * MAX_JSON_BYTES + b'"'
    answer = await hook.post(raw, **standard(hook.secret, raw, "msg_1"))
    assert (answer.status, answer.code) == (413, ErrorCode.TOO_LARGE)


async def test_an_address_can_only_try_so_often(hook: Hook, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(throttle, "HOOK_ADDRESS", throttle.Rate("hook-address", 2, 60))
    statuses = [(await hook.send({}, secret="whsec_AAAA")).status for _ in range(3)]
    assert statuses == [404, 404, 429]
    assert (await hook.send({})).status == 429


async def test_a_trigger_takes_only_so_many_and_others_use_up_none(
    hook: Hook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(throttle, "HOOK_TRIGGER", throttle.Rate("hook-trigger", 2, 60))
    for _ in range(3):
        assert (await hook.send({}, secret="whsec_AAAA")).status == 404
    statuses = [(await hook.send({})).status for _ in range(3)]
    assert statuses == [200, 200, 429]
    assert len(await hook.runs()) == 2


async def test_why_there_is_no_run_is_told_to_the_sender(hook: Hook) -> None:
    await hook.manager.do(
        "trigger.update", trigger_id=hook.trigger["id"], version=1, capability="nobody_has_it"
    )
    answer = await hook.send({})
    assert (answer.status, answer.body["run_id"]) == (200, None)
    assert "nobody_has_it" in answer.body["error"]


async def test_neither_a_page_nor_a_token_gets_in(hook: Hook) -> None:
    _, token = await hook.api.running.admit("Eve")
    raw = b"{}"
    headers = standard("whsec_AAAA", raw, "msg_1")
    answer = await hook.post(raw, Authorization=f"Bearer {token}", Origin="https://evil.example", **headers)
    assert answer.status == 404
    assert "Access-Control-Allow-Origin" not in answer.headers


async def test_nodes_share_what_was_carried_out(hook: Hook, node: NodeStarter) -> None:
    other = await node()
    async with client(other) as api:
        raw, headers = b"{}", standard(hook.secret, b"{}", "msg_1")
        first = await hook.post(raw, **headers)
        again = await Hook(api, hook.manager, hook.project_id, hook.trigger, hook.url, hook.secret).post(
            raw, **headers
        )
    assert (first.body["repeated"], again.body["repeated"]) == (False, True)


def test_signatures_are_those_of_the_specification(monkeypatch: pytest.MonkeyPatch) -> None:
    # The example of the specification's reference libraries.
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    content = b'msg_p5jXN8AQM9LWM0D4loKWxJek.1614265330.{"test": 2432232314}'
    (signature,) = webhooks._listed("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")
    assert hmac.digest(webhooks._standard_key(secret), content, "sha256") == signature


async def test_firings_are_shown_in_the_metrics(hook: Hook) -> None:
    await hook.send({})
    text = (await hook.api.call("GET", "/metrics")).body.decode()
    (line,) = [
        line
        for line in text.splitlines()
        if line.startswith('ymera_trigger_firings_total{kind="webhook",outcome="run"}')
    ]
    assert float(line.rsplit(" ", 1)[1]) >= 1

"""The server serves what the protocol's table of routes says, and answers as its OpenAPI document says."""

import re
from typing import Any

import pytest
from aiohttp import web
from jsonschema import Draft202012Validator

from protocol import openapi
from protocol.errors import HTTP_STATUS, ErrorCode
from protocol.registry import COMMANDS
from protocol.rest import ROUTES, Auth, Route
from tests.api import PASSWORD, Answer, Api, client
from tests.nodes import NodeStarter

DOCUMENT = openapi.document("0")
GUARDED = [route for route in ROUTES if route.auth in {Auth.BEARER, Auth.PERSON}]
PREFIXES = ("/api/", "/health/", "/metrics", "/.well-known/")


def faults(route: Route, answer: Answer) -> list[str]:
    """What the document finds wrong with an answer."""
    documented = DOCUMENT["paths"][route.path][route.method.lower()]["responses"]
    if str(answer.status) not in documented:
        return [f"{answer.status} is not documented: {answer.body}"]
    content = documented[str(answer.status)].get("content")
    if content is None or route.method == "HEAD":
        return [] if answer.body is None else [f"{answer.body} where nothing should be"]
    ((media, described),) = content.items()
    if not answer.headers["Content-Type"].startswith(media):
        return [f"{answer.headers['Content-Type']} in place of {media}"]
    body = answer.body.decode() if isinstance(answer.body, bytes) else answer.body
    schema = {**described["schema"], "components": DOCUMENT["components"]}
    return [error.message for error in Draft202012Validator(schema).iter_errors(body)]


async def asked(api: Api, route: Route, body: Any = None, **more: Any) -> Answer:
    path = re.sub(r"\{\w+\}", "0198c2d4-7a10-7c3e-9b1f-2f6f0c9a4e11", route.path)
    return await api.call(route.method, path, body, **more)


async def test_the_server_has_exactly_the_routes_of_the_table(
    node: NodeStarter, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[web.Application] = []
    application = web.Application

    def kept(**options: Any) -> web.Application:
        made.append(application(**options))
        return made[-1]

    monkeypatch.setattr(web, "Application", kept)
    await node()
    served = {
        (route.method, route.resource.canonical)
        for route in made[0].router.routes()
        if route.resource is not None and route.resource.canonical.startswith(PREFIXES)
    }
    declared = {(route.method, route.path) for route in ROUTES}
    assert declared <= served
    # Without being asked, aiohttp answers HEAD where it answers GET.
    assert {method for method, _ in served - declared} <= {"*", "HEAD"}


async def test_open_routes_answer_as_documented(api: Api) -> None:
    for route in ROUTES:
        if route.auth is Auth.NONE and route.method == "GET":
            answer = await asked(api, route)
            assert answer.status == (403 if "{token}" in route.path else route.status), route
            assert faults(route, answer) == [], route


async def test_guarded_routes_refuse_a_caller_without_credentials_as_documented(api: Api) -> None:
    for route in GUARDED:
        answer = await asked(api, route, {"name": "ci"} if route.body else None)
        assert answer.status == HTTP_STATUS[ErrorCode.UNAUTHENTICATED], route
        assert faults(route, answer) == [], route


async def test_routes_for_people_refuse_a_programs_token_as_documented(node: NodeStarter) -> None:
    running = await node()
    _, token = await running.admit("Ada")
    async with client(running) as api:
        for route in GUARDED:
            if route.auth is Auth.PERSON:
                answer = await asked(api, route, BODIES.get(route.path) if route.body else None, token=token)
                assert answer.code is ErrorCode.FORBIDDEN, route
                assert faults(route, answer) == [], route


async def test_routes_with_a_body_refuse_one_that_does_not_fit_as_documented(api: Api) -> None:
    await api.person("ada")
    token = (await api.signed_in("ada@example.org"))["access_token"]
    for route in ROUTES:
        if route.body is not None:
            answer = await asked(api, route, {"surplus": 1}, token=token)
            assert answer.code is ErrorCode.INVALID, route
            assert faults(route, answer) == [], route


BODIES = {
    "/api/tokens": {"name": "ci"},
    "/api/auth/password": {"current": PASSWORD, "new": "another long one"},
}
"""A body that fits, of each guarded route with one."""


async def test_signed_in_people_are_answered_as_documented(api: Api) -> None:
    await api.person("ada")
    token = (await api.signed_in("ada@example.org"))["access_token"]
    for route in GUARDED:
        answer = await asked(api, route, BODIES.get(route.path) if route.body else None, token=token)
        assert faults(route, answer) == [], route
        if not route.raw:
            assert answer.status == (404 if "{id}" in route.path else route.status), route


async def test_the_documents_are_served(api: Api) -> None:
    rest = (await api.call("GET", "/api/openapi.json")).body
    live = (await api.call("GET", "/api/asyncapi.json")).body
    assert rest["paths"].keys() == DOCUMENT["paths"].keys()
    assert live["operations"].keys() >= COMMANDS.keys()
    assert rest["info"]["version"] == live["info"]["version"] != ""

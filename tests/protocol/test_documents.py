"""The OpenAPI and AsyncAPI documents are valid, whole, and true of the golden examples."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

import protocol
from protocol import asyncapi, openapi
from protocol.errors import HTTP_STATUS, ErrorCode
from protocol.registry import COMMANDS, EPHEMERA, EVENTS
from protocol.rest import ROUTES, Auth, Route

EXAMPLES = Path(protocol.__file__).parent / "examples"
SURFACE = asyncapi.document("1.2.3")
REST = openapi.document("1.2.3")


def example(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((EXAMPLES / f"{name}.json").read_text(encoding="utf-8"))
    return loaded


def references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for each in node.values():
            yield from references(each)
    elif isinstance(node, list):
        for each in node:
            yield from references(each)


def resolve(document: dict[str, Any], reference: str) -> Any:
    node: Any = document
    for part in reference.removeprefix("#/").split("/"):
        node = node[part]
    return node


def faults(payload: dict[str, Any], value: Any) -> list[str]:
    """What JSON Schema finds wrong with a value, by a message's payload in the AsyncAPI document."""
    schema = {**payload, "components": SURFACE["components"]}
    return [error.message for error in Draft202012Validator(schema).iter_errors(value)]


@pytest.mark.parametrize("document", [SURFACE, REST], ids=["asyncapi", "openapi"])
def test_a_document_is_plain_json_and_refers_only_to_what_it_holds(document: dict[str, Any]) -> None:
    assert json.loads(json.dumps(document)) == document
    assert document["info"]["version"] == "1.2.3"
    for reference in references(document):
        resolve(document, reference)


def test_openapi_takes_the_rest_document() -> None:
    OpenAPIV31SpecValidator(REST).validate()


def test_the_rest_document_has_each_route_once() -> None:
    documented = [(method.upper(), path) for path, methods in REST["paths"].items() for method in methods]
    assert sorted(documented) == sorted((route.method, route.path) for route in ROUTES)
    operations = [
        operation["operationId"] for methods in REST["paths"].values() for operation in methods.values()
    ]
    assert len(operations) == len(set(operations))


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.path}")
def test_a_route_says_what_it_takes_and_answers(route: Route) -> None:
    operation = REST["paths"][route.path][route.method.lower()]
    assert ("requestBody" in operation) is bool(route.body is not None or route.sends)
    says = route.method == "GET" if route.raw and route.answer is None else route.status != 204
    assert ("content" in operation["responses"][str(route.status)]) is says
    assert (operation["security"] == []) is (route.auth is Auth.NONE)
    answered = {int(status) for status in operation["responses"]} - {route.status}
    expected = {HTTP_STATUS[code] for code in route.all_errors} | {status for status, _ in route.also}
    assert answered - {route.or_status} == expected - {route.or_status}
    assert bool("{" in route.path or route.query or route.headers) is ("parameters" in operation)


@pytest.mark.parametrize("auth", [auth for auth in Auth if auth is not Auth.NONE])
def test_a_guarded_route_can_refuse_who_calls(auth: Auth) -> None:
    errors = Route("GET", "/", "", auth=auth).all_errors
    assert {ErrorCode.UNAUTHENTICATED, ErrorCode.TOKEN_EXPIRED} <= set(errors)


def test_the_socket_document_has_every_message() -> None:
    receives = {name for name, operation in SURFACE["operations"].items() if operation["action"] == "receive"}
    assert receives == set(COMMANDS)
    assert set(SURFACE["channels"]) == {*COMMANDS, *EPHEMERA, "event", "events"}
    assert set(SURFACE["channels"]["event"]["messages"]) == set(EVENTS)


@pytest.mark.parametrize("name", COMMANDS)
def test_the_schemas_of_a_command_take_its_example(name: str) -> None:
    shown, messages = example(name), SURFACE["channels"][name]["messages"]
    assert faults(messages["request"]["payload"], shown["payload"]) == []
    assert faults(messages["ack"]["payload"], {"ok": True, "result": shown["reply"]}) == []
    assert faults(messages["request"]["payload"], shown["payload"] | {"surplus": 1}) != []


@pytest.mark.parametrize("name", EVENTS)
def test_the_schemas_of_an_event_take_its_example(name: str) -> None:
    shown, messages = example(name)["event"], SURFACE["channels"]["event"]["messages"]
    assert faults(messages[name]["payload"], shown) == []
    assert faults(messages[name]["payload"], shown | {"data": {}}) != []
    assert faults(SURFACE["channels"]["events"]["messages"]["events"]["payload"], [shown]) == []


@pytest.mark.parametrize("name", EPHEMERA)
def test_the_schemas_of_a_message_outside_the_log_take_its_example(name: str) -> None:
    payload = SURFACE["channels"][name]["messages"]["message"]["payload"]
    assert faults(payload, example(name)["message"]) == []


def test_every_ack_may_be_a_failure() -> None:
    error = {"code": "not_found", "message": "x", "retryable": False, "data": {}, "correlation_id": "c"}
    for name in COMMANDS:
        payload = SURFACE["channels"][name]["messages"]["ack"]["payload"]
        assert faults(payload, {"ok": False, "error": error}) == []
        assert faults(payload, {"ok": False, "result": None}) != []

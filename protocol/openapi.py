"""The REST surface as an OpenAPI 3.1 document, made from the table of routes."""

import re
from typing import Any

import msgspec

from protocol.errors import HTTP_STATUS, ErrorCode
from protocol.fields import Id
from protocol.rest import CSRF_HEADER, ROUTES, SESSION_COOKIE, Auth, Problem, Route

_REFERENCE = "#/components/schemas/{name}"
_SECURITY: dict[Auth, list[dict[str, list[str]]]] = {
    Auth.NONE: [],
    Auth.BEARER: [{"token": []}],
    Auth.PERSON: [{"token": []}],
    Auth.REFRESH: [{}, {"cookie": [], "csrf": []}],
}
"""For `refresh` the empty entry stands for a refresh token in the body."""


def document(server_version: str) -> dict[str, Any]:
    """Return the document as plain JSON values."""
    types = _types()
    schemas, components = msgspec.json.schema_components(types, ref_template=_REFERENCE)
    by_type = dict(zip(map(repr, types), schemas, strict=True))
    paths: dict[str, dict[str, Any]] = {}
    for route in ROUTES:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route, by_type)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "YMERA REST API",
            "version": server_version,
            "description": "Accounts, sign-in, tokens, webhooks, files' bytes. All else goes over Socket.IO: "
            "see /api/asyncapi.json.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {"schemas": components, "securitySchemes": _schemes()},
    }


def _types() -> list[Any]:
    used = [Problem, Id, *(route.body for route in ROUTES), *(route.answer for route in ROUTES)]
    return list({repr(each): each for each in used if each is not None}.values())


def _operation(route: Route, schemas: dict[str, Any]) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": _operation_id(route),
        "summary": route.summary,
        "security": _SECURITY[route.auth],
        "responses": _responses(route, schemas),
    }
    if parameters := _parameters(route, schemas):
        operation["parameters"] = parameters
    if route.sends:
        operation["requestBody"] = {"content": {route.sends: {}}}
    if route.body is not None:
        operation["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": schemas[repr(route.body)]}},
        }
    return operation


def _parameters(route: Route, schemas: dict[str, Any]) -> list[dict[str, Any]]:
    text = {"type": "string"}
    parameters: list[dict[str, Any]] = [
        {"name": name, "in": "path", "required": True, "schema": schemas[repr(Id)] if name == "id" else text}
        for name in re.findall(r"\{(\w+)\}", route.path)
    ]
    for place, described in (("query", route.query), ("header", route.headers)):
        parameters += [
            {"name": name, "in": place, "description": meaning, "schema": text} for name, meaning in described
        ]
    return parameters


def _operation_id(route: Route) -> str:
    words = re.findall(r"[a-z]+", route.path.replace(".json", ""))
    left_out = {"api"} if route.raw else {"api", "id"}
    return "_".join([route.method.lower(), *(word for word in words if word not in left_out)])


def _responses(route: Route, schemas: dict[str, Any]) -> dict[str, Any]:
    done: dict[str, Any] = {"description": "Done."}
    if route.answer is not None:
        done["content"] = {route.media: {"schema": schemas[repr(route.answer)]}}
    elif route.raw and route.method == "GET":
        done["content"] = {route.media: {}}
    responses = {str(route.status): done}
    problem = {"application/json": {"schema": schemas[repr(Problem)]}}
    for status, meaning in route.also:
        responses[str(status)] = {"description": meaning} | ({"content": problem} if status >= 400 else {})
    by_status: dict[int, list[ErrorCode]] = {}
    for code in route.all_errors:
        by_status.setdefault(HTTP_STATUS[code], []).append(code)
    if route.or_status is not None:
        by_status.pop(route.or_status, None)
        responses[str(route.or_status)] = done
    for status, codes in sorted(by_status.items()):
        responses[str(status)] = {
            "description": " or ".join(f"`{code}`" for code in codes),
            "content": problem,
        }
    return responses


def _schemes() -> dict[str, Any]:
    return {
        "token": {
            "type": "http",
            "scheme": "bearer",
            "description": "An access token (a JWT) or, where programs may, a program's token (`ymt_…`).",
        },
        "cookie": {"type": "apiKey", "in": "cookie", "name": SESSION_COOKIE},
        "csrf": {
            "type": "apiKey",
            "in": "header",
            "name": CSRF_HEADER,
            "description": "With the cookie, the value 1.",
        },
    }

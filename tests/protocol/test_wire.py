"""What clients send is decoded, or refused with the place and the remedy; nothing else can happen."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import protocol
from protocol.accounts import Login, TokenCreate
from protocol.errors import ApiError, ErrorCode
from protocol.registry import COMMANDS
from protocol.wire import Failure, Success, command_spec, decode_command, decode_json, encode

ID = "0198c2d4-7a10-7c3e-9b1f-2f6f0c9a4e11"
EXAMPLES = Path(protocol.__file__).parent / "examples"
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters(categories=None))
    | st.sampled_from([ID, "", " ", "a\n", "\x00", 2**53, 2**64, -1, "2026-03-01", "2026-13-01T00:00:00Z"])
)
JSON = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=10,
)


def payload(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((EXAMPLES / f"{name}.json").read_text(encoding="utf-8"))["payload"]
    return loaded


def outcome(attempt: Callable[[], object]) -> object:
    try:
        return attempt()
    except ApiError as refusal:
        return refusal


def refused(attempt: Callable[[], object]) -> ApiError:
    error = outcome(attempt)
    assert isinstance(error, ApiError)
    assert error.code is ErrorCode.INVALID
    return error


def assert_decoded_or_invalid(name: str, sent: Any) -> None:
    """Whatever comes is the command, or `invalid` with a short path and a printable sentence."""
    spec = COMMANDS[name]
    got = outcome(lambda: decode_command(spec, sent))
    if not isinstance(got, ApiError):
        assert isinstance(got, spec.type)
        return
    assert got.code is ErrorCode.INVALID
    assert got.message.endswith(".")
    assert got.message.isprintable()
    assert len(got.message) < 1_000
    assert isinstance(got.data["path"], str)
    assert len(got.data["path"]) < 200


@given(name=st.sampled_from(sorted(COMMANDS)), sent=JSON)
def test_any_json_is_a_command_or_invalid(name: str, sent: Any) -> None:
    assert_decoded_or_invalid(name, sent)


@given(data=st.data(), name=st.sampled_from(sorted(COMMANDS)), value=JSON)
def test_one_changed_field_leaves_a_command_or_makes_it_invalid(
    data: st.DataObject, name: str, value: Any
) -> None:
    fields = st.sampled_from(COMMANDS[name].type.__struct_fields__) | st.text(st.characters(categories=None))
    assert_decoded_or_invalid(name, payload(name) | {data.draw(fields): value})


@given(name=st.sampled_from(sorted(COMMANDS)), gone=st.integers(min_value=0))
def test_a_missing_field_leaves_a_command_or_makes_it_invalid(name: str, gone: int) -> None:
    shown = payload(name)
    fields = sorted(shown) or [""]
    shown.pop(fields[gone % len(fields)], None)
    assert_decoded_or_invalid(name, shown)


@given(body=st.binary(max_size=200) | JSON.map(lambda value: json.dumps(value).encode()))
def test_any_body_is_decoded_or_invalid(body: bytes) -> None:
    got = outcome(lambda: decode_json(body, Login))
    assert isinstance(got, Login) or (isinstance(got, ApiError) and got.code is ErrorCode.INVALID)


@pytest.mark.parametrize(
    ("name", "changed", "path", "message"),
    [
        (
            "task.create",
            {"title": " "},
            "title",
            "title: must be one line of 1 to 300 characters, not blank.",
        ),
        ("task.create", {"title": 7}, "title", "title: must be one line of 1 to 300 characters, not blank."),
        ("task.create", {"project_id": "x"}, "project_id", "project_id: must be a UUID in lower case."),
        ("task.create", {"labels": ["a"] * 21}, "labels", "labels: must be a list of at most 20 items."),
        (
            "task.create",
            {"labels": ["a", ""]},
            "labels[1]",
            "labels[1]: must be one line of 1 to 40 characters, not blank.",
        ),
        ("task.create", {"status": "so"}, "status", None),
        ("task.create", {"due": "2026-02-30"}, "due", "due: must be a date such as 2026-03-01 or null."),
        (
            "task.create",
            {"estimate": -1},
            "estimate",
            "estimate: must be a number from 0 to 100,000 or null.",
        ),
        ("task.depend", {"on": [ID, 5]}, "on[1]", "on[1]: must be a UUID in lower case."),
        (
            "task.depend",
            {"on": []},
            "on",
            "on: must be a UUID in lower case or a list of 1 to 100 items.",
        ),
        ("task.list", {"limit": 201}, "limit", "limit: must be a whole number from 1 to 200."),
        ("task.list", {"blocked": "no"}, "blocked", "blocked: must be true or false or null."),
        (
            "invitation.update",
            {"expires_at": "2026-03-01T00:00:00"},
            "expires_at",
            "expires_at: must be a time with its offset such as 2026-03-01T09:30:00Z.",
        ),
        ("task.create", {"titel": "x"}, "titel", "titel: there is no such field; title may be meant."),
        (
            "room.leave",
            {"\n" + "x" * 500: 1},
            "?" + "x" * 79,
            f"?{'x' * 79}: there is no such field; there are command_id, room.",
        ),
    ],
)
def test_a_refusal_names_the_field_and_the_remedy(
    name: str, changed: dict[str, Any], path: str, message: str | None
) -> None:
    error = refused(lambda: decode_command(COMMANDS[name], payload(name) | changed))
    assert error.data == {"path": path}
    assert message is None or error.message == message


def test_a_refusal_lists_the_words_that_a_field_takes() -> None:
    sent = payload("task.transition") | {"status": "doing"}
    error = refused(lambda: decode_command(COMMANDS["task.transition"], sent))
    assert error.message == ("status: must be one of backlog, todo, in_progress, in_review, done, canceled.")


def test_a_missing_field_is_named() -> None:
    error = refused(lambda: decode_command(COMMANDS["task.create"], {"project_id": ID}))
    assert error.data == {"path": "title"}
    assert error.message == "title: is missing; it must be one line of 1 to 300 characters, not blank."


@pytest.mark.parametrize("sent", [[], "x", 7, False, 0, ""])
def test_a_payload_is_an_object(sent: Any) -> None:
    error = refused(lambda: decode_command(COMMANDS["workspace.get"], sent))
    assert error.message == "A command's payload is one JSON object."


def test_no_payload_counts_as_an_empty_one() -> None:
    spec = COMMANDS["workspace.get"]
    assert decode_command(spec, None) == decode_command(spec, {}) == spec.type()


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b'{"email": "a@b", "password": "\xff"}'])
def test_a_body_that_is_no_json_is_refused(body: bytes) -> None:
    assert refused(lambda: decode_json(body, Login)).message.startswith("The body is not JSON")


def test_a_body_is_an_object() -> None:
    assert refused(lambda: decode_json(b"[]", Login)).message == "The request: must be an object."


def test_a_body_is_refused_by_field_too() -> None:
    error = refused(lambda: decode_json(b'{"name": "ci", "expires_in_days": 0}', TokenCreate))
    assert error.message == "expires_in_days: must be a whole number from 1 to 366."


def test_an_unknown_command_is_named_and_cut_short() -> None:
    with pytest.raises(ApiError) as refusal:
        command_spec("x" * 10_000)
    assert refusal.value.code is ErrorCode.UNKNOWN_COMMAND
    assert "x" * 80 in refusal.value.message
    assert "x" * 81 not in refusal.value.message
    assert command_spec("task.get") is COMMANDS["task.get"]


def test_acks_look_the_same_for_every_command() -> None:
    assert json.loads(encode(Success(result=None))) == {"ok": True, "result": None}
    error = ApiError(ErrorCode.RATE_LIMITED, "Too fast.", retry_after=2).body("c-1")
    assert json.loads(encode(Failure(error=error))) == {
        "ok": False,
        "error": {
            "code": "rate_limited",
            "message": "Too fast.",
            "retryable": True,
            "data": {"retry_after": 2},
            "correlation_id": "c-1",
        },
    }

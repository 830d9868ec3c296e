"""Webhooks: requests from elsewhere that fire a trigger, each once.

Invariants: a request is believed for its signature alone, which no cookie or token replaces. Who does not
have the secret gets the same answer, be there no such trigger, be it stopped or the signature wrong.
"""

import base64
import hmac
import re
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import structlog
from aiohttp import web

from handlers import firing, templates
from handlers.triggers import SECRET_PREFIX
from persistence import triggers
from protocol.errors import ApiError, ErrorCode, invalid, not_found
from protocol.fields import ID_PATTERN, MAX_JSON_BYTES
from protocol.rest import Fired
from protocol.wire import decode_json
from server import context, throttle
from server.middleware import client_address

logger = structlog.get_logger(__name__)

TOLERANCE_SECONDS = 300
"""By how much a sender's clock may be off."""
MAX_SIGNATURES = 10
"""Of one request: while a sender changes its secret, it signs with both."""

_ID = re.compile(r"[!-~]{1,200}")
_NOBODYS = SECRET_PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()
"""Stands in for the secret of a trigger that there is not, so that refusing takes as long."""


@dataclass(frozen=True, slots=True)
class Signed:
    """A request as its sender has signed it."""

    id: str
    """It is carried out once for this."""
    content: bytes
    signatures: tuple[bytes, ...]
    key: Callable[[str], bytes]
    """What to sign with, from the secret."""


async def receive(request: web.Request, _: None) -> Fired:
    """Fire the trigger that the path names, for a request that is signed with its secret."""
    address = client_address(request, request.app[context.SETTINGS].trusted_proxies)
    limits = request.app[context.LIMITS]
    await limits.take(throttle.HOOK_ADDRESS, throttle.subject_of(address))
    trigger_id, raw = request.match_info["id"], await _content(request)
    signed = _signed(request, raw)
    if ID_PATTERN.fullmatch(trigger_id) is None or not await _genuine(request, trigger_id, signed):
        raise not_found("webhook")
    # Only now: what others send must not use up the sender's.
    await limits.take(throttle.HOOK_TRIGGER, trigger_id)
    deliver = partial(firing.deliver, trigger_id=trigger_id, key=signed.id, body=_body(raw))
    fired = await request.app[context.DISPATCHER].attend(deliver)
    if fired is None:
        raise not_found("webhook")
    return fired


async def _content(request: web.Request) -> bytes:
    if (request.content_length or 0) <= MAX_JSON_BYTES:
        raw = await request.read()
        if len(raw) <= MAX_JSON_BYTES:
            return raw
    raise ApiError(ErrorCode.TOO_LARGE, f"A webhook's body has at most {MAX_JSON_BYTES:,} bytes.")


def _signed(request: web.Request, raw: bytes) -> Signed:
    """What the headers say; ApiError `invalid` if they say nothing, whatever the trigger."""
    headers = request.headers
    if "webhook-id" in headers:
        timestamp = _timestamp(headers.get("webhook-timestamp", ""))
        sent_id = _id("webhook-id", headers["webhook-id"])
        content = f"{sent_id}.{timestamp}.".encode() + raw
        return Signed(sent_id, content, _listed(headers.get("webhook-signature", "")), _standard_key)
    if "X-Hub-Signature-256" in headers:
        sent_id = _id("X-GitHub-Delivery", headers.get("X-GitHub-Delivery", ""))
        return Signed(sent_id, raw, _hexadecimal(headers["X-Hub-Signature-256"]), str.encode)
    message = "webhook-id: is missing; sign with the trigger's secret as Standard Webhooks or GitHub do."
    raise invalid(message, "webhook-id")


def _id(header: str, value: str) -> str:
    if _ID.fullmatch(value) is None:
        raise invalid(f"{header}: must be 1 to 200 characters of ASCII without spaces.", header)
    return value


def _timestamp(value: str) -> str:
    sent_at = int(value) if re.fullmatch(r"[0-9]{1,12}", value) else 0
    if abs(time.time() - sent_at) > TOLERANCE_SECONDS:
        message = f"webhook-timestamp: must be now in seconds since 1970, at most {TOLERANCE_SECONDS} s off."
        raise invalid(message, "webhook-timestamp")
    return value


def _listed(value: str) -> tuple[bytes, ...]:
    """The signatures of version 1 in a header of Standard Webhooks; those that are none match nothing."""
    signatures = []
    for each in value.split()[:MAX_SIGNATURES]:
        version, _, text = each.partition(",")
        if version == "v1":
            try:
                signatures.append(base64.b64decode(text, validate=True))
            except ValueError:
                continue
    return tuple(signatures)


def _hexadecimal(value: str) -> tuple[bytes, ...]:
    try:
        return (bytes.fromhex(value.removeprefix("sha256=")),)
    except ValueError:
        return ()


def _standard_key(secret: str) -> bytes:
    return base64.b64decode(secret.removeprefix(SECRET_PREFIX))


async def _genuine(request: web.Request, trigger_id: str, signed: Signed) -> bool:
    """Whether a request was signed with the secret of a trigger that fires."""
    sealed = await triggers.sealed_secret(request.app[context.POOL], trigger_id)
    opened = None if sealed is None else request.app[context.SEAL].open(sealed)
    if sealed is not None and opened is None:
        logger.warning("webhook_secret_sealed_with_another_secret_key", trigger=trigger_id)
    secret = _NOBODYS if opened is None else opened.decode()
    expected = hmac.digest(signed.key(secret), signed.content, "sha256")
    equal = [hmac.compare_digest(expected, signature) for signature in signed.signatures]
    return opened is not None and any(equal)


def _body(raw: bytes) -> dict[str, Any]:
    body: dict[str, Any] = decode_json(raw, dict[str, Any])
    if templates.deeper(body, templates.MAX_LEVELS):
        raise invalid(f"The body is nested more than {templates.MAX_LEVELS} levels deep.", "")
    return body

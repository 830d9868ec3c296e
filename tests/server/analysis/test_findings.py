"""Secrets are found by what they look like, and never repeated."""

import msgspec
import pytest

from server.analysis import findings, metadata
from tests.server.analysis.conftest import Reader

# Put together here, so that nobody takes this file for a leak.
LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789" * 3
SECRETS = {
    "private-key": "-----BEGIN RSA " + "PRIVATE KEY-----",
    "aws-access-key": "AKIA" + "ABCDEFGH234567AB",
    "github-token": "ghp_" + LETTERS[:36],
    "github-fine-grained-token": "github_pat_" + LETTERS[:82],
    "gitlab-token": "glpat-" + LETTERS[:20],
    "slack-token": "xoxb-" + LETTERS[:24],
    "slack-webhook": "https://hooks.slack.com/services/" + "T0ABC/B0ABC/" + LETTERS[:24],
    "stripe-key": "sk_live_" + LETTERS[:24],
    "google-api-key": "AIza" + LETTERS[:35],
    "openai-key": "sk-proj-" + LETTERS[:20] + "T3BlbkFJ" + LETTERS[:20],
    "anthropic-key": "sk-ant-api03-" + LETTERS[:90],
    "npm-token": "npm_" + LETTERS[:36],
    "pypi-token": "pypi-AgE" + LETTERS[:60],
    "sendgrid-key": "SG." + LETTERS[:22] + "." + LETTERS[:43],
    "azure-storage-key": "AccountKey=" + LETTERS[:86] + "==",
    "telegram-token": "123456789:AA" + LETTERS[:33],
    "json-web-token": "eyJ" + LETTERS[:20] + ".eyJ" + LETTERS[:20] + "." + LETTERS[:30],
    "password-in-address": "postgres://ada:" + "lovelace@db.example.org/x",
}


@pytest.mark.parametrize("rule", SECRETS)
def test_each_rule_finds_its_secret(read: Reader, rule: str) -> None:
    reading = read(f"one\nkey = '{SECRETS[rule]}'\n".encode(), "a.py")
    assert [(found.rule, found.page, found.line) for found in reading.findings] == [(rule, 1, 2)]
    assert SECRETS[rule] not in msgspec.json.encode(reading.findings).decode()


def test_rules_and_secrets_are_the_same() -> None:
    assert set(findings.RULES) == set(SECRETS)


@pytest.mark.parametrize(
    "said",
    [
        "https://example.org/a:b@c",
        "postgres://$USER:$PASSWORD@host",
        "postgres://<user>:<password>@host",
        "AKIA is a prefix",
        "sk_test_" + LETTERS[:24],
        "x" * 10_000,
    ],
)
def test_what_only_looks_like_one(said: str) -> None:
    assert findings.find([said]) == []


def test_findings_are_bounded() -> None:
    assert len(findings.find([f"{SECRETS['npm-token']}\n" * 200])) == findings.MAX_FINDINGS


def test_metadata_are_bounded_json() -> None:
    said = {
        "title": "x\0" * 5_000,
        "list": ["y" * 900] * 150,
        "nan": float("nan"),
        "bytes": b"1",
        "big": 2**70,
    }
    fitted = metadata.bounded(said | {"deep": {"a": {"b": {"c": {"d": 1}}}}, "empty": ""})
    assert len(msgspec.json.encode(fitted)) <= metadata.MAX_BYTES
    assert set(fitted) == {"title", "list", "big", "truncated"}
    assert len(fitted["title"]) == metadata.MAX_STRING

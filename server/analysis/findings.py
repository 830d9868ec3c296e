"""Secrets that got into a file: keys and tokens of well-known services, by the shape that only they have.

The rules are those whose shape leaves no doubt, for each finding is put before people. What was found is
named by its rule and its place; it is itself kept nowhere.
"""

import re
from itertools import islice

from protocol.files import Finding

MAX_FINDINGS = 100

RULES = {
    "private-key": ("PRIVATE KEY", r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY(?: BLOCK)?-----"),
    "aws-access-key": ("IA", r"\b(?:AKIA|ASIA)[A-Z2-7]{16}\b"),
    "github-token": ("gh", r"\bgh[pousr]_[A-Za-z0-9]{36,255}\b"),
    "github-fine-grained-token": ("github_pat_", r"\bgithub_pat_[A-Za-z0-9_]{82}\b"),
    "gitlab-token": ("glpat-", r"\bglpat-[A-Za-z0-9_-]{20,}"),
    "slack-token": ("xox", r"\bxox[abeprs]-[A-Za-z0-9-]{20,}"),
    "slack-webhook": (
        "hooks.slack.com",
        r"https://hooks\.slack\.com/services/T[A-Z0-9]+/B[A-Z0-9]+/[A-Za-z0-9]{20,}",
    ),
    "stripe-key": ("k_live_", r"\b[rs]k_live_[A-Za-z0-9]{20,}\b"),
    "google-api-key": ("AIza", r"\bAIza[A-Za-z0-9_-]{35}(?![A-Za-z0-9_-])"),
    "openai-key": ("T3BlbkFJ", r"\bsk-(?:proj-|svcacct-)?[A-Za-z0-9_-]{20,200}T3BlbkFJ[A-Za-z0-9_-]{20,}"),
    "anthropic-key": ("sk-ant-", r"\bsk-ant-[a-z]+\d{2}-[A-Za-z0-9_-]{80,}"),
    "npm-token": ("npm_", r"\bnpm_[A-Za-z0-9]{36}\b"),
    "pypi-token": ("pypi-AgE", r"\bpypi-AgE[A-Za-z0-9_-]{60,}"),
    "sendgrid-key": ("SG.", r"\bSG\.[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{43}"),
    "azure-storage-key": ("AccountKey=", r"\bAccountKey=[A-Za-z0-9+/]{86}=="),
    "telegram-token": (":AA", r"\b\d{8,10}:AA[A-Za-z0-9_-]{33}(?![A-Za-z0-9_-])"),
    "json-web-token": ("eyJ", r"\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{20,}"),
    "password-in-address": (
        "://",
        r"\b[a-z][a-z0-9+.-]{1,20}://[^\s/:@'\"<>{}$]{1,100}:[^\s/:@'\"<>{}$]{3,100}@[A-Za-z0-9.-]+",
    ),
}
"""By name: what text with such a secret always has in it, which is quickly looked for, and its shape."""

_SHAPES = {rule: (mark, re.compile(shape)) for rule, (mark, shape) in RULES.items()}


def find(pages: list[str]) -> list[Finding]:
    """The secrets in a text, by page and line from 1; at most MAX_FINDINGS."""
    found: list[Finding] = []
    for number, page in enumerate(pages, 1):
        places = [
            (page.count("\n", 0, match.start()) + 1, rule)
            for rule, (mark, shape) in _SHAPES.items()
            if mark in page
            for match in islice(shape.finditer(page), MAX_FINDINGS)
        ]
        found += (Finding(kind="secret", rule=rule, page=number, line=line) for line, rule in sorted(places))
        if len(found) >= MAX_FINDINGS:
            break
    return found[:MAX_FINDINGS]

"""Secrets that got into a file: keys and tokens of well-known services, by the shape that only they have.

The rules are those whose shape leaves no doubt, for each finding is put before people. What was found is
named by its rule and its place; it is itself kept nowhere.
"""

import re

from protocol.files import Finding

MAX_FINDINGS = 100
MAX_LINE = 20_000
"""Characters of a line that are looked at."""

_RULES = {
    "private-key": r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY(?: BLOCK)?-----",
    "aws-access-key": r"\b(?:AKIA|ASIA)[A-Z2-7]{16}\b",
    "github-token": r"\b(?:gh[pousr]_[A-Za-z0-9]{36,255}|github_pat_[A-Za-z0-9_]{82})\b",
    "gitlab-token": r"\bglpat-[A-Za-z0-9_-]{20,}",
    "slack-token": r"\bxox[abeprs]-[A-Za-z0-9-]{20,}",
    "slack-webhook": r"https://hooks\.slack\.com/services/T[A-Z0-9]+/B[A-Z0-9]+/[A-Za-z0-9]{20,}",
    "stripe-key": r"\b[rs]k_live_[A-Za-z0-9]{20,}\b",
    "google-api-key": r"\bAIza[A-Za-z0-9_-]{35}(?![A-Za-z0-9_-])",
    "openai-key": r"\bsk-(?:proj-|svcacct-)?[A-Za-z0-9_-]{20,}T3BlbkFJ[A-Za-z0-9_-]{20,}",
    "anthropic-key": r"\bsk-ant-[a-z]+\d{2}-[A-Za-z0-9_-]{80,}",
    "npm-token": r"\bnpm_[A-Za-z0-9]{36}\b",
    "pypi-token": r"\bpypi-AgE[A-Za-z0-9_-]{60,}",
    "sendgrid-key": r"\bSG\.[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{43}",
    "azure-storage-key": r"\bAccountKey=[A-Za-z0-9+/]{86}==",
    "telegram-token": r"\b\d{8,10}:AA[A-Za-z0-9_-]{33}(?![A-Za-z0-9_-])",
    "json-web-token": r"\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{20,}",
    "password-in-address": r"\b[a-z][a-z0-9+.-]{1,20}://[^\s/:@'\"<>{}$]{1,100}:[^\s/:@'\"<>{}$]{3,100}@[A-Za-z0-9.-]+",
}
_ANY = re.compile("|".join(f"(?P<{rule.replace('-', '_')}>{shape})" for rule, shape in _RULES.items()))


def find(pages: list[str]) -> list[Finding]:
    """The secrets in a text, by page and line from 1; at most MAX_FINDINGS."""
    found: list[Finding] = []
    for number, page in enumerate(pages, 1):
        for line, said in enumerate(page.splitlines(), 1):
            for match in _ANY.finditer(said[:MAX_LINE]):
                if len(found) == MAX_FINDINGS:
                    return found
                rule = (match.lastgroup or "").replace("_", "-")
                found.append(Finding(kind="secret", rule=rule, page=number, line=line))
    return found

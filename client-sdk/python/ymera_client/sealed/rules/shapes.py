# ruff: noqa: E501 - patterns are not divided.
"""What the content of an encrypted room looks like. Written by scripts/generate.py; do not edit."""

from typing import Any

Shape = dict[str, Any]
"""`kind` with its bounds, `words` for whoever reads an error, and `nullable` where null will do."""

MAX_RESPACED = 2_048
"""Tasks that get new ranks with one command."""
MAX_SAID = 40_000
"""Characters of what a version of a file says that its author tells everybody."""
MAX_SAID_PAGES = 500
"""Pages that these may be divided into."""
BLANK = "^[\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]*\\Z"
"""A pattern: nothing but white space."""
ID: Shape = {
    "kind": "text",
    "pattern": "^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\\Z",
    "words": "a UUID in lower case",
}
TEXT: Shape = {
    "kind": "text",
    "max": 20000,
    "pattern": "^[^\\x00]*\\Z",
    "words": "text of at most 20,000 characters, without NUL",
}
BODY: Shape = {
    "kind": "text",
    "min": 1,
    "max": 20000,
    "pattern": "^(?![\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]*\\Z)[^\\x00]*\\Z",
    "words": "text of 1 to 20,000 characters, not blank and without NUL",
}
VERSION: Shape = {
    "kind": "number",
    "whole": True,
    "min": 1,
    "max": 9007199254740991,
    "words": "a whole number from 1 to 9,007,199,254,740,991",
}
EMOJI: Shape = {
    "kind": "text",
    "min": 1,
    "max": 32,
    "pattern": "^[^\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000\\x00-\\x1f\\x7f]+\\Z",
    "words": "an emoji or short name of 1 to 32 characters, without spaces",
}
NAME: Shape = {
    "kind": "text",
    "min": 1,
    "max": 100,
    "pattern": "^(?![\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]*\\Z)[^\\x00-\\x1f\\x7f]*\\Z",
    "words": "one line of 1 to 100 characters, not blank",
}
TOPIC: Shape = {
    "kind": "text",
    "max": 300,
    "pattern": "^[^\\x00]*\\Z",
    "words": "text of at most 300 characters, without NUL",
}
PROJECT_STATE: Shape = {
    "kind": "word",
    "options": ["draft", "active", "on_hold", "completed", "archived"],
    "words": "one of draft, active, on_hold, completed, archived",
}
TITLE: Shape = {
    "kind": "text",
    "min": 1,
    "max": 300,
    "pattern": "^(?![\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]*\\Z)[^\\x00-\\x1f\\x7f]*\\Z",
    "words": "one line of 1 to 300 characters, not blank",
}
TASK_STATUS: Shape = {
    "kind": "word",
    "options": ["backlog", "todo", "in_progress", "in_review", "done", "canceled"],
    "words": "one of backlog, todo, in_progress, in_review, done, canceled",
}
PRIORITY: Shape = {
    "kind": "word",
    "options": ["none", "low", "medium", "high", "urgent"],
    "words": "one of none, low, medium, high, urgent",
}
LABEL: Shape = {
    "kind": "text",
    "min": 1,
    "max": 40,
    "pattern": "^(?![\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]*\\Z)[^\\x00-\\x1f\\x7f]*\\Z",
    "words": "one line of 1 to 40 characters, not blank",
}
HOURS: Shape = {
    "kind": "number",
    "whole": False,
    "min": 0,
    "max": 100000,
    "words": "a number from 0 to 100,000",
}
DAY: Shape = {"kind": "day", "words": "a date such as 2026-03-01"}
EXTERNAL_ID: Shape = {
    "kind": "text",
    "min": 1,
    "max": 200,
    "pattern": "^(?![\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]*\\Z)[^\\x00-\\x1f\\x7f]*\\Z",
    "words": "one line of 1 to 200 characters, not blank",
}
PLACED: Shape = {
    "kind": "object",
    "words": "an object",
    "fields": {
        "id": {"shape": ID, "required": True},
        "rank": {
            "shape": {
                "kind": "text",
                "min": 2,
                "max": 100,
                "pattern": "^[A-Za-z][0-9A-Za-z]*\\Z",
                "words": "text of 2 to 100 characters",
            },
            "required": True,
        },
    },
}
CAPABILITY_NAME: Shape = {
    "kind": "text",
    "min": 1,
    "max": 60,
    "pattern": "^[A-Za-z][A-Za-z0-9_.-]*\\Z",
    "words": "a name of 1 to 60 characters: letters, digits, _ . and -, a letter first",
}
TASK_FIELD: Shape = {
    "kind": "word",
    "options": ["title", "description", "priority", "labels", "due"],
    "words": "one of title, description, priority, labels, due",
}
BEGUN: Shape = {
    "kind": "object",
    "words": "an object",
    "fields": {
        "id": {"shape": ID, "required": True},
        "agent_id": {"shape": ID, "required": True},
        "capability": {"shape": CAPABILITY_NAME, "required": True},
        "takes": {
            "shape": {
                "kind": "list",
                "of": TASK_FIELD,
                "min": 0,
                "max": 5,
                "words": "a list of at most 5 items",
            },
            "default": [],
        },
    },
}
IMPORTED: Shape = {
    "kind": "object",
    "words": "an object",
    "fields": {
        "external_id": {"shape": EXTERNAL_ID, "required": True},
        "title": {"shape": TITLE},
        "description": {"shape": TEXT},
        "status": {"shape": TASK_STATUS},
        "priority": {"shape": PRIORITY},
        "labels": {
            "shape": {"kind": "list", "of": LABEL, "min": 0, "max": 20, "words": "a list of at most 20 items"}
        },
        "estimate": {"shape": {**HOURS, "nullable": True, "words": "a number from 0 to 100,000 or null"}},
        "due": {"shape": {**DAY, "nullable": True, "words": "a date such as 2026-03-01 or null"}},
        "assignees": {
            "shape": {"kind": "list", "of": ID, "min": 0, "max": 20, "words": "a list of at most 20 items"}
        },
        "parent": {
            "shape": {
                **EXTERNAL_ID,
                "nullable": True,
                "words": "one line of 1 to 200 characters, not blank or null",
            }
        },
        "depends_on": {
            "shape": {
                "kind": "list",
                "of": EXTERNAL_ID,
                "min": 0,
                "max": 100,
                "words": "a list of at most 100 items",
            }
        },
        "id": {"shape": ID, "required": True},
        "rank": {
            "shape": {
                "kind": "text",
                "min": 2,
                "max": 100,
                "pattern": "^[A-Za-z][0-9A-Za-z]*\\Z",
                "words": "text of 2 to 100 characters",
            },
            "required": True,
        },
    },
}
FILE_NAME: Shape = {
    "kind": "text",
    "min": 1,
    "max": 255,
    "pattern": "^(?!\\.{1,2}\\Z)[^/\\\\\\x00-\\x1f\\x7f]*[^/\\\\\\x00-\\x20\\x7f]\\Z",
    "words": "a file name of 1 to 255 characters, without slashes, backslashes and control characters",
}
FOLDER: Shape = {
    "kind": "text",
    "max": 1000,
    "pattern": "^\\Z|^(?!\\.{1,2}(/|\\Z))[^/\\\\\\x00-\\x1f\\x7f]{1,255}(/(?!\\.{1,2}(/|\\Z))[^/\\\\\\x00-\\x1f\\x7f]{1,255}){0,31}\\Z",
    "words": "folders with / between them, at most 32, none of them a dot or two",
}
NAME_CONFLICT: Shape = {
    "kind": "word",
    "options": ["rename", "version", "refuse"],
    "words": "one of rename, version, refuse",
}
FINGERPRINT: Shape = {
    "kind": "text",
    "min": 43,
    "max": 43,
    "pattern": "^(?:[A-Za-z0-9_-]{4})*(?:[A-Za-z0-9_-][AQgw]|[A-Za-z0-9_-]{2}[AEIMQUYcgkosw048])?\\Z",
    "words": "bytes as base64url without padding, in 43 to 43 characters",
}
BYTES: Shape = {
    "kind": "number",
    "whole": True,
    "min": 0,
    "max": 9007199254740991,
    "words": "a whole number from 0 to 9,007,199,254,740,991",
}
BLOB: Shape = {
    "kind": "object",
    "words": "an object",
    "fields": {
        "object_id": {"shape": ID, "required": True},
        "key": {"shape": FINGERPRINT, "required": True},
        "header": {
            "shape": {
                "kind": "text",
                "min": 32,
                "max": 32,
                "pattern": "^[A-Za-z0-9_-]+\\Z",
                "words": "text of 32 to 32 characters",
            },
            "required": True,
        },
        "size": {"shape": BYTES, "required": True},
        "ct_hash": {"shape": FINGERPRINT, "required": True},
        "pt_hash": {"shape": FINGERPRINT, "required": True},
    },
}
THUMBNAIL: Shape = {
    "kind": "object",
    "words": "an object",
    "fields": {
        "object_id": {"shape": ID, "required": True},
        "key": {"shape": FINGERPRINT, "required": True},
        "header": {
            "shape": {
                "kind": "text",
                "min": 32,
                "max": 32,
                "pattern": "^[A-Za-z0-9_-]+\\Z",
                "words": "text of 32 to 32 characters",
            },
            "required": True,
        },
        "size": {"shape": BYTES, "required": True},
        "ct_hash": {"shape": FINGERPRINT, "required": True},
        "pt_hash": {"shape": FINGERPRINT, "required": True},
        "width": {
            "shape": {
                "kind": "number",
                "whole": True,
                "min": 1,
                "max": 4096,
                "words": "a whole number from 1 to 4,096",
            },
            "required": True,
        },
        "height": {
            "shape": {
                "kind": "number",
                "whole": True,
                "min": 1,
                "max": 4096,
                "words": "a whole number from 1 to 4,096",
            },
            "required": True,
        },
    },
}
ORDINAL: Shape = {
    "kind": "number",
    "whole": True,
    "min": 1,
    "max": 2147483647,
    "words": "a whole number from 1 to 2,147,483,647",
}
JSON: Shape = {"kind": "map", "of": {"kind": "any", "words": "any value"}, "words": "an object"}
TIMESTAMP: Shape = {"kind": "time", "words": "a time with its offset such as 2026-03-01T09:30:00Z"}
MONEY: Shape = {
    "kind": "number",
    "whole": True,
    "min": 0,
    "max": 1000000000000000,
    "words": "a whole number from 0 to 1,000,000,000,000,000",
}
NOTE: Shape = {
    "kind": "text",
    "max": 500,
    "pattern": "^[^\\x00]*\\Z",
    "words": "text of at most 500 characters, without NUL",
}
SHARE: Shape = {"kind": "number", "whole": False, "min": 0, "max": 1, "words": "a number from 0 to 1"}
TOKENS: Shape = {
    "kind": "number",
    "whole": True,
    "min": 0,
    "max": 1000000000000,
    "words": "a whole number from 0 to 1,000,000,000,000",
}
SECONDS: Shape = {
    "kind": "number",
    "whole": False,
    "min": 0,
    "max": 1000000000,
    "words": "a number from 0 to 1,000,000,000",
}
COSTS: Shape = {
    "kind": "object",
    "words": "an object",
    "fields": {
        "tokens": {"shape": TOKENS, "default": 0},
        "money": {"shape": MONEY, "default": 0},
        "seconds": {"shape": SECONDS, "default": 0.0},
    },
}
FENCE: Shape = {
    "kind": "number",
    "whole": True,
    "min": 1,
    "max": 2147483647,
    "words": "a whole number from 1 to 2,147,483,647",
}
LOG_LEVEL: Shape = {
    "kind": "word",
    "options": ["debug", "info", "warning", "error"],
    "words": "one of debug, info, warning, error",
}
ERROR_CLASS: Shape = {
    "kind": "word",
    "options": [
        "transient",
        "rate_limited",
        "crashed",
        "lost",
        "unresponsive",
        "invalid",
        "fatal",
        "budget_exhausted",
        "deadline_exceeded",
        "canceled",
    ],
    "words": "one of transient, rate_limited, crashed, lost, unresponsive, invalid, fatal, budget_exhausted, deadline_exceeded, canceled",
}
QUESTION_KIND: Shape = {
    "kind": "word",
    "options": ["text", "choice", "form", "approval"],
    "words": "one of text, choice, form, approval",
}
SCHEMA: Shape = {"kind": "map", "of": {"kind": "any", "words": "any value"}, "words": "an object"}
ROOM_KIND: Shape = {
    "kind": "word",
    "options": ["workspace", "project", "channel", "direct", "inbox", "sealed"],
    "words": "one of workspace, project, channel, direct, inbox, sealed",
}
ROOM: Shape = {
    "kind": "object",
    "words": "an object",
    "fields": {
        "version": {"shape": VERSION, "required": True},
        "kind": {"shape": ROOM_KIND, "required": True},
        "name": {
            "shape": {"kind": "text", "max": 100, "words": "text of at most 100 characters"},
            "required": True,
        },
        "topic": {"shape": TOPIC, "required": True},
        "private": {"shape": {"kind": "flag", "words": "true or false"}, "required": True},
        "archived": {"shape": {"kind": "flag", "words": "true or false"}, "required": True},
        "created_by": {
            "shape": {**ID, "nullable": True, "words": "a UUID in lower case or null"},
            "required": True,
        },
        "created_at": {"shape": TIMESTAMP, "required": True},
        "id": {"shape": ID, "required": True},
    },
}
PROJECT: Shape = {
    "kind": "object",
    "words": "an object",
    "fields": {
        "version": {"shape": VERSION, "required": True},
        "name": {"shape": NAME, "required": True},
        "description": {"shape": TEXT, "required": True},
        "state": {"shape": PROJECT_STATE, "required": True},
        "created_by": {"shape": ID, "required": True},
        "created_at": {"shape": TIMESTAMP, "required": True},
        "updated_at": {"shape": TIMESTAMP, "required": True},
        "purge_at": {
            "shape": {
                **TIMESTAMP,
                "nullable": True,
                "words": "a time with its offset such as 2026-03-01T09:30:00Z or null",
            },
            "required": True,
        },
        "id": {"shape": ID, "required": True},
    },
}
TASK: Shape = {
    "kind": "object",
    "words": "an object",
    "fields": {
        "version": {"shape": VERSION, "required": True},
        "project_id": {"shape": ID, "required": True},
        "title": {"shape": TITLE, "required": True},
        "description": {"shape": TEXT, "required": True},
        "status": {"shape": TASK_STATUS, "required": True},
        "priority": {"shape": PRIORITY, "required": True},
        "rank": {"shape": {"kind": "text", "words": "text"}, "required": True},
        "labels": {"shape": {"kind": "list", "of": LABEL, "min": 0, "words": "a list"}, "required": True},
        "estimate": {
            "shape": {**HOURS, "nullable": True, "words": "a number from 0 to 100,000 or null"},
            "required": True,
        },
        "due": {
            "shape": {**DAY, "nullable": True, "words": "a date such as 2026-03-01 or null"},
            "required": True,
        },
        "parent_id": {
            "shape": {**ID, "nullable": True, "words": "a UUID in lower case or null"},
            "required": True,
        },
        "assignees": {"shape": {"kind": "list", "of": ID, "min": 0, "words": "a list"}, "required": True},
        "depends_on": {"shape": {"kind": "list", "of": ID, "min": 0, "words": "a list"}, "required": True},
        "blocked": {"shape": {"kind": "flag", "words": "true or false"}, "required": True},
        "comment_count": {
            "shape": {
                "kind": "number",
                "whole": True,
                "min": -9007199254740991,
                "max": 9007199254740991,
                "words": "a whole number",
            },
            "required": True,
        },
        "external_id": {
            "shape": {
                **EXTERNAL_ID,
                "nullable": True,
                "words": "one line of 1 to 200 characters, not blank or null",
            },
            "required": True,
        },
        "created_by": {"shape": ID, "required": True},
        "created_at": {"shape": TIMESTAMP, "required": True},
        "updated_at": {"shape": TIMESTAMP, "required": True},
        "completed_at": {
            "shape": {
                **TIMESTAMP,
                "nullable": True,
                "words": "a time with its offset such as 2026-03-01T09:30:00Z or null",
            },
            "required": True,
        },
        "id": {"shape": ID, "required": True},
    },
}
RUN_STATE: Shape = {
    "kind": "word",
    "options": [
        "submitted",
        "working",
        "input-required",
        "auth-required",
        "completed",
        "failed",
        "canceled",
        "rejected",
    ],
    "words": "one of submitted, working, input-required, auth-required, completed, failed, canceled, rejected",
}
RUN_ERROR: Shape = {
    "kind": "object",
    "words": "an object",
    "fields": {
        "cause": {"shape": ERROR_CLASS, "required": True},
        "message": {
            "shape": {"kind": "text", "max": 2000, "words": "text of at most 2,000 characters"},
            "required": True,
        },
    },
}
HANDED_OVER: Shape = {
    "kind": "object",
    "words": "an object",
    "fields": {
        "run_id": {"shape": ID, "required": True},
        "agent_id": {"shape": ID, "required": True},
        "note": {
            "shape": {"kind": "text", "max": 20000, "words": "text of at most 20,000 characters"},
            "required": True,
        },
        "result": {
            "shape": {"kind": "any", "words": "any value or null", "nullable": True},
            "required": True,
        },
    },
}
CALLED: Shape = {
    "kind": "object",
    "words": "an object",
    "fields": {
        "key": {
            "shape": {"kind": "text", "min": 1, "max": 200, "words": "text of 1 to 200 characters"},
            "required": True,
        },
        "run_id": {"shape": ID, "required": True},
    },
}
LIVE_RUN: Shape = {
    "kind": "object",
    "words": "an object",
    "fields": {
        "version": {"shape": VERSION, "required": True},
        "project_id": {"shape": ID, "required": True},
        "task_id": {
            "shape": {**ID, "nullable": True, "words": "a UUID in lower case or null"},
            "required": True,
        },
        "title": {
            "shape": {"kind": "text", "max": 300, "words": "text of at most 300 characters"},
            "required": True,
        },
        "capability": {"shape": CAPABILITY_NAME, "required": True},
        "wanted_agent_id": {
            "shape": {**ID, "nullable": True, "words": "a UUID in lower case or null"},
            "required": True,
        },
        "agent_id": {
            "shape": {**ID, "nullable": True, "words": "a UUID in lower case or null"},
            "required": True,
        },
        "instance_id": {
            "shape": {**ID, "nullable": True, "words": "a UUID in lower case or null"},
            "required": True,
        },
        "requested_by": {"shape": ID, "required": True},
        "parent_id": {
            "shape": {**ID, "nullable": True, "words": "a UUID in lower case or null"},
            "required": True,
        },
        "previous_id": {
            "shape": {**ID, "nullable": True, "words": "a UUID in lower case or null"},
            "required": True,
        },
        "trigger_id": {
            "shape": {**ID, "nullable": True, "words": "a UUID in lower case or null"},
            "required": True,
        },
        "depth": {
            "shape": {
                "kind": "number",
                "whole": True,
                "min": -9007199254740991,
                "max": 9007199254740991,
                "words": "a whole number",
            },
            "required": True,
        },
        "state": {"shape": RUN_STATE, "required": True},
        "waiting_for": {
            "shape": {**ID, "nullable": True, "words": "a UUID in lower case or null"},
            "required": True,
        },
        "canceling": {"shape": {"kind": "flag", "words": "true or false"}, "required": True},
        "stale": {"shape": {"kind": "flag", "words": "true or false"}, "required": True},
        "attempt": {
            "shape": {
                "kind": "number",
                "whole": True,
                "min": -9007199254740991,
                "max": 9007199254740991,
                "words": "a whole number",
            },
            "required": True,
        },
        "attempts": {
            "shape": {
                "kind": "number",
                "whole": True,
                "min": -9007199254740991,
                "max": 9007199254740991,
                "words": "a whole number",
            },
            "required": True,
        },
        "priority": {"shape": PRIORITY, "required": True},
        "not_before": {
            "shape": {
                **TIMESTAMP,
                "nullable": True,
                "words": "a time with its offset such as 2026-03-01T09:30:00Z or null",
            },
            "required": True,
        },
        "deadline": {
            "shape": {
                **TIMESTAMP,
                "nullable": True,
                "words": "a time with its offset such as 2026-03-01T09:30:00Z or null",
            },
            "required": True,
        },
        "review": {"shape": {"kind": "flag", "words": "true or false"}, "required": True},
        "budget": {
            "shape": {
                **MONEY,
                "nullable": True,
                "words": "a whole number from 0 to 1,000,000,000,000,000 or null",
            },
            "required": True,
        },
        "costs": {"shape": COSTS, "required": True},
        "progress": {
            "shape": {**SHARE, "nullable": True, "words": "a number from 0 to 1 or null"},
            "required": True,
        },
        "note": {"shape": NOTE, "required": True},
        "error": {"shape": {**RUN_ERROR, "nullable": True, "words": "an object or null"}, "required": True},
        "summary": {"shape": NOTE, "required": True},
        "created_at": {"shape": TIMESTAMP, "required": True},
        "started_at": {
            "shape": {
                **TIMESTAMP,
                "nullable": True,
                "words": "a time with its offset such as 2026-03-01T09:30:00Z or null",
            },
            "required": True,
        },
        "progress_at": {
            "shape": {
                **TIMESTAMP,
                "nullable": True,
                "words": "a time with its offset such as 2026-03-01T09:30:00Z or null",
            },
            "required": True,
        },
        "ended_at": {
            "shape": {
                **TIMESTAMP,
                "nullable": True,
                "words": "a time with its offset such as 2026-03-01T09:30:00Z or null",
            },
            "required": True,
        },
        "updated_at": {"shape": TIMESTAMP, "required": True},
        "input": {"shape": JSON, "required": True},
        "result": {
            "shape": {"kind": "any", "words": "any value or null", "nullable": True},
            "required": True,
        },
        "heard_at": {
            "shape": {
                **TIMESTAMP,
                "nullable": True,
                "words": "a time with its offset such as 2026-03-01T09:30:00Z or null",
            },
            "required": True,
        },
        "lease_seconds": {
            "shape": {
                "kind": "number",
                "whole": True,
                "min": 0,
                "max": 3600,
                "words": "a whole number from 0 to 3,600",
            },
            "required": True,
        },
        "output_end": {
            "shape": {
                "kind": "number",
                "whole": True,
                "min": 0,
                "max": 1000000,
                "words": "a whole number from 0 to 1,000,000",
            },
            "required": True,
        },
        "reports": {
            "shape": {
                "kind": "number",
                "whole": True,
                "min": 0,
                "max": 5000,
                "words": "a whole number from 0 to 5,000",
            },
            "required": True,
        },
        "spared": {
            "shape": {
                "kind": "number",
                "whole": True,
                "min": 0,
                "max": 2147483647,
                "words": "a whole number from 0 to 2,147,483,647",
            },
            "required": True,
        },
        "handed": {"shape": {**HANDED_OVER, "nullable": True, "words": "an object or null"}, "default": None},
        "calls": {
            "shape": {
                "kind": "list",
                "of": CALLED,
                "min": 0,
                "max": 500,
                "words": "a list of at most 500 items",
            },
            "default": [],
        },
        "root_id": {
            "shape": {**ID, "nullable": True, "words": "a UUID in lower case or null"},
            "default": None,
        },
        "tree": {
            "shape": {
                "kind": "number",
                "whole": True,
                "min": 0,
                "max": 500,
                "words": "a whole number from 0 to 500",
            },
            "default": 0,
        },
        "id": {"shape": ID, "required": True},
    },
}
QUESTION_STATE: Shape = {
    "kind": "word",
    "options": ["open", "answered", "expired", "withdrawn"],
    "words": "one of open, answered, expired, withdrawn",
}
QUESTION: Shape = {
    "kind": "object",
    "words": "an object",
    "fields": {
        "project_id": {"shape": ID, "required": True},
        "run_id": {"shape": ID, "required": True},
        "task_id": {
            "shape": {**ID, "nullable": True, "words": "a UUID in lower case or null"},
            "required": True,
        },
        "agent_id": {"shape": ID, "required": True},
        "key": {
            "shape": {"kind": "text", "min": 1, "max": 200, "words": "text of 1 to 200 characters"},
            "required": True,
        },
        "kind": {"shape": QUESTION_KIND, "required": True},
        "prompt": {
            "shape": {"kind": "text", "min": 1, "max": 4000, "words": "text of 1 to 4,000 characters"},
            "required": True,
        },
        "choices": {
            "shape": {"kind": "list", "of": {"kind": "text", "words": "text"}, "min": 0, "words": "a list"},
            "required": True,
        },
        "form": {"shape": {**SCHEMA, "nullable": True, "words": "an object or null"}, "required": True},
        "action": {
            "shape": {
                "kind": "text",
                "max": 200,
                "words": "text of at most 200 characters or null",
                "nullable": True,
            },
            "required": True,
        },
        "arguments": {"shape": {**JSON, "nullable": True, "words": "an object or null"}, "required": True},
        "arguments_hash": {
            "shape": {
                "kind": "text",
                "max": 64,
                "words": "text of at most 64 characters or null",
                "nullable": True,
            },
            "required": True,
        },
        "ceiling": {
            "shape": {
                **MONEY,
                "nullable": True,
                "words": "a whole number from 0 to 1,000,000,000,000,000 or null",
            },
            "required": True,
        },
        "asked": {"shape": {"kind": "list", "of": ID, "min": 0, "words": "a list"}, "required": True},
        "state": {"shape": QUESTION_STATE, "required": True},
        "answer": {
            "shape": {"kind": "any", "words": "any value or null", "nullable": True},
            "required": True,
        },
        "comment": {
            "shape": {"kind": "text", "max": 2000, "words": "text of at most 2,000 characters"},
            "required": True,
        },
        "answered_by": {
            "shape": {**ID, "nullable": True, "words": "a UUID in lower case or null"},
            "required": True,
        },
        "created_at": {"shape": TIMESTAMP, "required": True},
        "answered_at": {
            "shape": {
                **TIMESTAMP,
                "nullable": True,
                "words": "a time with its offset such as 2026-03-01T09:30:00Z or null",
            },
            "required": True,
        },
        "expires_at": {
            "shape": {
                **TIMESTAMP,
                "nullable": True,
                "words": "a time with its offset such as 2026-03-01T09:30:00Z or null",
            },
            "required": True,
        },
        "used_at": {
            "shape": {
                **TIMESTAMP,
                "nullable": True,
                "words": "a time with its offset such as 2026-03-01T09:30:00Z or null",
            },
            "required": True,
        },
        "id": {"shape": ID, "required": True},
    },
}
ENTITIES: Shape = {
    "kind": "object",
    "words": "an object",
    "fields": {
        "rooms": {
            "shape": {"kind": "list", "of": ROOM, "min": 0, "max": 1, "words": "a list of at most 1 items"},
            "default": [],
        },
        "projects": {
            "shape": {
                "kind": "list",
                "of": PROJECT,
                "min": 0,
                "max": 1,
                "words": "a list of at most 1 items",
            },
            "default": [],
        },
        "tasks": {
            "shape": {
                "kind": "list",
                "of": TASK,
                "min": 0,
                "max": 20000,
                "words": "a list of at most 20,000 items",
            },
            "default": [],
        },
        "runs": {
            "shape": {
                "kind": "list",
                "of": LIVE_RUN,
                "min": 0,
                "max": 20000,
                "words": "a list of at most 20,000 items",
            },
            "default": [],
        },
        "questions": {
            "shape": {
                "kind": "list",
                "of": QUESTION,
                "min": 0,
                "max": 500,
                "words": "a list of at most 500 items",
            },
            "default": [],
        },
        "closed_questions": {
            "shape": {"kind": "list", "of": QUESTION, "min": 0, "words": "a list"},
            "default": [],
        },
    },
}
IMPORTED_TASK: Shape = {
    "kind": "object",
    "words": "an object",
    "fields": {
        "external_id": {"shape": EXTERNAL_ID, "required": True},
        "title": {"shape": TITLE},
        "description": {"shape": TEXT},
        "status": {"shape": TASK_STATUS},
        "priority": {"shape": PRIORITY},
        "labels": {
            "shape": {"kind": "list", "of": LABEL, "min": 0, "max": 20, "words": "a list of at most 20 items"}
        },
        "estimate": {"shape": {**HOURS, "nullable": True, "words": "a number from 0 to 100,000 or null"}},
        "due": {"shape": {**DAY, "nullable": True, "words": "a date such as 2026-03-01 or null"}},
        "assignees": {
            "shape": {"kind": "list", "of": ID, "min": 0, "max": 20, "words": "a list of at most 20 items"}
        },
        "parent": {
            "shape": {
                **EXTERNAL_ID,
                "nullable": True,
                "words": "one line of 1 to 200 characters, not blank or null",
            }
        },
        "depends_on": {
            "shape": {
                "kind": "list",
                "of": EXTERNAL_ID,
                "min": 0,
                "max": 100,
                "words": "a list of at most 100 items",
            }
        },
    },
}
CONTENTS: dict[str, Shape] = {
    "message.send": {
        "kind": "object",
        "words": "an object",
        "fields": {
            "room": {"shape": ID, "required": True},
            "text": {"shape": TEXT, "required": True},
            "id": {"shape": ID, "required": True},
            "thread_id": {
                "shape": {**ID, "nullable": True, "words": "a UUID in lower case or null"},
                "default": None,
            },
            "files": {
                "shape": {
                    "kind": "list",
                    "of": ID,
                    "min": 0,
                    "max": 20,
                    "words": "a list of at most 20 items",
                },
                "default": [],
            },
        },
    },
    "message.edit": {
        "kind": "object",
        "words": "an object",
        "fields": {
            "message_id": {"shape": ID, "required": True},
            "text": {"shape": BODY, "required": True},
            "version": {
                "shape": {
                    **VERSION,
                    "nullable": True,
                    "words": "a whole number from 1 to 9,007,199,254,740,991 or null",
                },
                "default": None,
            },
        },
    },
    "message.delete": {
        "kind": "object",
        "words": "an object",
        "fields": {
            "message_id": {"shape": ID, "required": True},
            "thread_id": {
                "shape": {**ID, "nullable": True, "words": "a UUID in lower case or null"},
                "default": None,
            },
            "task_id": {
                "shape": {**ID, "nullable": True, "words": "a UUID in lower case or null"},
                "default": None,
            },
        },
    },
    "message.react": {
        "kind": "object",
        "words": "an object",
        "fields": {
            "message_id": {"shape": ID, "required": True},
            "emoji": {"shape": EMOJI, "required": True},
            "on": {"shape": {"kind": "flag", "words": "true or false"}, "default": True},
        },
    },
    "room.update": {
        "kind": "object",
        "words": "an object",
        "fields": {
            "room": {"shape": ID, "required": True},
            "version": {
                "shape": {
                    **VERSION,
                    "nullable": True,
                    "words": "a whole number from 1 to 9,007,199,254,740,991 or null",
                },
                "default": None,
            },
            "name": {"shape": NAME},
            "topic": {"shape": TOPIC},
            "archived": {"shape": {"kind": "flag", "words": "true or false"}},
        },
    },
    "project.update": {
        "kind": "object",
        "words": "an object",
        "fields": {
            "project_id": {"shape": ID, "required": True},
            "version": {
                "shape": {
                    **VERSION,
                    "nullable": True,
                    "words": "a whole number from 1 to 9,007,199,254,740,991 or null",
                },
                "default": None,
            },
            "name": {"shape": NAME},
            "description": {"shape": TEXT},
        },
    },
    "project.transition": {
        "kind": "object",
        "words": "an object",
        "fields": {
            "project_id": {"shape": ID, "required": True},
            "state": {"shape": PROJECT_STATE, "required": True},
            "version": {
                "shape": {
                    **VERSION,
                    "nullable": True,
                    "words": "a whole number from 1 to 9,007,199,254,740,991 or null",
                },
                "default": None,
            },
        },
    },
    "task.create": {
        "kind": "object",
        "words": "an object",
        "fields": {
            "project_id": {"shape": ID, "required": True},
            "title": {"shape": TITLE, "required": True},
            "id": {"shape": ID, "required": True},
            "description": {"shape": TEXT, "default": ""},
            "status": {"shape": TASK_STATUS, "default": "todo"},
            "priority": {"shape": PRIORITY, "default": "none"},
            "labels": {
                "shape": {
                    "kind": "list",
                    "of": LABEL,
                    "min": 0,
                    "max": 20,
                    "words": "a list of at most 20 items",
                },
                "default": [],
            },
            "estimate": {
                "shape": {**HOURS, "nullable": True, "words": "a number from 0 to 100,000 or null"},
                "default": None,
            },
            "due": {
                "shape": {**DAY, "nullable": True, "words": "a date such as 2026-03-01 or null"},
                "default": None,
            },
            "parent_id": {
                "shape": {**ID, "nullable": True, "words": "a UUID in lower case or null"},
                "default": None,
            },
            "assignees": {
                "shape": {
                    "kind": "list",
                    "of": ID,
                    "min": 0,
                    "max": 20,
                    "words": "a list of at most 20 items",
                },
                "default": [],
            },
            "external_id": {
                "shape": {
                    **EXTERNAL_ID,
                    "nullable": True,
                    "words": "one line of 1 to 200 characters, not blank or null",
                },
                "default": None,
            },
            "rank": {
                "shape": {
                    "kind": "text",
                    "min": 2,
                    "max": 100,
                    "pattern": "^[A-Za-z][0-9A-Za-z]*\\Z",
                    "words": "text of 2 to 100 characters",
                },
                "required": True,
            },
            "ranks": {
                "shape": {
                    "kind": "list",
                    "of": PLACED,
                    "min": 0,
                    "max": 2048,
                    "words": "a list of at most 2,048 items",
                },
                "default": [],
            },
            "runs": {
                "shape": {
                    "kind": "list",
                    "of": BEGUN,
                    "min": 0,
                    "max": 20,
                    "words": "a list of at most 20 items",
                },
                "default": [],
            },
        },
    },
    "task.import": {
        "kind": "object",
        "words": "an object",
        "fields": {
            "project_id": {"shape": ID, "required": True},
            "tasks": {
                "shape": {
                    "kind": "list",
                    "of": IMPORTED,
                    "min": 1,
                    "max": 500,
                    "words": "a list of 1 to 500 items",
                },
                "required": True,
            },
            "ranks": {
                "shape": {
                    "kind": "list",
                    "of": PLACED,
                    "min": 0,
                    "max": 2048,
                    "words": "a list of at most 2,048 items",
                },
                "default": [],
            },
        },
    },
    "task.update": {
        "kind": "object",
        "words": "an object",
        "fields": {
            "task_id": {"shape": ID, "required": True},
            "version": {"shape": VERSION, "required": True},
            "title": {"shape": TITLE},
            "description": {"shape": TEXT},
            "status": {"shape": TASK_STATUS},
            "priority": {"shape": PRIORITY},
            "labels": {
                "shape": {
                    "kind": "list",
                    "of": LABEL,
                    "min": 0,
                    "max": 20,
                    "words": "a list of at most 20 items",
                }
            },
            "estimate": {"shape": {**HOURS, "nullable": True, "words": "a number from 0 to 100,000 or null"}},
            "due": {"shape": {**DAY, "nullable": True, "words": "a date such as 2026-03-01 or null"}},
            "parent_id": {"shape": {**ID, "nullable": True, "words": "a UUID in lower case or null"}},
        },
    },
    "task.move": {
        "kind": "object",
        "words": "an object",
        "fields": {
            "task_id": {"shape": ID, "required": True},
            "status": {
                "shape": {
                    **TASK_STATUS,
                    "nullable": True,
                    "words": "one of backlog, todo, in_progress, in_review, done, canceled or null",
                },
                "default": None,
            },
            "version": {
                "shape": {
                    **VERSION,
                    "nullable": True,
                    "words": "a whole number from 1 to 9,007,199,254,740,991 or null",
                },
                "default": None,
            },
            "rank": {
                "shape": {
                    "kind": "text",
                    "min": 2,
                    "max": 100,
                    "pattern": "^[A-Za-z][0-9A-Za-z]*\\Z",
                    "words": "text of 2 to 100 characters",
                },
                "required": True,
            },
            "ranks": {
                "shape": {
                    "kind": "list",
                    "of": PLACED,
                    "min": 0,
                    "max": 2048,
                    "words": "a list of at most 2,048 items",
                },
                "default": [],
            },
        },
    },
    "task.transition": {
        "kind": "object",
        "words": "an object",
        "fields": {
            "task_id": {"shape": ID, "required": True},
            "status": {"shape": TASK_STATUS, "required": True},
            "version": {
                "shape": {
                    **VERSION,
                    "nullable": True,
                    "words": "a whole number from 1 to 9,007,199,254,740,991 or null",
                },
                "default": None,
            },
        },
    },
    "task.assign": {
        "kind": "object",
        "words": "an object",
        "fields": {
            "task_id": {"shape": ID, "required": True},
            "assignees": {
                "shape": {
                    "kind": "list",
                    "of": ID,
                    "min": 0,
                    "max": 20,
                    "words": "a list of at most 20 items",
                },
                "required": True,
            },
            "version": {
                "shape": {
                    **VERSION,
                    "nullable": True,
                    "words": "a whole number from 1 to 9,007,199,254,740,991 or null",
                },
                "default": None,
            },
            "runs": {
                "shape": {
                    "kind": "list",
                    "of": BEGUN,
                    "min": 0,
                    "max": 20,
                    "words": "a list of at most 20 items",
                },
                "default": [],
            },
        },
    },
    "task.depend": {
        "kind": "object",
        "words": "an object",
        "fields": {
            "task_id": {"shape": ID, "required": True},
            "on": {
                "shape": {
                    "kind": "either",
                    "of": [
                        ID,
                        {"kind": "list", "of": ID, "min": 1, "max": 100, "words": "a list of 1 to 100 items"},
                    ],
                    "words": "a UUID in lower case or a list of 1 to 100 items",
                },
                "required": True,
            },
        },
    },
    "task.undepend": {
        "kind": "object",
        "words": "an object",
        "fields": {
            "task_id": {"shape": ID, "required": True},
            "on": {
                "shape": {
                    "kind": "either",
                    "of": [
                        ID,
                        {"kind": "list", "of": ID, "min": 1, "max": 100, "words": "a list of 1 to 100 items"},
                    ],
                    "words": "a UUID in lower case or a list of 1 to 100 items",
                },
                "required": True,
            },
        },
    },
    "task.comment": {
        "kind": "object",
        "words": "an object",
        "fields": {
            "task_id": {"shape": ID, "required": True},
            "text": {"shape": BODY, "required": True},
            "id": {"shape": ID, "required": True},
        },
    },
    "task.delete": {
        "kind": "object",
        "words": "an object",
        "fields": {
            "task_id": {"shape": ID, "required": True},
            "version": {
                "shape": {
                    **VERSION,
                    "nullable": True,
                    "words": "a whole number from 1 to 9,007,199,254,740,991 or null",
                },
                "default": None,
            },
        },
    },
    "file.add": {
        "kind": "object",
        "words": "an object",
        "fields": {
            "room": {"shape": ID, "required": True},
            "id": {"shape": ID, "required": True},
            "name": {"shape": FILE_NAME, "required": True},
            "folder": {"shape": FOLDER, "default": ""},
            "task_id": {
                "shape": {**ID, "nullable": True, "words": "a UUID in lower case or null"},
                "default": None,
            },
            "conflict": {"shape": NAME_CONFLICT, "default": "rename"},
            "object": {"shape": BLOB, "required": True},
            "media_type": {
                "shape": {
                    "kind": "text",
                    "max": 150,
                    "pattern": "^[a-z0-9][a-z0-9.+-]{0,60}/[a-z0-9][a-z0-9.+-]{0,80}\\Z",
                    "words": "text of at most 150 characters",
                },
                "default": "application/octet-stream",
            },
            "thumbnail": {
                "shape": {**THUMBNAIL, "nullable": True, "words": "an object or null"},
                "default": None,
            },
            "run_id": {
                "shape": {**ID, "nullable": True, "words": "a UUID in lower case or null"},
                "default": None,
            },
        },
    },
    "file.revise": {
        "kind": "object",
        "words": "an object",
        "fields": {
            "file_id": {"shape": ID, "required": True},
            "object": {"shape": BLOB, "required": True},
            "media_type": {
                "shape": {
                    "kind": "text",
                    "max": 150,
                    "pattern": "^[a-z0-9][a-z0-9.+-]{0,60}/[a-z0-9][a-z0-9.+-]{0,80}\\Z",
                    "words": "text of at most 150 characters",
                },
                "default": "application/octet-stream",
            },
            "thumbnail": {
                "shape": {**THUMBNAIL, "nullable": True, "words": "an object or null"},
                "default": None,
            },
            "run_id": {
                "shape": {**ID, "nullable": True, "words": "a UUID in lower case or null"},
                "default": None,
            },
        },
    },
    "file.describe": {
        "kind": "object",
        "words": "an object",
        "fields": {
            "file_id": {"shape": ID, "required": True},
            "number": {"shape": ORDINAL, "required": True},
            "texts": {
                "shape": {
                    "kind": "list",
                    "of": {"kind": "text", "max": 20000, "words": "text of at most 20,000 characters"},
                    "min": 0,
                    "max": 500,
                    "words": "a list of at most 500 items",
                },
                "default": [],
            },
            "pages": {
                "shape": {
                    "kind": "number",
                    "whole": True,
                    "min": 0,
                    "max": 2147483647,
                    "words": "a whole number from 0 to 2,147,483,647",
                },
                "default": 0,
            },
            "words": {"shape": BYTES, "default": 0},
            "whole": {"shape": {"kind": "flag", "words": "true or false"}, "default": True},
            "error": {
                "shape": {"kind": "text", "max": 200, "words": "text of at most 200 characters"},
                "default": "",
            },
        },
    },
    "file.rename": {
        "kind": "object",
        "words": "an object",
        "fields": {
            "file_id": {"shape": ID, "required": True},
            "name": {"shape": FILE_NAME, "required": True},
            "version": {
                "shape": {
                    **VERSION,
                    "nullable": True,
                    "words": "a whole number from 1 to 9,007,199,254,740,991 or null",
                },
                "default": None,
            },
        },
    },
    "file.move": {
        "kind": "object",
        "words": "an object",
        "fields": {
            "file_id": {"shape": ID, "required": True},
            "folder": {"shape": FOLDER, "required": True},
            "task_id": {
                "shape": {**ID, "nullable": True, "words": "a UUID in lower case or null"},
                "default": None,
            },
            "version": {
                "shape": {
                    **VERSION,
                    "nullable": True,
                    "words": "a whole number from 1 to 9,007,199,254,740,991 or null",
                },
                "default": None,
            },
        },
    },
    "file.restore": {
        "kind": "object",
        "words": "an object",
        "fields": {
            "file_id": {"shape": ID, "required": True},
            "number": {"shape": ORDINAL, "required": True},
        },
    },
    "file.delete": {
        "kind": "object",
        "words": "an object",
        "fields": {
            "file_id": {"shape": ID, "required": True},
            "forever": {"shape": {"kind": "flag", "words": "true or false"}, "default": False},
        },
    },
    "file.undelete": {
        "kind": "object",
        "words": "an object",
        "fields": {"file_id": {"shape": ID, "required": True}},
    },
    "run.create": {
        "kind": "object",
        "words": "an object",
        "fields": {
            "project_id": {"shape": ID, "required": True},
            "id": {"shape": ID, "required": True},
            "task_id": {
                "shape": {**ID, "nullable": True, "words": "a UUID in lower case or null"},
                "default": None,
            },
            "agent_id": {"shape": ID, "required": True},
            "capability": {"shape": CAPABILITY_NAME, "required": True},
            "input": {"shape": JSON, "default": {}},
            "priority": {
                "shape": {
                    **PRIORITY,
                    "nullable": True,
                    "words": "one of none, low, medium, high, urgent or null",
                },
                "default": None,
            },
            "not_before": {
                "shape": {
                    **TIMESTAMP,
                    "nullable": True,
                    "words": "a time with its offset such as 2026-03-01T09:30:00Z or null",
                },
                "default": None,
            },
            "deadline": {
                "shape": {
                    **TIMESTAMP,
                    "nullable": True,
                    "words": "a time with its offset such as 2026-03-01T09:30:00Z or null",
                },
                "default": None,
            },
            "attempts": {
                "shape": {
                    "kind": "number",
                    "whole": True,
                    "min": 1,
                    "max": 20,
                    "words": "a whole number from 1 to 20 or null",
                    "nullable": True,
                },
                "default": None,
            },
            "budget": {
                "shape": {
                    **MONEY,
                    "nullable": True,
                    "words": "a whole number from 0 to 1,000,000,000,000,000 or null",
                },
                "default": None,
            },
            "review": {"shape": {"kind": "flag", "words": "true or false"}, "default": False},
        },
    },
    "run.cancel": {
        "kind": "object",
        "words": "an object",
        "fields": {"run_id": {"shape": ID, "required": True}, "reason": {"shape": NOTE, "default": ""}},
    },
    "run.retry": {
        "kind": "object",
        "words": "an object",
        "fields": {
            "run_id": {"shape": ID, "required": True},
            "input": {"shape": {**JSON, "nullable": True, "words": "an object or null"}, "default": None},
            "id": {"shape": ID, "required": True},
        },
    },
    "run.claim": {
        "kind": "object",
        "words": "an object",
        "fields": {
            "project_id": {"shape": ID, "required": True},
            "instance_id": {"shape": ID, "required": True},
            "run_id": {"shape": ID, "required": True},
            "lease_seconds": {
                "shape": {
                    "kind": "number",
                    "whole": True,
                    "min": 1,
                    "max": 3600,
                    "words": "a whole number from 1 to 3,600",
                },
                "default": 60,
            },
        },
    },
    "run.progress": {
        "kind": "object",
        "words": "an object",
        "fields": {
            "progress": {
                "shape": {**SHARE, "nullable": True, "words": "a number from 0 to 1 or null"},
                "default": None,
            },
            "note": {
                "shape": {
                    **NOTE,
                    "nullable": True,
                    "words": "text of at most 500 characters, without NUL or null",
                },
                "default": None,
            },
            "costs": {"shape": {**COSTS, "nullable": True, "words": "an object or null"}, "default": None},
            "project_id": {"shape": ID, "required": True},
            "run_id": {"shape": ID, "required": True},
            "fence": {"shape": FENCE, "required": True},
        },
    },
    "run.output": {
        "kind": "object",
        "words": "an object",
        "fields": {
            "text": {
                "shape": {"kind": "text", "min": 1, "max": 32000, "words": "text of 1 to 32,000 characters"},
                "required": True,
            },
            "offset": {
                "shape": {
                    "kind": "number",
                    "whole": True,
                    "min": 0,
                    "max": 9007199254740992,
                    "words": "a whole number from 0 to 9,007,199,254,740,992",
                },
                "required": True,
            },
            "project_id": {"shape": ID, "required": True},
            "run_id": {"shape": ID, "required": True},
            "fence": {"shape": FENCE, "required": True},
        },
    },
    "run.log": {
        "kind": "object",
        "words": "an object",
        "fields": {
            "message": {
                "shape": {"kind": "text", "min": 1, "max": 2000, "words": "text of 1 to 2,000 characters"},
                "required": True,
            },
            "level": {"shape": LOG_LEVEL, "default": "info"},
            "data": {"shape": {**JSON, "nullable": True, "words": "an object or null"}, "default": None},
            "project_id": {"shape": ID, "required": True},
            "run_id": {"shape": ID, "required": True},
            "fence": {"shape": FENCE, "required": True},
        },
    },
    "run.attach": {
        "kind": "object",
        "words": "an object",
        "fields": {
            "name": {"shape": NAME, "required": True},
            "text": {
                "shape": {"kind": "text", "max": 262144, "words": "text of at most 262,144 characters"},
                "required": True,
            },
            "media_type": {
                "shape": {"kind": "text", "min": 1, "max": 100, "words": "text of 1 to 100 characters"},
                "default": "text/plain",
            },
            "project_id": {"shape": ID, "required": True},
            "run_id": {"shape": ID, "required": True},
            "fence": {"shape": FENCE, "required": True},
            "id": {"shape": ID, "required": True},
        },
    },
    "run.complete": {
        "kind": "object",
        "words": "an object",
        "fields": {
            "result": {"shape": {"kind": "any", "words": "any value"}, "default": None},
            "summary": {"shape": NOTE, "default": ""},
            "costs": {"shape": {**COSTS, "nullable": True, "words": "an object or null"}, "default": None},
            "project_id": {"shape": ID, "required": True},
            "run_id": {"shape": ID, "required": True},
            "fence": {"shape": FENCE, "required": True},
        },
    },
    "run.fail": {
        "kind": "object",
        "words": "an object",
        "fields": {
            "message": {
                "shape": {"kind": "text", "min": 1, "max": 2000, "words": "text of 1 to 2,000 characters"},
                "required": True,
            },
            "cause": {"shape": ERROR_CLASS, "default": "crashed"},
            "costs": {"shape": {**COSTS, "nullable": True, "words": "an object or null"}, "default": None},
            "project_id": {"shape": ID, "required": True},
            "run_id": {"shape": ID, "required": True},
            "fence": {"shape": FENCE, "required": True},
        },
    },
    "run.release": {
        "kind": "object",
        "words": "an object",
        "fields": {
            "reason": {"shape": NOTE, "default": ""},
            "project_id": {"shape": ID, "required": True},
            "run_id": {"shape": ID, "required": True},
            "fence": {"shape": FENCE, "required": True},
        },
    },
    "run.call": {
        "kind": "object",
        "words": "an object",
        "fields": {
            "key": {
                "shape": {"kind": "text", "min": 1, "max": 200, "words": "text of 1 to 200 characters"},
                "required": True,
            },
            "capability": {"shape": CAPABILITY_NAME, "required": True},
            "agent_id": {"shape": ID, "required": True},
            "input": {"shape": JSON, "default": {}},
            "deadline": {
                "shape": {
                    **TIMESTAMP,
                    "nullable": True,
                    "words": "a time with its offset such as 2026-03-01T09:30:00Z or null",
                },
                "default": None,
            },
            "budget": {
                "shape": {
                    **MONEY,
                    "nullable": True,
                    "words": "a whole number from 0 to 1,000,000,000,000,000 or null",
                },
                "default": None,
            },
            "wait": {"shape": {"kind": "flag", "words": "true or false"}, "default": True},
            "project_id": {"shape": ID, "required": True},
            "run_id": {"shape": ID, "required": True},
            "fence": {"shape": FENCE, "required": True},
            "id": {"shape": ID, "required": True},
        },
    },
    "run.hand_off": {
        "kind": "object",
        "words": "an object",
        "fields": {
            "capability": {"shape": CAPABILITY_NAME, "required": True},
            "agent_id": {"shape": ID, "required": True},
            "input": {"shape": JSON, "default": {}},
            "note": {
                "shape": {"kind": "text", "max": 20000, "words": "text of at most 20,000 characters"},
                "default": "",
            },
            "result": {"shape": {"kind": "any", "words": "any value"}, "default": None},
            "project_id": {"shape": ID, "required": True},
            "run_id": {"shape": ID, "required": True},
            "fence": {"shape": FENCE, "required": True},
            "id": {"shape": ID, "required": True},
        },
    },
    "run.ask": {
        "kind": "object",
        "words": "an object",
        "fields": {
            "key": {
                "shape": {"kind": "text", "min": 1, "max": 200, "words": "text of 1 to 200 characters"},
                "required": True,
            },
            "prompt": {
                "shape": {"kind": "text", "min": 1, "max": 4000, "words": "text of 1 to 4,000 characters"},
                "required": True,
            },
            "kind": {"shape": QUESTION_KIND, "default": "text"},
            "choices": {
                "shape": {
                    "kind": "list",
                    "of": {"kind": "text", "min": 1, "max": 300, "words": "text of 1 to 300 characters"},
                    "min": 0,
                    "max": 50,
                    "words": "a list of at most 50 items",
                },
                "default": [],
            },
            "form": {"shape": {**SCHEMA, "nullable": True, "words": "an object or null"}, "default": None},
            "action": {
                "shape": {
                    "kind": "text",
                    "min": 1,
                    "max": 200,
                    "words": "text of 1 to 200 characters or null",
                    "nullable": True,
                },
                "default": None,
            },
            "arguments": {"shape": {**JSON, "nullable": True, "words": "an object or null"}, "default": None},
            "ceiling": {
                "shape": {
                    **MONEY,
                    "nullable": True,
                    "words": "a whole number from 0 to 1,000,000,000,000,000 or null",
                },
                "default": None,
            },
            "to": {
                "shape": {
                    "kind": "list",
                    "of": ID,
                    "min": 0,
                    "max": 50,
                    "words": "a list of at most 50 items",
                },
                "default": [],
            },
            "expires_at": {
                "shape": {
                    **TIMESTAMP,
                    "nullable": True,
                    "words": "a time with its offset such as 2026-03-01T09:30:00Z or null",
                },
                "default": None,
            },
            "project_id": {"shape": ID, "required": True},
            "run_id": {"shape": ID, "required": True},
            "fence": {"shape": FENCE, "required": True},
            "id": {"shape": ID, "required": True},
        },
    },
    "run.answer": {
        "kind": "object",
        "words": "an object",
        "fields": {
            "question_id": {"shape": ID, "required": True},
            "answer": {"shape": {"kind": "any", "words": "any value"}, "required": True},
            "comment": {
                "shape": {"kind": "text", "max": 2000, "words": "text of at most 2,000 characters"},
                "default": "",
            },
        },
    },
    "run.use_approval": {
        "kind": "object",
        "words": "an object",
        "fields": {
            "question_id": {"shape": ID, "required": True},
            "action": {
                "shape": {"kind": "text", "min": 1, "max": 200, "words": "text of 1 to 200 characters"},
                "required": True,
            },
            "arguments": {"shape": JSON, "required": True},
            "cost": {"shape": MONEY, "default": 0},
            "project_id": {"shape": ID, "required": True},
            "run_id": {"shape": ID, "required": True},
            "fence": {"shape": FENCE, "required": True},
        },
    },
    "sealed.state": {
        "kind": "object",
        "words": "an object",
        "fields": {"entities": {"shape": ENTITIES, "required": True}},
    },
}
"""What stands in envelopes, by type."""
ASKED: dict[str, Shape] = {
    "message.send": {
        "kind": "object",
        "words": "an object",
        "fields": {
            "room": {"shape": ID, "required": True},
            "text": {"shape": TEXT, "required": True},
            "id": {
                "shape": {**ID, "nullable": True, "words": "a UUID in lower case or null"},
                "default": None,
            },
            "thread_id": {
                "shape": {**ID, "nullable": True, "words": "a UUID in lower case or null"},
                "default": None,
            },
            "files": {
                "shape": {
                    "kind": "list",
                    "of": ID,
                    "min": 0,
                    "max": 20,
                    "words": "a list of at most 20 items",
                },
                "default": [],
            },
        },
    },
    "message.delete": {
        "kind": "object",
        "words": "an object",
        "fields": {"message_id": {"shape": ID, "required": True}},
    },
    "task.create": {
        "kind": "object",
        "words": "an object",
        "fields": {
            "project_id": {"shape": ID, "required": True},
            "title": {"shape": TITLE, "required": True},
            "id": {
                "shape": {**ID, "nullable": True, "words": "a UUID in lower case or null"},
                "default": None,
            },
            "description": {"shape": TEXT, "default": ""},
            "status": {"shape": TASK_STATUS, "default": "todo"},
            "priority": {"shape": PRIORITY, "default": "none"},
            "labels": {
                "shape": {
                    "kind": "list",
                    "of": LABEL,
                    "min": 0,
                    "max": 20,
                    "words": "a list of at most 20 items",
                },
                "default": [],
            },
            "estimate": {
                "shape": {**HOURS, "nullable": True, "words": "a number from 0 to 100,000 or null"},
                "default": None,
            },
            "due": {
                "shape": {**DAY, "nullable": True, "words": "a date such as 2026-03-01 or null"},
                "default": None,
            },
            "parent_id": {
                "shape": {**ID, "nullable": True, "words": "a UUID in lower case or null"},
                "default": None,
            },
            "assignees": {
                "shape": {
                    "kind": "list",
                    "of": ID,
                    "min": 0,
                    "max": 20,
                    "words": "a list of at most 20 items",
                },
                "default": [],
            },
            "external_id": {
                "shape": {
                    **EXTERNAL_ID,
                    "nullable": True,
                    "words": "one line of 1 to 200 characters, not blank or null",
                },
                "default": None,
            },
            "before": {
                "shape": {**ID, "nullable": True, "words": "a UUID in lower case or null"},
                "default": None,
            },
            "after": {
                "shape": {**ID, "nullable": True, "words": "a UUID in lower case or null"},
                "default": None,
            },
        },
    },
    "task.import": {
        "kind": "object",
        "words": "an object",
        "fields": {
            "project_id": {"shape": ID, "required": True},
            "tasks": {
                "shape": {
                    "kind": "list",
                    "of": IMPORTED_TASK,
                    "min": 1,
                    "max": 500,
                    "words": "a list of 1 to 500 items",
                },
                "required": True,
            },
        },
    },
    "task.move": {
        "kind": "object",
        "words": "an object",
        "fields": {
            "task_id": {"shape": ID, "required": True},
            "before": {
                "shape": {**ID, "nullable": True, "words": "a UUID in lower case or null"},
                "default": None,
            },
            "after": {
                "shape": {**ID, "nullable": True, "words": "a UUID in lower case or null"},
                "default": None,
            },
            "status": {
                "shape": {
                    **TASK_STATUS,
                    "nullable": True,
                    "words": "one of backlog, todo, in_progress, in_review, done, canceled or null",
                },
                "default": None,
            },
            "version": {
                "shape": {
                    **VERSION,
                    "nullable": True,
                    "words": "a whole number from 1 to 9,007,199,254,740,991 or null",
                },
                "default": None,
            },
        },
    },
    "task.assign": {
        "kind": "object",
        "words": "an object",
        "fields": {
            "task_id": {"shape": ID, "required": True},
            "assignees": {
                "shape": {
                    "kind": "list",
                    "of": ID,
                    "min": 0,
                    "max": 20,
                    "words": "a list of at most 20 items",
                },
                "required": True,
            },
            "version": {
                "shape": {
                    **VERSION,
                    "nullable": True,
                    "words": "a whole number from 1 to 9,007,199,254,740,991 or null",
                },
                "default": None,
            },
        },
    },
    "task.comment": {
        "kind": "object",
        "words": "an object",
        "fields": {
            "task_id": {"shape": ID, "required": True},
            "text": {"shape": BODY, "required": True},
            "id": {
                "shape": {**ID, "nullable": True, "words": "a UUID in lower case or null"},
                "default": None,
            },
        },
    },
    "run.create": {
        "kind": "object",
        "words": "an object",
        "fields": {
            "project_id": {"shape": ID, "required": True},
            "id": {
                "shape": {**ID, "nullable": True, "words": "a UUID in lower case or null"},
                "default": None,
            },
            "task_id": {
                "shape": {**ID, "nullable": True, "words": "a UUID in lower case or null"},
                "default": None,
            },
            "agent_id": {
                "shape": {**ID, "nullable": True, "words": "a UUID in lower case or null"},
                "default": None,
            },
            "capability": {"shape": CAPABILITY_NAME, "required": True},
            "input": {"shape": JSON, "default": {}},
            "priority": {
                "shape": {
                    **PRIORITY,
                    "nullable": True,
                    "words": "one of none, low, medium, high, urgent or null",
                },
                "default": None,
            },
            "not_before": {
                "shape": {"kind": "text", "words": "text or null", "nullable": True},
                "default": None,
            },
            "deadline": {
                "shape": {"kind": "text", "words": "text or null", "nullable": True},
                "default": None,
            },
            "attempts": {
                "shape": {
                    "kind": "number",
                    "whole": True,
                    "min": 1,
                    "max": 20,
                    "words": "a whole number from 1 to 20 or null",
                    "nullable": True,
                },
                "default": None,
            },
            "budget": {
                "shape": {
                    **MONEY,
                    "nullable": True,
                    "words": "a whole number from 0 to 1,000,000,000,000,000 or null",
                },
                "default": None,
            },
            "review": {"shape": {"kind": "flag", "words": "true or false"}, "default": False},
        },
    },
    "run.retry": {
        "kind": "object",
        "words": "an object",
        "fields": {
            "run_id": {"shape": ID, "required": True},
            "input": {"shape": {**JSON, "nullable": True, "words": "an object or null"}, "default": None},
        },
    },
    "run.call": {
        "kind": "object",
        "words": "an object",
        "fields": {
            "key": {
                "shape": {"kind": "text", "min": 1, "max": 200, "words": "text of 1 to 200 characters"},
                "required": True,
            },
            "capability": {"shape": CAPABILITY_NAME, "required": True},
            "agent_id": {
                "shape": {**ID, "nullable": True, "words": "a UUID in lower case or null"},
                "default": None,
            },
            "input": {"shape": JSON, "default": {}},
            "deadline": {
                "shape": {"kind": "text", "words": "text or null", "nullable": True},
                "default": None,
            },
            "budget": {
                "shape": {
                    **MONEY,
                    "nullable": True,
                    "words": "a whole number from 0 to 1,000,000,000,000,000 or null",
                },
                "default": None,
            },
            "wait": {"shape": {"kind": "flag", "words": "true or false"}, "default": True},
            "project_id": {"shape": ID, "required": True},
            "run_id": {"shape": ID, "required": True},
            "fence": {"shape": FENCE, "required": True},
        },
    },
    "run.hand_off": {
        "kind": "object",
        "words": "an object",
        "fields": {
            "capability": {"shape": CAPABILITY_NAME, "required": True},
            "agent_id": {
                "shape": {**ID, "nullable": True, "words": "a UUID in lower case or null"},
                "default": None,
            },
            "input": {"shape": JSON, "default": {}},
            "note": {
                "shape": {"kind": "text", "max": 20000, "words": "text of at most 20,000 characters"},
                "default": "",
            },
            "result": {"shape": {"kind": "any", "words": "any value"}, "default": None},
            "project_id": {"shape": ID, "required": True},
            "run_id": {"shape": ID, "required": True},
            "fence": {"shape": FENCE, "required": True},
        },
    },
    "run.claim": {
        "kind": "object",
        "words": "an object",
        "fields": {
            "project_id": {"shape": ID, "required": True},
            "instance_id": {"shape": ID, "required": True},
            "task_id": {
                "shape": {**ID, "nullable": True, "words": "a UUID in lower case or null"},
                "default": None,
            },
            "run_id": {
                "shape": {**ID, "nullable": True, "words": "a UUID in lower case or null"},
                "default": None,
            },
            "capability": {
                "shape": {
                    **CAPABILITY_NAME,
                    "nullable": True,
                    "words": "a name of 1 to 60 characters: letters, digits, _ . and -, a letter first or null",
                },
                "default": None,
            },
            "lease_seconds": {
                "shape": {
                    "kind": "number",
                    "whole": True,
                    "min": 1,
                    "max": 3600,
                    "words": "a whole number from 1 to 3,600",
                },
                "default": 60,
            },
        },
    },
    "run.attach": {
        "kind": "object",
        "words": "an object",
        "fields": {
            "name": {"shape": NAME, "required": True},
            "text": {
                "shape": {"kind": "text", "max": 262144, "words": "text of at most 262,144 characters"},
                "required": True,
            },
            "media_type": {
                "shape": {"kind": "text", "min": 1, "max": 100, "words": "text of 1 to 100 characters"},
                "default": "text/plain",
            },
            "project_id": {"shape": ID, "required": True},
            "run_id": {"shape": ID, "required": True},
            "fence": {"shape": FENCE, "required": True},
        },
    },
    "run.ask": {
        "kind": "object",
        "words": "an object",
        "fields": {
            "key": {
                "shape": {"kind": "text", "min": 1, "max": 200, "words": "text of 1 to 200 characters"},
                "required": True,
            },
            "prompt": {
                "shape": {"kind": "text", "min": 1, "max": 4000, "words": "text of 1 to 4,000 characters"},
                "required": True,
            },
            "kind": {"shape": QUESTION_KIND, "default": "text"},
            "choices": {
                "shape": {
                    "kind": "list",
                    "of": {"kind": "text", "min": 1, "max": 300, "words": "text of 1 to 300 characters"},
                    "min": 0,
                    "max": 50,
                    "words": "a list of at most 50 items",
                },
                "default": [],
            },
            "form": {"shape": {**SCHEMA, "nullable": True, "words": "an object or null"}, "default": None},
            "action": {
                "shape": {
                    "kind": "text",
                    "min": 1,
                    "max": 200,
                    "words": "text of 1 to 200 characters or null",
                    "nullable": True,
                },
                "default": None,
            },
            "arguments": {"shape": {**JSON, "nullable": True, "words": "an object or null"}, "default": None},
            "ceiling": {
                "shape": {
                    **MONEY,
                    "nullable": True,
                    "words": "a whole number from 0 to 1,000,000,000,000,000 or null",
                },
                "default": None,
            },
            "to": {
                "shape": {
                    "kind": "list",
                    "of": ID,
                    "min": 0,
                    "max": 50,
                    "words": "a list of at most 50 items",
                },
                "default": [],
            },
            "expires_at": {
                "shape": {
                    **TIMESTAMP,
                    "nullable": True,
                    "words": "a time with its offset such as 2026-03-01T09:30:00Z or null",
                },
                "default": None,
            },
            "project_id": {"shape": ID, "required": True},
            "run_id": {"shape": ID, "required": True},
            "fence": {"shape": FENCE, "required": True},
        },
    },
}
"""What an author may leave to be completed, where that is another shape."""

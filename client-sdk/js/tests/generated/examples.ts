// The golden examples of the protocol. Written by scripts/generate.py from protocol/examples; do not edit.

import type {
  CommandName,
  Commands,
  Ephemera,
  Events,
  EventType,
  LoggedEvent,
} from "../../src/generated/protocol.js";

type CommandExample<C extends CommandName> = {
  payload: Commands[C]["payload"];
  reply: Commands[C]["reply"];
};
type EventExample<T extends EventType> = LoggedEvent & { type: T; data: Events[T] };

export const commands: { [C in CommandName]: CommandExample<C> } = {
  "member.get": {
    "payload": {
      "member_id": "019ca86b-24c0-7002-8002-000000000003"
    },
    "reply": {
      "id": "019ca86b-24c0-7002-8002-000000000003",
      "version": 1,
      "name": "Neil Armstrong",
      "kind": "person",
      "role": "member",
      "email": null,
      "active": true,
      "created_at": "2026-03-01T08:02:00Z"
    }
  },
  "member.list": {
    "payload": {
      "kind": "agent",
      "limit": 20
    },
    "reply": {
      "items": [
        {
          "id": "019ca86d-e3e0-7002-8002-000000000006",
          "version": 1,
          "name": "Guidance Computer",
          "kind": "agent",
          "role": "guest",
          "email": null,
          "active": true,
          "created_at": "2026-03-01T08:05:00Z"
        },
        {
          "id": "019ca86e-ce40-7002-8002-000000000007",
          "version": 1,
          "name": "Real-Time Computer",
          "kind": "agent",
          "role": "guest",
          "email": null,
          "active": true,
          "created_at": "2026-03-01T08:06:00Z"
        }
      ],
      "next": null
    }
  },
  "member.update": {
    "payload": {
      "member_id": "019ca86b-24c0-7002-8002-000000000003",
      "version": 1,
      "name": "Neil A. Armstrong",
      "command_id": "019ca90e-1f68-700c-800c-000000000001"
    },
    "reply": {
      "id": "019ca86b-24c0-7002-8002-000000000003",
      "version": 2,
      "name": "Neil A. Armstrong",
      "kind": "person",
      "role": "member",
      "email": null,
      "active": true,
      "created_at": "2026-03-01T08:02:00Z"
    }
  },
  "member.set_role": {
    "payload": {
      "member_id": "019ca86a-3a60-7002-8002-000000000002",
      "role": "owner",
      "command_id": "019ca90e-2350-700c-800c-000000000002"
    },
    "reply": {
      "id": "019ca86a-3a60-7002-8002-000000000002",
      "version": 2,
      "name": "Katherine Johnson",
      "kind": "person",
      "role": "owner",
      "email": null,
      "active": true,
      "created_at": "2026-03-01T08:01:00Z"
    }
  },
  "member.remove": {
    "payload": {
      "member_id": "019ca86c-f980-7002-8002-000000000005",
      "command_id": "019ca90e-2738-700c-800c-000000000003"
    },
    "reply": {
      "id": "019ca86c-f980-7002-8002-000000000005",
      "version": 2,
      "name": "Gene Kranz",
      "kind": "person",
      "role": "guest",
      "email": null,
      "active": false,
      "created_at": "2026-03-01T08:04:00Z"
    }
  },
  "workspace.get": {
    "payload": {},
    "reply": {
      "id": "019ca869-5000-7001-8001-000000000001",
      "workspace": {
        "id": "019ca869-5000-7001-8001-000000000001",
        "version": 1,
        "name": "Apollo Program",
        "description": "Before this decade is out.",
        "created_at": "2026-03-01T08:00:00Z"
      },
      "me": {
        "id": "019ca869-5000-7002-8002-000000000001",
        "version": 1,
        "name": "Margaret Hamilton",
        "kind": "person",
        "role": "owner",
        "email": "margaret@apollo.example",
        "active": true,
        "created_at": "2026-03-01T08:00:00Z"
      }
    }
  },
  "workspace.update": {
    "payload": {
      "version": 1,
      "description": "We choose to go to the Moon.",
      "command_id": "019ca90e-2b20-700c-800c-000000000004"
    },
    "reply": {
      "id": "019ca869-5000-7001-8001-000000000001",
      "version": 2,
      "name": "Apollo Program",
      "description": "We choose to go to the Moon.",
      "created_at": "2026-03-01T08:00:00Z"
    }
  },
  "file.list": {
    "payload": {
      "room": "019ca8a0-3e80-7003-8003-000000000001",
      "folder": "trajectory",
      "sort": "name",
      "limit": 50
    },
    "reply": {
      "items": [
        {
          "id": "019ca904-f3c0-7012-8012-000000000001",
          "version": 1,
          "room": "019ca8a0-3e80-7003-8003-000000000001",
          "task_id": "019ca8aa-50a0-7004-8004-000000000002",
          "run_id": null,
          "folder": "trajectory",
          "name": "free-return.pdf",
          "number": 1,
          "bytes": 318402,
          "sha256": "1c257c21d9e0d7c5149500bb200eb3591937c74222e2ce175ad52a1989818918",
          "media_type": "application/pdf",
          "kind": "document",
          "analysis": "done",
          "quality": 91,
          "held": "",
          "restricted": false,
          "created_by": "019ca86a-3a60-7002-8002-000000000002",
          "created_at": "2026-03-01T10:50:00Z",
          "updated_by": "019ca86a-3a60-7002-8002-000000000002",
          "updated_at": "2026-03-01T10:50:00Z",
          "purge_at": null
        },
        {
          "id": "019ca8fd-a0c0-7012-8012-000000000004",
          "version": 1,
          "room": "019ca8a0-3e80-7003-8003-000000000001",
          "task_id": "019ca8aa-50a0-7004-8004-000000000002",
          "run_id": "019ca8fc-b660-700d-800d-000000000001",
          "folder": "trajectory",
          "name": "state-vectors.csv",
          "number": 1,
          "bytes": 43,
          "sha256": "c1a2ef7b89ce708c675f49d364509794c554fe48acb4c19b3378675273a1207c",
          "media_type": "text/csv",
          "kind": "table",
          "analysis": "done",
          "quality": 88,
          "held": "",
          "restricted": false,
          "created_by": "019ca86d-e3e0-7002-8002-000000000006",
          "created_at": "2026-03-01T10:42:00Z",
          "updated_by": "019ca86d-e3e0-7002-8002-000000000006",
          "updated_at": "2026-03-01T10:42:00Z",
          "purge_at": null
        }
      ],
      "next": null
    }
  },
  "file.folders": {
    "payload": {
      "room": "019ca8a0-3e80-7003-8003-000000000001",
      "folder": ""
    },
    "reply": {
      "folders": [
        {
          "path": "guidance",
          "files": 1,
          "bytes": 85,
          "updated_at": "2026-03-01T11:52:00Z"
        },
        {
          "path": "medical",
          "files": 1,
          "bytes": 41208,
          "updated_at": "2026-03-01T10:53:30Z"
        },
        {
          "path": "trajectory",
          "files": 3,
          "bytes": 636562,
          "updated_at": "2026-03-01T10:51:00Z"
        }
      ]
    }
  },
  "file.get": {
    "payload": {
      "file_id": "019ca904-f3c0-7012-8012-000000000001"
    },
    "reply": {
      "file": {
        "id": "019ca904-f3c0-7012-8012-000000000001",
        "version": 1,
        "room": "019ca8a0-3e80-7003-8003-000000000001",
        "task_id": "019ca8aa-50a0-7004-8004-000000000002",
        "run_id": null,
        "folder": "trajectory",
        "name": "free-return.pdf",
        "number": 1,
        "bytes": 318402,
        "sha256": "1c257c21d9e0d7c5149500bb200eb3591937c74222e2ce175ad52a1989818918",
        "media_type": "application/pdf",
        "kind": "document",
        "analysis": "done",
        "quality": 91,
        "held": "",
        "restricted": false,
        "created_by": "019ca86a-3a60-7002-8002-000000000002",
        "created_at": "2026-03-01T10:50:00Z",
        "updated_by": "019ca86a-3a60-7002-8002-000000000002",
        "updated_at": "2026-03-01T10:50:00Z",
        "purge_at": null
      },
      "version": {
        "file_id": "019ca904-f3c0-7012-8012-000000000001",
        "number": 1,
        "name": "free-return.pdf",
        "bytes": 318402,
        "sha256": "1c257c21d9e0d7c5149500bb200eb3591937c74222e2ce175ad52a1989818918",
        "media_type": "application/pdf",
        "kind": "document",
        "analysis": "done",
        "quality": 91,
        "held": "",
        "label": "",
        "restored_from": null,
        "run_id": null,
        "created_by": "019ca86a-3a60-7002-8002-000000000002",
        "created_at": "2026-03-01T10:50:00Z"
      },
      "access": "manager",
      "description": {
        "media_type": "application/pdf",
        "kind": "document",
        "language": "en",
        "pages": 12,
        "characters": 28417,
        "metadata": {
          "title": "Free return to Earth",
          "author": "K. Johnson",
          "pages": 12
        },
        "quality": {
          "score": 91,
          "parts": [
            {
              "name": "text layer",
              "score": 100,
              "weight": 0.5,
              "reason": "All 12 pages have text."
            },
            {
              "name": "metadata",
              "score": 60,
              "weight": 0.2,
              "reason": "Title and author are there; subject and keywords are not."
            },
            {
              "name": "links",
              "score": 97,
              "weight": 0.3,
              "reason": "29 of 30 links inside the document lead somewhere."
            }
          ]
        },
        "findings": [],
        "previews": [
          {
            "name": "thumbnail",
            "width": 198,
            "height": 256
          },
          {
            "name": "page-1",
            "width": 791,
            "height": 1024
          }
        ],
        "error": ""
      },
      "grants": []
    }
  },
  "file.adopt": {
    "payload": {
      "room": "019ca8a0-3e80-7003-8003-000000000001",
      "name": "abort.pdf",
      "sha256": "1c257c21d9e0d7c5149500bb200eb3591937c74222e2ce175ad52a1989818918",
      "folder": "trajectory/aborts",
      "task_id": "019ca8aa-50a0-7004-8004-000000000002",
      "command_id": "019ca910-5da0-700c-800c-00000000007d"
    },
    "reply": {
      "id": "019ca90e-1b80-7012-8012-000000000007",
      "version": 1,
      "room": "019ca8a0-3e80-7003-8003-000000000001",
      "task_id": "019ca8aa-50a0-7004-8004-000000000002",
      "run_id": null,
      "folder": "trajectory/aborts",
      "name": "abort.pdf",
      "number": 1,
      "bytes": 318402,
      "sha256": "1c257c21d9e0d7c5149500bb200eb3591937c74222e2ce175ad52a1989818918",
      "media_type": "application/pdf",
      "kind": "document",
      "analysis": "done",
      "quality": 91,
      "held": "",
      "restricted": false,
      "created_by": "019ca869-5000-7002-8002-000000000001",
      "created_at": "2026-03-01T11:00:00Z",
      "updated_by": "019ca869-5000-7002-8002-000000000001",
      "updated_at": "2026-03-01T11:00:00Z",
      "purge_at": null
    }
  },
  "file.rename": {
    "payload": {
      "file_id": "019ca904-f3c0-7012-8012-000000000001",
      "name": "free-return-1969.pdf",
      "version": 1,
      "command_id": "019ca910-6188-700c-800c-00000000007e"
    },
    "reply": {
      "id": "019ca904-f3c0-7012-8012-000000000001",
      "version": 2,
      "room": "019ca8a0-3e80-7003-8003-000000000001",
      "task_id": "019ca8aa-50a0-7004-8004-000000000002",
      "run_id": null,
      "folder": "trajectory",
      "name": "free-return-1969.pdf",
      "number": 1,
      "bytes": 318402,
      "sha256": "1c257c21d9e0d7c5149500bb200eb3591937c74222e2ce175ad52a1989818918",
      "media_type": "application/pdf",
      "kind": "document",
      "analysis": "done",
      "quality": 91,
      "held": "",
      "restricted": false,
      "created_by": "019ca86a-3a60-7002-8002-000000000002",
      "created_at": "2026-03-01T10:50:00Z",
      "updated_by": "019ca869-5000-7002-8002-000000000001",
      "updated_at": "2026-03-01T11:01:00Z",
      "purge_at": null
    }
  },
  "file.move": {
    "payload": {
      "file_id": "019ca8fd-a0c0-7012-8012-000000000004",
      "folder": "trajectory/data",
      "task_id": "019ca8aa-50a0-7004-8004-000000000002",
      "version": 1,
      "command_id": "019ca910-6570-700c-800c-00000000007f"
    },
    "reply": {
      "id": "019ca8fd-a0c0-7012-8012-000000000004",
      "version": 2,
      "room": "019ca8a0-3e80-7003-8003-000000000001",
      "task_id": "019ca8aa-50a0-7004-8004-000000000002",
      "run_id": "019ca8fc-b660-700d-800d-000000000001",
      "folder": "trajectory/data",
      "name": "state-vectors.csv",
      "number": 1,
      "bytes": 43,
      "sha256": "c1a2ef7b89ce708c675f49d364509794c554fe48acb4c19b3378675273a1207c",
      "media_type": "text/csv",
      "kind": "table",
      "analysis": "done",
      "quality": 88,
      "held": "",
      "restricted": false,
      "created_by": "019ca86d-e3e0-7002-8002-000000000006",
      "created_at": "2026-03-01T10:42:00Z",
      "updated_by": "019ca869-5000-7002-8002-000000000001",
      "updated_at": "2026-03-01T11:02:00Z",
      "purge_at": null
    }
  },
  "file.versions": {
    "payload": {
      "file_id": "019ca906-c880-7012-8012-000000000003",
      "limit": 50
    },
    "reply": {
      "items": [
        {
          "file_id": "019ca906-c880-7012-8012-000000000003",
          "number": 3,
          "name": "P63.agc",
          "bytes": 85,
          "sha256": "a1d8d5470899aa376f263b5353c360b47701568f7d53789e8b4c51e17ab55cf1",
          "media_type": "text/x-agc",
          "kind": "code",
          "analysis": "done",
          "quality": 86,
          "held": "",
          "label": "",
          "restored_from": null,
          "run_id": null,
          "created_by": "019ca869-5000-7002-8002-000000000001",
          "created_at": "2026-03-01T11:52:00Z"
        },
        {
          "file_id": "019ca906-c880-7012-8012-000000000003",
          "number": 2,
          "name": "P63.agc",
          "bytes": 65,
          "sha256": "a49bbd04c18e95200f5cab0bfe2ef76fdab76c1b371859f1c5a53f300509b0dd",
          "media_type": "text/x-agc",
          "kind": "code",
          "analysis": "done",
          "quality": 82,
          "held": "",
          "label": "Apollo 10",
          "restored_from": null,
          "run_id": null,
          "created_by": "019ca869-5000-7002-8002-000000000001",
          "created_at": "2026-03-01T11:20:00Z"
        },
        {
          "file_id": "019ca906-c880-7012-8012-000000000003",
          "number": 1,
          "name": "P63.agc",
          "bytes": 52,
          "sha256": "f17ce17938abf7b391f97f795b486d08efec6a3a25221f19f4ce7526d8ff6736",
          "media_type": "text/x-agc",
          "kind": "code",
          "analysis": "done",
          "quality": 74,
          "held": "",
          "label": "",
          "restored_from": null,
          "run_id": null,
          "created_by": "019ca869-5000-7002-8002-000000000001",
          "created_at": "2026-03-01T10:52:00Z"
        }
      ],
      "next": null
    }
  },
  "file.restore": {
    "payload": {
      "file_id": "019ca906-c880-7012-8012-000000000003",
      "number": 1,
      "command_id": "019ca910-6958-700c-800c-000000000080"
    },
    "reply": {
      "id": "019ca906-c880-7012-8012-000000000003",
      "version": 4,
      "room": "019ca8a0-3e80-7003-8003-000000000001",
      "task_id": "019ca8a9-6640-7004-8004-000000000001",
      "run_id": null,
      "folder": "guidance/luminary",
      "name": "P63.agc",
      "number": 4,
      "bytes": 52,
      "sha256": "f17ce17938abf7b391f97f795b486d08efec6a3a25221f19f4ce7526d8ff6736",
      "media_type": "text/x-agc",
      "kind": "code",
      "analysis": "done",
      "quality": 74,
      "held": "",
      "restricted": false,
      "created_by": "019ca869-5000-7002-8002-000000000001",
      "created_at": "2026-03-01T10:52:00Z",
      "updated_by": "019ca869-5000-7002-8002-000000000001",
      "updated_at": "2026-03-01T11:55:00Z",
      "purge_at": null
    }
  },
  "file.compare": {
    "payload": {
      "file_id": "019ca906-c880-7012-8012-000000000003",
      "before": 2,
      "after": 3
    },
    "reply": {
      "before": {
        "file_id": "019ca906-c880-7012-8012-000000000003",
        "number": 2,
        "name": "P63.agc",
        "bytes": 65,
        "sha256": "a49bbd04c18e95200f5cab0bfe2ef76fdab76c1b371859f1c5a53f300509b0dd",
        "media_type": "text/x-agc",
        "kind": "code",
        "analysis": "done",
        "quality": 82,
        "held": "",
        "label": "Apollo 10",
        "restored_from": null,
        "run_id": null,
        "created_by": "019ca869-5000-7002-8002-000000000001",
        "created_at": "2026-03-01T11:20:00Z"
      },
      "after": {
        "file_id": "019ca906-c880-7012-8012-000000000003",
        "number": 3,
        "name": "P63.agc",
        "bytes": 85,
        "sha256": "a1d8d5470899aa376f263b5353c360b47701568f7d53789e8b4c51e17ab55cf1",
        "media_type": "text/x-agc",
        "kind": "code",
        "analysis": "done",
        "quality": 86,
        "held": "",
        "label": "",
        "restored_from": null,
        "run_id": null,
        "created_by": "019ca869-5000-7002-8002-000000000001",
        "created_at": "2026-03-01T11:52:00Z"
      },
      "same": false,
      "text": true,
      "added": 1,
      "removed": 1,
      "hunks": [
        {
          "lines": [
            {
              "sign": "removed",
              "before": 1,
              "after": null,
              "text": "# P63: braking"
            },
            {
              "sign": "added",
              "before": null,
              "after": 1,
              "text": "# P63: braking, restarts protected"
            },
            {
              "sign": "same",
              "before": 2,
              "after": 2,
              "text": "TC BANKCALL"
            },
            {
              "sign": "same",
              "before": 3,
              "after": 3,
              "text": "CADR R02BOTH"
            },
            {
              "sign": "same",
              "before": 4,
              "after": 4,
              "text": "CAF P63SPOT2"
            }
          ]
        }
      ],
      "truncated": false,
      "metadata": {
        "comments": [
          1,
          2
        ]
      }
    }
  },
  "file.pin": {
    "payload": {
      "file_id": "019ca906-c880-7012-8012-000000000003",
      "number": 2,
      "label": "Apollo 10",
      "command_id": "019ca910-6d40-700c-800c-000000000081"
    },
    "reply": {
      "file_id": "019ca906-c880-7012-8012-000000000003",
      "number": 2,
      "name": "P63.agc",
      "bytes": 65,
      "sha256": "a49bbd04c18e95200f5cab0bfe2ef76fdab76c1b371859f1c5a53f300509b0dd",
      "media_type": "text/x-agc",
      "kind": "code",
      "analysis": "done",
      "quality": 82,
      "held": "",
      "label": "Apollo 10",
      "restored_from": null,
      "run_id": null,
      "created_by": "019ca869-5000-7002-8002-000000000001",
      "created_at": "2026-03-01T11:20:00Z"
    }
  },
  "file.delete": {
    "payload": {
      "file_id": "019ca905-de20-7012-8012-000000000002",
      "command_id": "019ca910-7128-700c-800c-000000000082"
    },
    "reply": {
      "id": "019ca905-de20-7012-8012-000000000002",
      "version": 2,
      "room": "019ca8a0-3e80-7003-8003-000000000001",
      "task_id": "019ca8aa-50a0-7004-8004-000000000002",
      "run_id": null,
      "folder": "trajectory/scans",
      "name": "free-return scanned.pdf",
      "number": 1,
      "bytes": 318117,
      "sha256": "fcab655697dbeb1accba7b88ec22eacedf0ad22fd2604def71d669fcb8b7927c",
      "media_type": "application/pdf",
      "kind": "document",
      "analysis": "done",
      "quality": 58,
      "held": "",
      "restricted": false,
      "created_by": "019ca86a-3a60-7002-8002-000000000002",
      "created_at": "2026-03-01T10:51:00Z",
      "updated_by": "019ca869-5000-7002-8002-000000000001",
      "updated_at": "2026-03-01T11:03:00Z",
      "purge_at": "2026-03-31T11:03:00Z"
    }
  },
  "file.undelete": {
    "payload": {
      "file_id": "019ca905-de20-7012-8012-000000000002",
      "command_id": "019ca910-7510-700c-800c-000000000083"
    },
    "reply": {
      "id": "019ca905-de20-7012-8012-000000000002",
      "version": 3,
      "room": "019ca8a0-3e80-7003-8003-000000000001",
      "task_id": "019ca8aa-50a0-7004-8004-000000000002",
      "run_id": null,
      "folder": "trajectory/scans",
      "name": "free-return scanned.pdf",
      "number": 1,
      "bytes": 318117,
      "sha256": "fcab655697dbeb1accba7b88ec22eacedf0ad22fd2604def71d669fcb8b7927c",
      "media_type": "application/pdf",
      "kind": "document",
      "analysis": "done",
      "quality": 58,
      "held": "",
      "restricted": false,
      "created_by": "019ca86a-3a60-7002-8002-000000000002",
      "created_at": "2026-03-01T10:51:00Z",
      "updated_by": "019ca869-5000-7002-8002-000000000001",
      "updated_at": "2026-03-01T11:04:00Z",
      "purge_at": null
    }
  },
  "file.restrict": {
    "payload": {
      "file_id": "019ca907-b2e0-7012-8012-000000000005",
      "restricted": false,
      "command_id": "019ca910-78f8-700c-800c-000000000084"
    },
    "reply": {
      "id": "019ca907-b2e0-7012-8012-000000000005",
      "version": 3,
      "room": "019ca8a0-3e80-7003-8003-000000000001",
      "task_id": null,
      "run_id": null,
      "folder": "medical",
      "name": "preflight.pdf",
      "number": 1,
      "bytes": 41208,
      "sha256": "957945403409f49aa8a69442e8fc9a6d31dd71d4987f613472e8b790dcbbafac",
      "media_type": "application/pdf",
      "kind": "document",
      "analysis": "done",
      "quality": 79,
      "held": "",
      "restricted": false,
      "created_by": "019ca869-5000-7002-8002-000000000001",
      "created_at": "2026-03-01T10:53:00Z",
      "updated_by": "019ca869-5000-7002-8002-000000000001",
      "updated_at": "2026-03-01T11:05:00Z",
      "purge_at": null
    }
  },
  "file.grant": {
    "payload": {
      "file_id": "019ca907-b2e0-7012-8012-000000000005",
      "member_id": "019ca86b-24c0-7002-8002-000000000003",
      "access": "viewer",
      "until": "2026-03-08T11:06:00Z",
      "command_id": "019ca910-7ce0-700c-800c-000000000085"
    },
    "reply": {
      "id": "019ca913-99c0-7013-8013-000000000002",
      "member_id": "019ca86b-24c0-7002-8002-000000000003",
      "role": null,
      "access": "viewer",
      "until": "2026-03-08T11:06:00Z",
      "created_by": "019ca869-5000-7002-8002-000000000001",
      "created_at": "2026-03-01T11:06:00Z"
    }
  },
  "file.revoke": {
    "payload": {
      "file_id": "019ca907-b2e0-7012-8012-000000000005",
      "grant_id": "019ca908-9d40-7013-8013-000000000001",
      "command_id": "019ca910-80c8-700c-800c-000000000086"
    },
    "reply": {
      "id": "019ca908-9d40-7013-8013-000000000001",
      "member_id": "019ca86c-f980-7002-8002-000000000005",
      "role": null,
      "access": "viewer",
      "until": "2026-03-08T10:54:00Z",
      "created_by": "019ca869-5000-7002-8002-000000000001",
      "created_at": "2026-03-01T10:54:00Z"
    }
  },
  "file.hold": {
    "payload": {
      "file_id": "019ca904-f3c0-7012-8012-000000000001",
      "number": 1,
      "reason": "The figures are being checked again.",
      "command_id": "019ca910-84b0-700c-800c-000000000087"
    },
    "reply": {
      "id": "019ca904-f3c0-7012-8012-000000000001",
      "version": 2,
      "room": "019ca8a0-3e80-7003-8003-000000000001",
      "task_id": "019ca8aa-50a0-7004-8004-000000000002",
      "run_id": null,
      "folder": "trajectory",
      "name": "free-return.pdf",
      "number": 1,
      "bytes": 318402,
      "sha256": "1c257c21d9e0d7c5149500bb200eb3591937c74222e2ce175ad52a1989818918",
      "media_type": "application/pdf",
      "kind": "document",
      "analysis": "done",
      "quality": 91,
      "held": "The figures are being checked again.",
      "restricted": false,
      "created_by": "019ca86a-3a60-7002-8002-000000000002",
      "created_at": "2026-03-01T10:50:00Z",
      "updated_by": "019ca869-5000-7002-8002-000000000001",
      "updated_at": "2026-03-01T11:07:00Z",
      "purge_at": null
    }
  },
  "file.search": {
    "payload": {
      "query": "\"free return\" -abort",
      "room": "019ca8a0-3e80-7003-8003-000000000001",
      "kind": "document",
      "limit": 20
    },
    "reply": {
      "hits": [
        {
          "file": {
            "id": "019ca904-f3c0-7012-8012-000000000001",
            "version": 1,
            "room": "019ca8a0-3e80-7003-8003-000000000001",
            "task_id": "019ca8aa-50a0-7004-8004-000000000002",
            "run_id": null,
            "folder": "trajectory",
            "name": "free-return.pdf",
            "number": 1,
            "bytes": 318402,
            "sha256": "1c257c21d9e0d7c5149500bb200eb3591937c74222e2ce175ad52a1989818918",
            "media_type": "application/pdf",
            "kind": "document",
            "analysis": "done",
            "quality": 91,
            "held": "",
            "restricted": false,
            "created_by": "019ca86a-3a60-7002-8002-000000000002",
            "created_at": "2026-03-01T10:50:00Z",
            "updated_by": "019ca86a-3a60-7002-8002-000000000002",
            "updated_at": "2026-03-01T10:50:00Z",
            "purge_at": null
          },
          "page": 2,
          "snippet": "The \u0002free\u0003 \u0002return\u0003 leads around the Moon, 111 km above its far side, and home without a burn."
        }
      ]
    }
  },
  "file.similar": {
    "payload": {
      "file_id": "019ca904-f3c0-7012-8012-000000000001"
    },
    "reply": {
      "files": [
        {
          "file": {
            "id": "019ca905-de20-7012-8012-000000000002",
            "version": 1,
            "room": "019ca8a0-3e80-7003-8003-000000000001",
            "task_id": "019ca8aa-50a0-7004-8004-000000000002",
            "run_id": null,
            "folder": "trajectory/scans",
            "name": "free-return scanned.pdf",
            "number": 1,
            "bytes": 318117,
            "sha256": "fcab655697dbeb1accba7b88ec22eacedf0ad22fd2604def71d669fcb8b7927c",
            "media_type": "application/pdf",
            "kind": "document",
            "analysis": "done",
            "quality": 58,
            "held": "",
            "restricted": false,
            "created_by": "019ca86a-3a60-7002-8002-000000000002",
            "created_at": "2026-03-01T10:51:00Z",
            "updated_by": "019ca86a-3a60-7002-8002-000000000002",
            "updated_at": "2026-03-01T10:51:00Z",
            "purge_at": null
          },
          "likeness": 0.96875
        }
      ]
    }
  },
  "file.text": {
    "payload": {
      "file_id": "019ca904-f3c0-7012-8012-000000000001",
      "page": 2
    },
    "reply": {
      "page": 2,
      "pages": 12,
      "text": "The free return leads around the Moon, 111 km above its far side, and home without a burn."
    }
  },
  "file.link": {
    "payload": {
      "file_id": "019ca904-f3c0-7012-8012-000000000001",
      "inline": true,
      "seconds": 300
    },
    "reply": {
      "url": "https://ymera.example.org/api/files/links/eyJmIjoiMDE5Y2E4Zi4uLiJ9.c2lnbmVk",
      "expires_at": "2026-03-01T11:13:00Z"
    }
  },
  "file.quota": {
    "payload": {
      "room": "019ca8a0-3e80-7003-8003-000000000001"
    },
    "reply": {
      "room": {
        "bytes": 1284710,
        "reserved": 52428800,
        "limit": 107374182400
      },
      "member": {
        "bytes": 84112,
        "reserved": 52428800,
        "limit": 53687091200
      },
      "largest": 21474836480
    }
  },
  "file.set_quota": {
    "payload": {
      "room": "019ca8a0-3e80-7003-8003-000000000001",
      "limit": 214748364800,
      "command_id": "019ca910-8898-700c-800c-000000000088"
    },
    "reply": {
      "bytes": 1284710,
      "reserved": 52428800,
      "limit": 214748364800
    }
  },
  "question.list": {
    "payload": {
      "project_id": "019ca8a0-3e80-7003-8003-000000000001"
    },
    "reply": {
      "items": [
        {
          "id": "019ca8ff-0050-700e-800e-000000000002",
          "project_id": "019ca8a0-3e80-7003-8003-000000000001",
          "run_id": "019ca8fc-b660-700d-800d-000000000001",
          "task_id": "019ca8aa-50a0-7004-8004-000000000002",
          "agent_id": "019ca86d-e3e0-7002-8002-000000000006",
          "key": "midcourse",
          "kind": "approval",
          "prompt": "Correct the course now?",
          "choices": [],
          "form": null,
          "action": "burn",
          "arguments": {
            "engine": "SPS",
            "seconds": 2.91
          },
          "arguments_hash": "80865e9b3b31f7de0b85d06fc288344c69155620e49291352e4aadcfd1b23818",
          "ceiling": 500000,
          "asked": [
            "019ca869-5000-7002-8002-000000000001"
          ],
          "state": "open",
          "answer": null,
          "comment": "",
          "answered_by": null,
          "created_at": "2026-03-01T10:43:30Z",
          "answered_at": null,
          "expires_at": "2026-03-01T12:00:00Z",
          "used_at": null
        },
        {
          "id": "019ca8fd-c7d0-700e-800e-000000000001",
          "project_id": "019ca8a0-3e80-7003-8003-000000000001",
          "run_id": "019ca8fd-a0c0-700d-800d-000000000002",
          "task_id": "019ca8ad-0fc0-7004-8004-000000000005",
          "agent_id": "019ca86d-e3e0-7002-8002-000000000006",
          "key": "first-out",
          "kind": "choice",
          "prompt": "Who steps out first?",
          "choices": [
            "Neil Armstrong",
            "Buzz Aldrin"
          ],
          "form": null,
          "action": null,
          "arguments": null,
          "arguments_hash": null,
          "ceiling": null,
          "asked": [
            "019ca86b-24c0-7002-8002-000000000003"
          ],
          "state": "open",
          "answer": null,
          "comment": "",
          "answered_by": null,
          "created_at": "2026-03-01T10:42:10Z",
          "answered_at": null,
          "expires_at": null,
          "used_at": null
        }
      ],
      "next": null
    }
  },
  "question.get": {
    "payload": {
      "question_id": "019ca8ff-0050-700e-800e-000000000002"
    },
    "reply": {
      "id": "019ca8ff-0050-700e-800e-000000000002",
      "project_id": "019ca8a0-3e80-7003-8003-000000000001",
      "run_id": "019ca8fc-b660-700d-800d-000000000001",
      "task_id": "019ca8aa-50a0-7004-8004-000000000002",
      "agent_id": "019ca86d-e3e0-7002-8002-000000000006",
      "key": "midcourse",
      "kind": "approval",
      "prompt": "Correct the course now?",
      "choices": [],
      "form": null,
      "action": "burn",
      "arguments": {
        "engine": "SPS",
        "seconds": 2.91
      },
      "arguments_hash": "80865e9b3b31f7de0b85d06fc288344c69155620e49291352e4aadcfd1b23818",
      "ceiling": 500000,
      "asked": [
        "019ca869-5000-7002-8002-000000000001"
      ],
      "state": "answered",
      "answer": true,
      "comment": "Go.",
      "answered_by": "019ca869-5000-7002-8002-000000000001",
      "created_at": "2026-03-01T10:43:30Z",
      "answered_at": "2026-03-01T10:44:10Z",
      "expires_at": "2026-03-01T12:00:00Z",
      "used_at": null
    }
  },
  "run.answer": {
    "payload": {
      "question_id": "019ca8fd-c7d0-700e-800e-000000000001",
      "answer": "Neil Armstrong",
      "comment": "He sits next to the hatch.",
      "command_id": "019ca910-4248-700c-800c-000000000076"
    },
    "reply": {
      "id": "019ca8fd-c7d0-700e-800e-000000000001",
      "project_id": "019ca8a0-3e80-7003-8003-000000000001",
      "run_id": "019ca8fd-a0c0-700d-800d-000000000002",
      "task_id": "019ca8ad-0fc0-7004-8004-000000000005",
      "agent_id": "019ca86d-e3e0-7002-8002-000000000006",
      "key": "first-out",
      "kind": "choice",
      "prompt": "Who steps out first?",
      "choices": [
        "Neil Armstrong",
        "Buzz Aldrin"
      ],
      "form": null,
      "action": null,
      "arguments": null,
      "arguments_hash": null,
      "ceiling": null,
      "asked": [
        "019ca86b-24c0-7002-8002-000000000003"
      ],
      "state": "answered",
      "answer": "Neil Armstrong",
      "comment": "He sits next to the hatch.",
      "answered_by": "019ca86b-24c0-7002-8002-000000000003",
      "created_at": "2026-03-01T10:42:10Z",
      "answered_at": "2026-03-01T10:49:00Z",
      "expires_at": null,
      "used_at": null
    }
  },
  "message.send": {
    "payload": {
      "room": "019ca884-c740-7005-8005-000000000001",
      "text": "@[Margaret Hamilton](019ca869-5000-7002-8002-000000000001) what does a 1202 mean?",
      "id": "019ca8d8-1760-7006-8006-000000000002",
      "files": [
        "019ca8d7-a230-7012-8012-000000000006"
      ],
      "command_id": "019ca90e-3ac0-700c-800c-000000000008"
    },
    "reply": {
      "id": "019ca8d8-1760-7006-8006-000000000002",
      "version": 1,
      "room": "019ca884-c740-7005-8005-000000000001",
      "seq": 14,
      "author_id": "019ca86b-24c0-7002-8002-000000000003",
      "text": "@[Margaret Hamilton](019ca869-5000-7002-8002-000000000001) what does a 1202 mean?",
      "thread_id": null,
      "task_id": null,
      "mentions": [
        "019ca869-5000-7002-8002-000000000001"
      ],
      "reactions": {},
      "reply_count": 0,
      "created_at": "2026-03-01T10:01:00Z",
      "edited_at": null,
      "deleted": false,
      "files": [
        {
          "id": "019ca8d7-a230-7012-8012-000000000006",
          "name": "liftoff.jpg",
          "bytes": 2481152,
          "media_type": "image/jpeg",
          "kind": "image"
        }
      ]
    }
  },
  "message.edit": {
    "payload": {
      "message_id": "019ca8d7-2d00-7006-8006-000000000001",
      "text": "Trajectory checked to the seventh decimal. Go for launch?",
      "version": 1,
      "command_id": "019ca90e-3ea8-700c-800c-000000000009"
    },
    "reply": {
      "id": "019ca8d7-2d00-7006-8006-000000000001",
      "version": 2,
      "room": "019ca884-c740-7005-8005-000000000001",
      "seq": 12,
      "author_id": "019ca86a-3a60-7002-8002-000000000002",
      "text": "Trajectory checked to the seventh decimal. Go for launch?",
      "thread_id": null,
      "task_id": null,
      "mentions": [],
      "reactions": {
        "🚀": [
          "019ca86b-24c0-7002-8002-000000000003",
          "019ca86c-0f20-7002-8002-000000000004"
        ]
      },
      "reply_count": 1,
      "created_at": "2026-03-01T10:00:00Z",
      "edited_at": "2026-03-01T10:04:00Z",
      "deleted": false,
      "files": []
    }
  },
  "message.delete": {
    "payload": {
      "message_id": "019ca8d9-01c0-7006-8006-000000000003",
      "command_id": "019ca90e-4290-700c-800c-00000000000a"
    },
    "reply": {
      "id": "019ca8d9-01c0-7006-8006-000000000003",
      "version": 2,
      "room": "019ca884-c740-7005-8005-000000000001",
      "seq": 15,
      "author_id": "019ca86c-0f20-7002-8002-000000000004",
      "text": "",
      "thread_id": "019ca8d7-2d00-7006-8006-000000000001",
      "task_id": null,
      "mentions": [],
      "reactions": {},
      "reply_count": 0,
      "created_at": "2026-03-01T10:02:00Z",
      "edited_at": null,
      "deleted": true,
      "files": []
    }
  },
  "message.react": {
    "payload": {
      "message_id": "019ca8d7-2d00-7006-8006-000000000001",
      "emoji": "🚀",
      "on": true,
      "command_id": "019ca90e-4678-700c-800c-00000000000b"
    },
    "reply": {
      "id": "019ca8d7-2d00-7006-8006-000000000001",
      "version": 2,
      "room": "019ca884-c740-7005-8005-000000000001",
      "seq": 12,
      "author_id": "019ca86a-3a60-7002-8002-000000000002",
      "text": "Trajectory checked to the sixth decimal. Go for launch?",
      "thread_id": null,
      "task_id": null,
      "mentions": [],
      "reactions": {
        "🚀": [
          "019ca86b-24c0-7002-8002-000000000003",
          "019ca86c-0f20-7002-8002-000000000004",
          "019ca869-5000-7002-8002-000000000001"
        ]
      },
      "reply_count": 1,
      "created_at": "2026-03-01T10:00:00Z",
      "edited_at": null,
      "deleted": false,
      "files": []
    }
  },
  "room.create": {
    "payload": {
      "kind": "channel",
      "id": "019ca884-c740-7005-8005-000000000001",
      "name": "mission-control",
      "topic": "Flight: go or no-go",
      "private": false,
      "members": [
        "019ca86b-24c0-7002-8002-000000000003"
      ],
      "command_id": "019ca90e-4a60-700c-800c-00000000000c"
    },
    "reply": {
      "id": "019ca884-c740-7005-8005-000000000001",
      "version": 1,
      "kind": "channel",
      "name": "mission-control",
      "topic": "Flight: go or no-go",
      "private": false,
      "archived": false,
      "created_by": "019ca86a-3a60-7002-8002-000000000002",
      "created_at": "2026-03-01T08:30:00Z"
    }
  },
  "room.get": {
    "payload": {
      "room": "019ca88d-ef00-7005-8005-000000000002"
    },
    "reply": {
      "id": "019ca88d-ef00-7005-8005-000000000002",
      "version": 1,
      "kind": "direct",
      "name": "",
      "topic": "",
      "private": true,
      "archived": false,
      "created_by": "019ca86b-24c0-7002-8002-000000000003",
      "created_at": "2026-03-01T08:40:00Z"
    }
  },
  "room.list": {
    "payload": {
      "joined": true,
      "kind": "channel"
    },
    "reply": {
      "items": [
        {
          "id": "019ca884-c740-7005-8005-000000000001",
          "version": 1,
          "kind": "channel",
          "name": "mission-control",
          "topic": "Flight: go or no-go",
          "private": false,
          "archived": false,
          "created_by": "019ca86a-3a60-7002-8002-000000000002",
          "created_at": "2026-03-01T08:30:00Z"
        }
      ],
      "next": null
    }
  },
  "room.update": {
    "payload": {
      "room": "019ca884-c740-7005-8005-000000000001",
      "version": 1,
      "topic": "Eagle has landed",
      "command_id": "019ca90e-4e48-700c-800c-00000000000d"
    },
    "reply": {
      "id": "019ca884-c740-7005-8005-000000000001",
      "version": 2,
      "kind": "channel",
      "name": "mission-control",
      "topic": "Eagle has landed",
      "private": false,
      "archived": false,
      "created_by": "019ca86a-3a60-7002-8002-000000000002",
      "created_at": "2026-03-01T08:30:00Z"
    }
  },
  "room.join": {
    "payload": {
      "room": "019ca884-c740-7005-8005-000000000001",
      "after_seq": 14,
      "generation": "b7c1e0d2"
    },
    "reply": {
      "room": "019ca884-c740-7005-8005-000000000001",
      "kind": "channel",
      "head": 15,
      "generation": "b7c1e0d2",
      "role": "editor",
      "events": [
        {
          "room": "019ca884-c740-7005-8005-000000000001",
          "seq": 15,
          "type": "message.sent",
          "at": "2026-03-01T10:02:00Z",
          "actor": "019ca86c-0f20-7002-8002-000000000004",
          "data": {
            "message": {
              "id": "019ca8d9-01c0-7006-8006-000000000003",
              "version": 1,
              "room": "019ca884-c740-7005-8005-000000000001",
              "seq": 15,
              "author_id": "019ca86c-0f20-7002-8002-000000000004",
              "text": "Go.",
              "thread_id": "019ca8d7-2d00-7006-8006-000000000001",
              "task_id": null,
              "mentions": [],
              "reactions": {},
              "reply_count": 0,
              "created_at": "2026-03-01T10:02:00Z",
              "edited_at": null,
              "deleted": false,
              "files": []
            },
            "thread": {
              "id": "019ca8d7-2d00-7006-8006-000000000001",
              "reply_count": 1
            },
            "task": null
          }
        }
      ]
    }
  },
  "room.unsubscribe": {
    "payload": {
      "room": "019ca884-c740-7005-8005-000000000001"
    },
    "reply": null
  },
  "room.events": {
    "payload": {
      "room": "019ca8a0-3e80-7003-8003-000000000001",
      "after_seq": 30,
      "limit": 1000
    },
    "reply": {
      "room": "019ca8a0-3e80-7003-8003-000000000001",
      "head": 31,
      "events": [
        {
          "room": "019ca8a0-3e80-7003-8003-000000000001",
          "seq": 31,
          "type": "message.sent",
          "at": "2026-03-01T10:03:00Z",
          "actor": "019ca86a-3a60-7002-8002-000000000002",
          "data": {
            "message": {
              "id": "019ca8d9-ec20-7006-8006-000000000004",
              "version": 1,
              "room": "019ca8a0-3e80-7003-8003-000000000001",
              "seq": 31,
              "author_id": "019ca86a-3a60-7002-8002-000000000002",
              "text": "Erasable memory is nearly full; see page 12 of the listing.",
              "thread_id": null,
              "task_id": "019ca8a9-6640-7004-8004-000000000001",
              "mentions": [],
              "reactions": {},
              "reply_count": 0,
              "created_at": "2026-03-01T10:03:00Z",
              "edited_at": null,
              "deleted": false,
              "files": []
            },
            "thread": null,
            "task": {
              "id": "019ca8a9-6640-7004-8004-000000000001",
              "comment_count": 1
            }
          }
        }
      ]
    }
  },
  "room.history": {
    "payload": {
      "room": "019ca884-c740-7005-8005-000000000001",
      "thread_id": "019ca8d7-2d00-7006-8006-000000000001",
      "limit": 50
    },
    "reply": {
      "items": [
        {
          "id": "019ca8d9-01c0-7006-8006-000000000003",
          "version": 1,
          "room": "019ca884-c740-7005-8005-000000000001",
          "seq": 15,
          "author_id": "019ca86c-0f20-7002-8002-000000000004",
          "text": "Go.",
          "thread_id": "019ca8d7-2d00-7006-8006-000000000001",
          "task_id": null,
          "mentions": [],
          "reactions": {},
          "reply_count": 0,
          "created_at": "2026-03-01T10:02:00Z",
          "edited_at": null,
          "deleted": false,
          "files": []
        }
      ],
      "next": null
    }
  },
  "room.members": {
    "payload": {
      "room": "019ca884-c740-7005-8005-000000000001"
    },
    "reply": {
      "items": [
        {
          "id": "019ca86a-3a60-7002-8002-000000000002",
          "name": "Katherine Johnson",
          "kind": "person",
          "role": "manager",
          "joined_at": "2026-03-01T08:30:00Z",
          "until": null,
          "task_id": null
        },
        {
          "id": "019ca86b-24c0-7002-8002-000000000003",
          "name": "Neil Armstrong",
          "kind": "person",
          "role": "editor",
          "joined_at": "2026-03-01T08:31:00Z",
          "until": null,
          "task_id": null
        }
      ],
      "next": null
    }
  },
  "room.add_member": {
    "payload": {
      "room": "019ca884-c740-7005-8005-000000000001",
      "member_id": "019ca86c-0f20-7002-8002-000000000004",
      "role": "editor",
      "command_id": "019ca90e-5618-700c-800c-00000000000f"
    },
    "reply": {
      "id": "019ca86c-0f20-7002-8002-000000000004",
      "name": "Buzz Aldrin",
      "kind": "person",
      "role": "editor",
      "joined_at": "2026-03-01T08:32:00Z",
      "until": null,
      "task_id": null
    }
  },
  "room.remove_member": {
    "payload": {
      "room": "019ca884-c740-7005-8005-000000000001",
      "member_id": "019ca86c-0f20-7002-8002-000000000004",
      "command_id": "019ca90e-5a00-700c-800c-000000000010"
    },
    "reply": {
      "id": "019ca86c-0f20-7002-8002-000000000004",
      "name": "Buzz Aldrin",
      "kind": "person",
      "role": "editor",
      "joined_at": "2026-03-01T08:32:00Z",
      "until": null,
      "task_id": null
    }
  },
  "room.leave": {
    "payload": {
      "room": "019ca884-c740-7005-8005-000000000001",
      "command_id": "019ca90e-5de8-700c-800c-000000000011"
    },
    "reply": null
  },
  "room.mark_read": {
    "payload": {
      "room": "019ca884-c740-7005-8005-000000000001",
      "seq": 15,
      "command_id": "019ca90e-61d0-700c-800c-000000000012"
    },
    "reply": {
      "id": "019ca884-c740-7005-8005-000000000001",
      "kind": "channel",
      "name": "mission-control",
      "role": "editor",
      "read_seq": 15
    }
  },
  "task.create": {
    "payload": {
      "project_id": "019ca8a0-3e80-7003-8003-000000000001",
      "title": "Plan the first steps",
      "id": "019ca8ad-0fc0-7004-8004-000000000005",
      "parent_id": "019ca8ac-2560-7004-8004-000000000004",
      "command_id": "019ca90e-8110-700c-800c-00000000001a"
    },
    "reply": {
      "id": "019ca8ad-0fc0-7004-8004-000000000005",
      "version": 1,
      "project_id": "019ca8a0-3e80-7003-8003-000000000001",
      "title": "Plan the first steps",
      "description": "",
      "status": "todo",
      "priority": "none",
      "rank": "a4",
      "labels": [],
      "estimate": null,
      "due": null,
      "parent_id": "019ca8ac-2560-7004-8004-000000000004",
      "assignees": [],
      "depends_on": [],
      "blocked": false,
      "comment_count": 0,
      "external_id": null,
      "created_by": "019ca86c-0f20-7002-8002-000000000004",
      "created_at": "2026-03-01T09:14:00Z",
      "updated_at": "2026-03-01T09:14:00Z",
      "completed_at": null
    }
  },
  "task.import": {
    "payload": {
      "project_id": "019ca8a0-3e80-7003-8003-000000000001",
      "tasks": [
        {
          "external_id": "LUNA-17",
          "title": "Collect samples",
          "status": "todo",
          "priority": "high",
          "labels": [
            "science"
          ],
          "estimate": 3.5,
          "due": "2026-07-21",
          "depends_on": [
            "LUNA-16"
          ]
        },
        {
          "external_id": "LUNA-18",
          "title": "Label the boxes",
          "parent": "LUNA-17"
        }
      ],
      "command_id": "019ca90f-3b40-700c-800c-000000000060"
    },
    "reply": {
      "created": [
        "LUNA-18"
      ],
      "updated": [
        "LUNA-17"
      ],
      "unchanged": []
    }
  },
  "task.get": {
    "payload": {
      "task_id": "019ca8a9-6640-7004-8004-000000000001"
    },
    "reply": {
      "id": "019ca8a9-6640-7004-8004-000000000001",
      "version": 4,
      "project_id": "019ca8a0-3e80-7003-8003-000000000001",
      "title": "Write the landing program",
      "description": "Must survive a **1202** alarm: drop what is not needed, keep flying.",
      "status": "in_progress",
      "priority": "urgent",
      "rank": "a0",
      "labels": [
        "software",
        "guidance"
      ],
      "estimate": 120.0,
      "due": "2026-05-18",
      "parent_id": null,
      "assignees": [
        "019ca869-5000-7002-8002-000000000001",
        "019ca86d-e3e0-7002-8002-000000000006"
      ],
      "depends_on": [],
      "blocked": false,
      "comment_count": 1,
      "external_id": "LUM-099",
      "created_by": "019ca869-5000-7002-8002-000000000001",
      "created_at": "2026-03-01T09:10:00Z",
      "updated_at": "2026-03-01T09:30:00Z",
      "completed_at": null
    }
  },
  "task.list": {
    "payload": {
      "project_id": "019ca8a0-3e80-7003-8003-000000000001",
      "status": [
        "todo"
      ],
      "blocked": false,
      "sort": "rank",
      "limit": 2
    },
    "reply": {
      "items": [
        {
          "id": "019ca8aa-50a0-7004-8004-000000000002",
          "version": 1,
          "project_id": "019ca8a0-3e80-7003-8003-000000000001",
          "title": "Check the trajectory by hand",
          "description": "",
          "status": "todo",
          "priority": "high",
          "rank": "a1",
          "labels": [
            "guidance"
          ],
          "estimate": 24.5,
          "due": null,
          "parent_id": null,
          "assignees": [
            "019ca86a-3a60-7002-8002-000000000002"
          ],
          "depends_on": [],
          "blocked": false,
          "comment_count": 0,
          "external_id": null,
          "created_by": "019ca869-5000-7002-8002-000000000001",
          "created_at": "2026-03-01T09:11:00Z",
          "updated_at": "2026-03-01T09:11:00Z",
          "completed_at": null
        },
        {
          "id": "019ca8ab-3b00-7004-8004-000000000003",
          "version": 1,
          "project_id": "019ca8a0-3e80-7003-8003-000000000001",
          "title": "Train for one sixth of a g",
          "description": "",
          "status": "todo",
          "priority": "none",
          "rank": "a2",
          "labels": [],
          "estimate": null,
          "due": "2026-06-30",
          "parent_id": null,
          "assignees": [
            "019ca86b-24c0-7002-8002-000000000003",
            "019ca86c-0f20-7002-8002-000000000004"
          ],
          "depends_on": [],
          "blocked": false,
          "comment_count": 0,
          "external_id": null,
          "created_by": "019ca869-5000-7002-8002-000000000001",
          "created_at": "2026-03-01T09:12:00Z",
          "updated_at": "2026-03-01T09:12:00Z",
          "completed_at": null
        }
      ],
      "next": "eyJhZnRlciI6ImE0In0"
    }
  },
  "task.update": {
    "payload": {
      "task_id": "019ca8a9-6640-7004-8004-000000000001",
      "version": 4,
      "priority": "high",
      "due": null,
      "command_id": "019ca90e-84f8-700c-800c-00000000001b"
    },
    "reply": {
      "id": "019ca8a9-6640-7004-8004-000000000001",
      "version": 5,
      "project_id": "019ca8a0-3e80-7003-8003-000000000001",
      "title": "Write the landing program",
      "description": "Must survive a **1202** alarm: drop what is not needed, keep flying.",
      "status": "in_progress",
      "priority": "high",
      "rank": "a0",
      "labels": [
        "software",
        "guidance"
      ],
      "estimate": 120.0,
      "due": null,
      "parent_id": null,
      "assignees": [
        "019ca869-5000-7002-8002-000000000001",
        "019ca86d-e3e0-7002-8002-000000000006"
      ],
      "depends_on": [],
      "blocked": false,
      "comment_count": 1,
      "external_id": "LUM-099",
      "created_by": "019ca869-5000-7002-8002-000000000001",
      "created_at": "2026-03-01T09:10:00Z",
      "updated_at": "2026-03-01T09:31:00Z",
      "completed_at": null
    }
  },
  "task.move": {
    "payload": {
      "task_id": "019ca8ab-3b00-7004-8004-000000000003",
      "after": "019ca8a9-6640-7004-8004-000000000001",
      "status": "in_progress",
      "version": 1,
      "command_id": "019ca90e-88e0-700c-800c-00000000001c"
    },
    "reply": {
      "id": "019ca8ab-3b00-7004-8004-000000000003",
      "version": 2,
      "project_id": "019ca8a0-3e80-7003-8003-000000000001",
      "title": "Train for one sixth of a g",
      "description": "",
      "status": "in_progress",
      "priority": "none",
      "rank": "a0V",
      "labels": [],
      "estimate": null,
      "due": "2026-06-30",
      "parent_id": null,
      "assignees": [
        "019ca86b-24c0-7002-8002-000000000003",
        "019ca86c-0f20-7002-8002-000000000004"
      ],
      "depends_on": [],
      "blocked": false,
      "comment_count": 0,
      "external_id": null,
      "created_by": "019ca869-5000-7002-8002-000000000001",
      "created_at": "2026-03-01T09:12:00Z",
      "updated_at": "2026-03-01T09:32:00Z",
      "completed_at": null
    }
  },
  "task.transition": {
    "payload": {
      "task_id": "019ca8aa-50a0-7004-8004-000000000002",
      "status": "done",
      "version": 1,
      "command_id": "019ca90e-8cc8-700c-800c-00000000001d"
    },
    "reply": {
      "id": "019ca8aa-50a0-7004-8004-000000000002",
      "version": 2,
      "project_id": "019ca8a0-3e80-7003-8003-000000000001",
      "title": "Check the trajectory by hand",
      "description": "",
      "status": "done",
      "priority": "high",
      "rank": "a1",
      "labels": [
        "guidance"
      ],
      "estimate": 24.5,
      "due": null,
      "parent_id": null,
      "assignees": [
        "019ca86a-3a60-7002-8002-000000000002"
      ],
      "depends_on": [],
      "blocked": false,
      "comment_count": 0,
      "external_id": null,
      "created_by": "019ca869-5000-7002-8002-000000000001",
      "created_at": "2026-03-01T09:11:00Z",
      "updated_at": "2026-03-01T09:33:00Z",
      "completed_at": "2026-03-01T09:33:00Z"
    }
  },
  "task.assign": {
    "payload": {
      "task_id": "019ca8ad-0fc0-7004-8004-000000000005",
      "assignees": [
        "019ca86c-0f20-7002-8002-000000000004"
      ],
      "command_id": "019ca90e-90b0-700c-800c-00000000001e"
    },
    "reply": {
      "id": "019ca8ad-0fc0-7004-8004-000000000005",
      "version": 2,
      "project_id": "019ca8a0-3e80-7003-8003-000000000001",
      "title": "Plan the first steps",
      "description": "",
      "status": "todo",
      "priority": "none",
      "rank": "a4",
      "labels": [],
      "estimate": null,
      "due": null,
      "parent_id": "019ca8ac-2560-7004-8004-000000000004",
      "assignees": [
        "019ca86c-0f20-7002-8002-000000000004"
      ],
      "depends_on": [],
      "blocked": false,
      "comment_count": 0,
      "external_id": null,
      "created_by": "019ca86c-0f20-7002-8002-000000000004",
      "created_at": "2026-03-01T09:14:00Z",
      "updated_at": "2026-03-01T09:34:00Z",
      "completed_at": null
    }
  },
  "task.depend": {
    "payload": {
      "task_id": "019ca8ac-2560-7004-8004-000000000004",
      "on": "019ca8ab-3b00-7004-8004-000000000003",
      "command_id": "019ca90e-9498-700c-800c-00000000001f"
    },
    "reply": {
      "id": "019ca8ac-2560-7004-8004-000000000004",
      "version": 2,
      "project_id": "019ca8a0-3e80-7003-8003-000000000001",
      "title": "Land in the Sea of Tranquility",
      "description": "",
      "status": "backlog",
      "priority": "urgent",
      "rank": "a3",
      "labels": [],
      "estimate": null,
      "due": "2026-07-20",
      "parent_id": null,
      "assignees": [
        "019ca86b-24c0-7002-8002-000000000003",
        "019ca86c-0f20-7002-8002-000000000004"
      ],
      "depends_on": [
        "019ca8a9-6640-7004-8004-000000000001",
        "019ca8aa-50a0-7004-8004-000000000002",
        "019ca8ab-3b00-7004-8004-000000000003"
      ],
      "blocked": true,
      "comment_count": 0,
      "external_id": null,
      "created_by": "019ca869-5000-7002-8002-000000000001",
      "created_at": "2026-03-01T09:13:00Z",
      "updated_at": "2026-03-01T09:35:00Z",
      "completed_at": null
    }
  },
  "task.undepend": {
    "payload": {
      "task_id": "019ca8ac-2560-7004-8004-000000000004",
      "on": [
        "019ca8aa-50a0-7004-8004-000000000002",
        "019ca8ab-3b00-7004-8004-000000000003"
      ],
      "command_id": "019ca90e-9880-700c-800c-000000000020"
    },
    "reply": {
      "id": "019ca8ac-2560-7004-8004-000000000004",
      "version": 3,
      "project_id": "019ca8a0-3e80-7003-8003-000000000001",
      "title": "Land in the Sea of Tranquility",
      "description": "",
      "status": "backlog",
      "priority": "urgent",
      "rank": "a3",
      "labels": [],
      "estimate": null,
      "due": "2026-07-20",
      "parent_id": null,
      "assignees": [
        "019ca86b-24c0-7002-8002-000000000003",
        "019ca86c-0f20-7002-8002-000000000004"
      ],
      "depends_on": [
        "019ca8a9-6640-7004-8004-000000000001"
      ],
      "blocked": true,
      "comment_count": 0,
      "external_id": null,
      "created_by": "019ca869-5000-7002-8002-000000000001",
      "created_at": "2026-03-01T09:13:00Z",
      "updated_at": "2026-03-01T09:36:00Z",
      "completed_at": null
    }
  },
  "task.comment": {
    "payload": {
      "task_id": "019ca8a9-6640-7004-8004-000000000001",
      "text": "Erasable memory is nearly full; see page 12 of the listing.",
      "id": "019ca8d9-ec20-7006-8006-000000000004",
      "command_id": "019ca90e-9c68-700c-800c-000000000021"
    },
    "reply": {
      "id": "019ca8d9-ec20-7006-8006-000000000004",
      "version": 1,
      "room": "019ca8a0-3e80-7003-8003-000000000001",
      "seq": 31,
      "author_id": "019ca86a-3a60-7002-8002-000000000002",
      "text": "Erasable memory is nearly full; see page 12 of the listing.",
      "thread_id": null,
      "task_id": "019ca8a9-6640-7004-8004-000000000001",
      "mentions": [],
      "reactions": {},
      "reply_count": 0,
      "created_at": "2026-03-01T10:03:00Z",
      "edited_at": null,
      "deleted": false,
      "files": []
    }
  },
  "task.delete": {
    "payload": {
      "task_id": "019ca8ad-0fc0-7004-8004-000000000005",
      "version": 1,
      "command_id": "019ca90e-a050-700c-800c-000000000022"
    },
    "reply": {
      "id": "019ca8ad-0fc0-7004-8004-000000000005",
      "version": 1,
      "project_id": "019ca8a0-3e80-7003-8003-000000000001",
      "title": "Plan the first steps",
      "description": "",
      "status": "todo",
      "priority": "none",
      "rank": "a4",
      "labels": [],
      "estimate": null,
      "due": null,
      "parent_id": "019ca8ac-2560-7004-8004-000000000004",
      "assignees": [],
      "depends_on": [],
      "blocked": false,
      "comment_count": 0,
      "external_id": null,
      "created_by": "019ca86c-0f20-7002-8002-000000000004",
      "created_at": "2026-03-01T09:14:00Z",
      "updated_at": "2026-03-01T09:14:00Z",
      "completed_at": null
    }
  },
  "task.history": {
    "payload": {
      "task_id": "019ca8a9-6640-7004-8004-000000000001",
      "limit": 20
    },
    "reply": {
      "items": [
        {
          "room": "019ca8a0-3e80-7003-8003-000000000001",
          "seq": 27,
          "type": "task.updated",
          "at": "2026-03-01T09:30:00Z",
          "actor": "019ca869-5000-7002-8002-000000000001",
          "data": {
            "task": {
              "id": "019ca8a9-6640-7004-8004-000000000001",
              "version": 4,
              "project_id": "019ca8a0-3e80-7003-8003-000000000001",
              "title": "Write the landing program",
              "description": "Must survive a **1202** alarm: drop what is not needed, keep flying.",
              "status": "in_progress",
              "priority": "urgent",
              "rank": "a0",
              "labels": [
                "software",
                "guidance"
              ],
              "estimate": 120.0,
              "due": "2026-05-18",
              "parent_id": null,
              "assignees": [
                "019ca869-5000-7002-8002-000000000001",
                "019ca86d-e3e0-7002-8002-000000000006"
              ],
              "depends_on": [],
              "blocked": false,
              "comment_count": 1,
              "external_id": "LUM-099",
              "created_by": "019ca869-5000-7002-8002-000000000001",
              "created_at": "2026-03-01T09:10:00Z",
              "updated_at": "2026-03-01T09:30:00Z",
              "completed_at": null
            },
            "changes": [
              {
                "field": "status",
                "before": "todo",
                "after": "in_progress"
              }
            ]
          }
        },
        {
          "room": "019ca8a0-3e80-7003-8003-000000000001",
          "seq": 3,
          "type": "task.created",
          "at": "2026-03-01T09:10:00Z",
          "actor": "019ca869-5000-7002-8002-000000000001",
          "data": {
            "task": {
              "id": "019ca8a9-6640-7004-8004-000000000001",
              "version": 1,
              "project_id": "019ca8a0-3e80-7003-8003-000000000001",
              "title": "Write the landing program",
              "description": "Must survive a **1202** alarm: drop what is not needed, keep flying.",
              "status": "todo",
              "priority": "urgent",
              "rank": "a0",
              "labels": [
                "software",
                "guidance"
              ],
              "estimate": 120.0,
              "due": "2026-05-18",
              "parent_id": null,
              "assignees": [
                "019ca869-5000-7002-8002-000000000001",
                "019ca86d-e3e0-7002-8002-000000000006"
              ],
              "depends_on": [],
              "blocked": false,
              "comment_count": 0,
              "external_id": "LUM-099",
              "created_by": "019ca869-5000-7002-8002-000000000001",
              "created_at": "2026-03-01T09:10:00Z",
              "updated_at": "2026-03-01T09:10:00Z",
              "completed_at": null
            }
          }
        }
      ],
      "next": null
    }
  },
  "run.create": {
    "payload": {
      "project_id": "019ca8a0-3e80-7003-8003-000000000001",
      "id": "019ca8fc-b660-700d-800d-000000000001",
      "task_id": "019ca8aa-50a0-7004-8004-000000000002",
      "agent_id": "019ca86d-e3e0-7002-8002-000000000006",
      "capability": "check_trajectory",
      "input": {
        "distance_km": 384400,
        "burn_s": 347.3
      },
      "deadline": "2026-03-01T12:00:00Z",
      "budget": 2000000,
      "review": true,
      "command_id": "019ca90f-ffe0-700c-800c-000000000065"
    },
    "reply": {
      "id": "019ca8fc-b660-700d-800d-000000000001",
      "version": 1,
      "project_id": "019ca8a0-3e80-7003-8003-000000000001",
      "task_id": "019ca8aa-50a0-7004-8004-000000000002",
      "title": "Check the trajectory by hand",
      "capability": "check_trajectory",
      "wanted_agent_id": "019ca86d-e3e0-7002-8002-000000000006",
      "agent_id": null,
      "instance_id": null,
      "requested_by": "019ca869-5000-7002-8002-000000000001",
      "parent_id": null,
      "previous_id": null,
      "trigger_id": null,
      "depth": 0,
      "state": "submitted",
      "waiting_for": null,
      "canceling": false,
      "stale": false,
      "attempt": 0,
      "attempts": 3,
      "priority": "high",
      "not_before": null,
      "deadline": "2026-03-01T12:00:00Z",
      "review": true,
      "budget": 2000000,
      "costs": {
        "tokens": 0,
        "money": 0,
        "seconds": 0.0
      },
      "progress": null,
      "note": "",
      "error": null,
      "summary": "",
      "created_at": "2026-03-01T10:41:00Z",
      "started_at": null,
      "progress_at": null,
      "ended_at": null,
      "updated_at": "2026-03-01T10:41:00Z"
    }
  },
  "run.get": {
    "payload": {
      "run_id": "019ca8fc-b660-700d-800d-000000000001"
    },
    "reply": {
      "id": "019ca8fc-b660-700d-800d-000000000001",
      "run": {
        "id": "019ca8fc-b660-700d-800d-000000000001",
        "version": 9,
        "project_id": "019ca8a0-3e80-7003-8003-000000000001",
        "task_id": "019ca8aa-50a0-7004-8004-000000000002",
        "title": "Check the trajectory by hand",
        "capability": "check_trajectory",
        "wanted_agent_id": "019ca86d-e3e0-7002-8002-000000000006",
        "agent_id": "019ca86d-e3e0-7002-8002-000000000006",
        "instance_id": null,
        "requested_by": "019ca869-5000-7002-8002-000000000001",
        "parent_id": null,
        "previous_id": null,
        "trigger_id": null,
        "depth": 0,
        "state": "completed",
        "waiting_for": null,
        "canceling": false,
        "stale": false,
        "attempt": 1,
        "attempts": 3,
        "priority": "high",
        "not_before": null,
        "deadline": "2026-03-01T12:00:00Z",
        "review": true,
        "budget": 2000000,
        "costs": {
          "tokens": 1969,
          "money": 240000,
          "seconds": 58.0
        },
        "progress": 1.0,
        "note": "Integrating the way out",
        "error": null,
        "summary": "Free return, 111 km above the far side.",
        "created_at": "2026-03-01T10:41:00Z",
        "started_at": "2026-03-01T10:41:01Z",
        "progress_at": "2026-03-01T10:48:00Z",
        "ended_at": "2026-03-01T10:48:00Z",
        "updated_at": "2026-03-01T10:48:00Z"
      },
      "input": {
        "distance_km": 384400,
        "burn_s": 347.3,
        "title": "Check the trajectory by hand"
      },
      "result": {
        "perilune_km": 111.1,
        "free_return": true
      },
      "attempts": [
        {
          "fence": 1,
          "agent_id": "019ca86d-e3e0-7002-8002-000000000006",
          "instance_id": "019ca872-77c0-7010-8010-000000000001",
          "host": "columbia",
          "offered_at": "2026-03-01T10:41:00Z",
          "started_at": "2026-03-01T10:41:01Z",
          "ended_at": "2026-03-01T10:48:00Z",
          "outcome": "completed",
          "error": null
        }
      ],
      "questions": [
        {
          "id": "019ca8ff-0050-700e-800e-000000000002",
          "project_id": "019ca8a0-3e80-7003-8003-000000000001",
          "run_id": "019ca8fc-b660-700d-800d-000000000001",
          "task_id": "019ca8aa-50a0-7004-8004-000000000002",
          "agent_id": "019ca86d-e3e0-7002-8002-000000000006",
          "key": "midcourse",
          "kind": "approval",
          "prompt": "Correct the course now?",
          "choices": [],
          "form": null,
          "action": "burn",
          "arguments": {
            "engine": "SPS",
            "seconds": 2.91
          },
          "arguments_hash": "80865e9b3b31f7de0b85d06fc288344c69155620e49291352e4aadcfd1b23818",
          "ceiling": 500000,
          "asked": [
            "019ca869-5000-7002-8002-000000000001"
          ],
          "state": "answered",
          "answer": true,
          "comment": "Go.",
          "answered_by": "019ca869-5000-7002-8002-000000000001",
          "created_at": "2026-03-01T10:43:30Z",
          "answered_at": "2026-03-01T10:44:10Z",
          "expires_at": "2026-03-01T12:00:00Z",
          "used_at": "2026-03-01T10:44:12Z"
        }
      ],
      "artifacts": [
        {
          "id": "019ca8fd-4300-700f-800f-000000000001",
          "run_id": "019ca8fc-b660-700d-800d-000000000001",
          "name": "state-vectors.csv",
          "media_type": "text/csv",
          "bytes": 43,
          "created_at": "2026-03-01T10:41:36Z"
        }
      ],
      "calls": [
        {
          "id": "019ca8fd-52a0-700d-800d-000000000003",
          "version": 4,
          "project_id": "019ca8a0-3e80-7003-8003-000000000001",
          "task_id": null,
          "title": "compute_orbit",
          "capability": "compute_orbit",
          "wanted_agent_id": null,
          "agent_id": "019ca86e-ce40-7002-8002-000000000007",
          "instance_id": null,
          "requested_by": "019ca86d-e3e0-7002-8002-000000000006",
          "parent_id": "019ca8fc-b660-700d-800d-000000000001",
          "previous_id": null,
          "trigger_id": null,
          "depth": 1,
          "state": "completed",
          "waiting_for": null,
          "canceling": false,
          "stale": false,
          "attempt": 1,
          "attempts": 3,
          "priority": "high",
          "not_before": null,
          "deadline": "2026-03-01T10:51:40Z",
          "review": false,
          "budget": 500000,
          "costs": {
            "tokens": 0,
            "money": 90000,
            "seconds": 11.2
          },
          "progress": 1.0,
          "note": "",
          "error": null,
          "summary": "Orbit fitted to 240 observations.",
          "created_at": "2026-03-01T10:41:40Z",
          "started_at": "2026-03-01T10:41:41Z",
          "progress_at": "2026-03-01T10:41:52Z",
          "ended_at": "2026-03-01T10:41:52Z",
          "updated_at": "2026-03-01T10:41:52Z"
        }
      ],
      "files": [
        {
          "file_id": "019ca8fd-a0c0-7012-8012-000000000004",
          "number": 1,
          "name": "state-vectors.csv",
          "bytes": 43,
          "sha256": "c1a2ef7b89ce708c675f49d364509794c554fe48acb4c19b3378675273a1207c",
          "media_type": "text/csv",
          "kind": "table",
          "analysis": "done",
          "quality": 88,
          "held": "",
          "label": "",
          "restored_from": null,
          "run_id": "019ca8fc-b660-700d-800d-000000000001",
          "created_by": "019ca86d-e3e0-7002-8002-000000000006",
          "created_at": "2026-03-01T10:42:00Z"
        }
      ]
    }
  },
  "run.list": {
    "payload": {
      "project_id": "019ca8a0-3e80-7003-8003-000000000001",
      "state": [
        "failed"
      ],
      "dead": true,
      "limit": 20
    },
    "reply": {
      "items": [
        {
          "id": "019ca8e9-7c80-700d-800d-000000000006",
          "version": 6,
          "project_id": "019ca8a0-3e80-7003-8003-000000000001",
          "task_id": null,
          "title": "check_trajectory",
          "capability": "check_trajectory",
          "wanted_agent_id": "019ca86d-e3e0-7002-8002-000000000006",
          "agent_id": "019ca86d-e3e0-7002-8002-000000000006",
          "instance_id": null,
          "requested_by": "019ca869-5000-7002-8002-000000000001",
          "parent_id": null,
          "previous_id": null,
          "trigger_id": null,
          "depth": 0,
          "state": "failed",
          "waiting_for": null,
          "canceling": false,
          "stale": false,
          "attempt": 1,
          "attempts": 3,
          "priority": "none",
          "not_before": null,
          "deadline": null,
          "review": false,
          "budget": null,
          "costs": {
            "tokens": 40,
            "money": 6000,
            "seconds": 0.8
          },
          "progress": null,
          "note": "",
          "error": {
            "cause": "invalid",
            "message": "A burn of 0 s does not leave the orbit of the Earth."
          },
          "summary": "",
          "created_at": "2026-03-01T10:20:00Z",
          "started_at": "2026-03-01T10:20:01Z",
          "progress_at": "2026-03-01T10:20:01Z",
          "ended_at": "2026-03-01T10:20:02Z",
          "updated_at": "2026-03-01T10:20:02Z"
        }
      ],
      "next": null
    }
  },
  "run.history": {
    "payload": {
      "run_id": "019ca8fc-b660-700d-800d-000000000001",
      "limit": 3
    },
    "reply": {
      "items": [
        {
          "room": "019ca8a0-3e80-7003-8003-000000000001",
          "seq": 35,
          "type": "run.created",
          "at": "2026-03-01T10:41:00Z",
          "actor": "019ca869-5000-7002-8002-000000000001",
          "data": {
            "run": {
              "id": "019ca8fc-b660-700d-800d-000000000001",
              "version": 1,
              "project_id": "019ca8a0-3e80-7003-8003-000000000001",
              "task_id": "019ca8aa-50a0-7004-8004-000000000002",
              "title": "Check the trajectory by hand",
              "capability": "check_trajectory",
              "wanted_agent_id": "019ca86d-e3e0-7002-8002-000000000006",
              "agent_id": null,
              "instance_id": null,
              "requested_by": "019ca869-5000-7002-8002-000000000001",
              "parent_id": null,
              "previous_id": null,
              "trigger_id": null,
              "depth": 0,
              "state": "submitted",
              "waiting_for": null,
              "canceling": false,
              "stale": false,
              "attempt": 0,
              "attempts": 3,
              "priority": "high",
              "not_before": null,
              "deadline": "2026-03-01T12:00:00Z",
              "review": true,
              "budget": 2000000,
              "costs": {
                "tokens": 0,
                "money": 0,
                "seconds": 0.0
              },
              "progress": null,
              "note": "",
              "error": null,
              "summary": "",
              "created_at": "2026-03-01T10:41:00Z",
              "started_at": null,
              "progress_at": null,
              "ended_at": null,
              "updated_at": "2026-03-01T10:41:00Z"
            }
          }
        },
        {
          "room": "019ca8a0-3e80-7003-8003-000000000001",
          "seq": 36,
          "type": "run.updated",
          "at": "2026-03-01T10:41:01Z",
          "actor": "019ca86d-e3e0-7002-8002-000000000006",
          "data": {
            "run": {
              "id": "019ca8fc-b660-700d-800d-000000000001",
              "version": 3,
              "project_id": "019ca8a0-3e80-7003-8003-000000000001",
              "task_id": "019ca8aa-50a0-7004-8004-000000000002",
              "title": "Check the trajectory by hand",
              "capability": "check_trajectory",
              "wanted_agent_id": "019ca86d-e3e0-7002-8002-000000000006",
              "agent_id": "019ca86d-e3e0-7002-8002-000000000006",
              "instance_id": "019ca872-77c0-7010-8010-000000000001",
              "requested_by": "019ca869-5000-7002-8002-000000000001",
              "parent_id": null,
              "previous_id": null,
              "trigger_id": null,
              "depth": 0,
              "state": "working",
              "waiting_for": null,
              "canceling": false,
              "stale": false,
              "attempt": 1,
              "attempts": 3,
              "priority": "high",
              "not_before": null,
              "deadline": "2026-03-01T12:00:00Z",
              "review": true,
              "budget": 2000000,
              "costs": {
                "tokens": 0,
                "money": 0,
                "seconds": 0.0
              },
              "progress": null,
              "note": "",
              "error": null,
              "summary": "",
              "created_at": "2026-03-01T10:41:00Z",
              "started_at": "2026-03-01T10:41:01Z",
              "progress_at": "2026-03-01T10:41:01Z",
              "ended_at": null,
              "updated_at": "2026-03-01T10:41:01Z"
            },
            "cause": "started",
            "note": ""
          }
        },
        {
          "room": "019ca8a0-3e80-7003-8003-000000000001",
          "seq": 37,
          "type": "run.logged",
          "at": "2026-03-01T10:41:20Z",
          "actor": "019ca86d-e3e0-7002-8002-000000000006",
          "data": {
            "run_id": "019ca8fc-b660-700d-800d-000000000001",
            "fence": 1,
            "level": "warning",
            "message": "Executive overflow, restarted",
            "data": {
              "alarm": 1202
            }
          }
        }
      ],
      "next": "eyJhZnRlciI6Mzd9"
    }
  },
  "run.artifact": {
    "payload": {
      "artifact_id": "019ca8fd-4300-700f-800f-000000000001"
    },
    "reply": {
      "artifact": {
        "id": "019ca8fd-4300-700f-800f-000000000001",
        "run_id": "019ca8fc-b660-700d-800d-000000000001",
        "name": "state-vectors.csv",
        "media_type": "text/csv",
        "bytes": 43,
        "created_at": "2026-03-01T10:41:36Z"
      },
      "text": "t_s,x_km,y_km\n0,6563.4,0\n600,5120.7,4310.2\n"
    }
  },
  "run.cancel": {
    "payload": {
      "run_id": "019ca8fc-b660-700d-800d-000000000001",
      "reason": "The burn was 1.3 s longer than this reckons with.",
      "command_id": "019ca910-03c8-700c-800c-000000000066"
    },
    "reply": {
      "id": "019ca8fc-b660-700d-800d-000000000001",
      "version": 5,
      "project_id": "019ca8a0-3e80-7003-8003-000000000001",
      "task_id": "019ca8aa-50a0-7004-8004-000000000002",
      "title": "Check the trajectory by hand",
      "capability": "check_trajectory",
      "wanted_agent_id": "019ca86d-e3e0-7002-8002-000000000006",
      "agent_id": "019ca86d-e3e0-7002-8002-000000000006",
      "instance_id": "019ca872-77c0-7010-8010-000000000001",
      "requested_by": "019ca869-5000-7002-8002-000000000001",
      "parent_id": null,
      "previous_id": null,
      "trigger_id": null,
      "depth": 0,
      "state": "working",
      "waiting_for": null,
      "canceling": true,
      "stale": false,
      "attempt": 1,
      "attempts": 3,
      "priority": "high",
      "not_before": null,
      "deadline": "2026-03-01T12:00:00Z",
      "review": true,
      "budget": 2000000,
      "costs": {
        "tokens": 1202,
        "money": 180000,
        "seconds": 31.5
      },
      "progress": 0.4,
      "note": "Integrating the way out",
      "error": null,
      "summary": "",
      "created_at": "2026-03-01T10:41:00Z",
      "started_at": "2026-03-01T10:41:01Z",
      "progress_at": "2026-03-01T10:41:33Z",
      "ended_at": null,
      "updated_at": "2026-03-01T10:41:38Z"
    }
  },
  "run.retry": {
    "payload": {
      "run_id": "019ca8e9-7c80-700d-800d-000000000006",
      "input": {
        "distance_km": 384400,
        "burn_s": 347.3
      },
      "command_id": "019ca910-07b0-700c-800c-000000000067"
    },
    "reply": {
      "id": "019ca900-5fe0-700d-800d-000000000007",
      "version": 1,
      "project_id": "019ca8a0-3e80-7003-8003-000000000001",
      "task_id": null,
      "title": "check_trajectory",
      "capability": "check_trajectory",
      "wanted_agent_id": "019ca86d-e3e0-7002-8002-000000000006",
      "agent_id": null,
      "instance_id": null,
      "requested_by": "019ca869-5000-7002-8002-000000000001",
      "parent_id": null,
      "previous_id": null,
      "trigger_id": null,
      "depth": 0,
      "state": "submitted",
      "waiting_for": null,
      "canceling": false,
      "stale": false,
      "attempt": 0,
      "attempts": 3,
      "priority": "none",
      "not_before": null,
      "deadline": null,
      "review": false,
      "budget": null,
      "costs": {
        "tokens": 0,
        "money": 0,
        "seconds": 0.0
      },
      "progress": null,
      "note": "",
      "error": null,
      "summary": "",
      "created_at": "2026-03-01T10:45:00Z",
      "started_at": null,
      "progress_at": null,
      "ended_at": null,
      "updated_at": "2026-03-01T10:45:00Z"
    }
  },
  "run.accept": {
    "payload": {
      "project_id": "019ca8a0-3e80-7003-8003-000000000001",
      "run_id": "019ca8fc-b660-700d-800d-000000000001",
      "fence": 1,
      "command_id": "019ca910-0b98-700c-800c-000000000068"
    },
    "reply": {
      "state": "working",
      "canceling": false,
      "costs": {
        "tokens": 0,
        "money": 0,
        "seconds": 0.0
      }
    }
  },
  "run.reject": {
    "payload": {
      "project_id": "019ca8a0-3e80-7003-8003-000000000001",
      "run_id": "019ca8fc-b660-700d-800d-000000000001",
      "fence": 1,
      "reason": "Both cores are rope memory; no room for another orbit.",
      "command_id": "019ca910-0f80-700c-800c-000000000069"
    },
    "reply": {
      "state": "rejected",
      "canceling": false,
      "costs": {
        "tokens": 0,
        "money": 0,
        "seconds": 0.0
      }
    }
  },
  "run.release": {
    "payload": {
      "project_id": "019ca8a0-3e80-7003-8003-000000000001",
      "run_id": "019ca8fc-b660-700d-800d-000000000001",
      "fence": 1,
      "reason": "Restarting with Luminary 100.",
      "command_id": "019ca910-1368-700c-800c-00000000006a"
    },
    "reply": {
      "state": "submitted",
      "canceling": false,
      "costs": {
        "tokens": 1202,
        "money": 180000,
        "seconds": 31.5
      }
    }
  },
  "run.progress": {
    "payload": {
      "project_id": "019ca8a0-3e80-7003-8003-000000000001",
      "run_id": "019ca8fc-b660-700d-800d-000000000001",
      "fence": 1,
      "progress": 0.4,
      "note": "Integrating the way out",
      "costs": {
        "tokens": 1202,
        "money": 180000,
        "seconds": 31.5
      },
      "command_id": "019ca910-1750-700c-800c-00000000006b"
    },
    "reply": {
      "state": "working",
      "canceling": false,
      "costs": {
        "tokens": 1202,
        "money": 180000,
        "seconds": 31.5
      }
    }
  },
  "run.output": {
    "payload": {
      "project_id": "019ca8a0-3e80-7003-8003-000000000001",
      "run_id": "019ca8fc-b660-700d-800d-000000000001",
      "fence": 1,
      "text": "Midcourse correction in 26 h 44 min: ",
      "offset": 0,
      "command_id": "019ca910-1b38-700c-800c-00000000006c"
    },
    "reply": {
      "state": "working",
      "canceling": false,
      "costs": {
        "tokens": 0,
        "money": 0,
        "seconds": 0.0
      }
    }
  },
  "run.log": {
    "payload": {
      "project_id": "019ca8a0-3e80-7003-8003-000000000001",
      "run_id": "019ca8fc-b660-700d-800d-000000000001",
      "fence": 1,
      "message": "Executive overflow, restarted",
      "level": "warning",
      "data": {
        "alarm": 1202
      },
      "command_id": "019ca910-1f20-700c-800c-00000000006d"
    },
    "reply": {
      "state": "working",
      "canceling": false,
      "costs": {
        "tokens": 0,
        "money": 0,
        "seconds": 0.0
      }
    }
  },
  "run.attach": {
    "payload": {
      "project_id": "019ca8a0-3e80-7003-8003-000000000001",
      "run_id": "019ca8fc-b660-700d-800d-000000000001",
      "fence": 1,
      "name": "state-vectors.csv",
      "text": "t_s,x_km,y_km\n0,6563.4,0\n600,5120.7,4310.2\n",
      "media_type": "text/csv",
      "command_id": "019ca910-2308-700c-800c-00000000006e"
    },
    "reply": {
      "id": "019ca8fd-4300-700f-800f-000000000001",
      "run_id": "019ca8fc-b660-700d-800d-000000000001",
      "name": "state-vectors.csv",
      "media_type": "text/csv",
      "bytes": 43,
      "created_at": "2026-03-01T10:41:36Z"
    }
  },
  "run.complete": {
    "payload": {
      "project_id": "019ca8a0-3e80-7003-8003-000000000001",
      "run_id": "019ca8fc-b660-700d-800d-000000000001",
      "fence": 1,
      "result": {
        "perilune_km": 111.1,
        "free_return": true
      },
      "summary": "Free return, 111 km above the far side.",
      "costs": {
        "tokens": 767,
        "money": 60000,
        "seconds": 26.5
      },
      "command_id": "019ca910-26f0-700c-800c-00000000006f"
    },
    "reply": {
      "id": "019ca8fc-b660-700d-800d-000000000001",
      "version": 9,
      "project_id": "019ca8a0-3e80-7003-8003-000000000001",
      "task_id": "019ca8aa-50a0-7004-8004-000000000002",
      "title": "Check the trajectory by hand",
      "capability": "check_trajectory",
      "wanted_agent_id": "019ca86d-e3e0-7002-8002-000000000006",
      "agent_id": "019ca86d-e3e0-7002-8002-000000000006",
      "instance_id": null,
      "requested_by": "019ca869-5000-7002-8002-000000000001",
      "parent_id": null,
      "previous_id": null,
      "trigger_id": null,
      "depth": 0,
      "state": "completed",
      "waiting_for": null,
      "canceling": false,
      "stale": false,
      "attempt": 1,
      "attempts": 3,
      "priority": "high",
      "not_before": null,
      "deadline": "2026-03-01T12:00:00Z",
      "review": true,
      "budget": 2000000,
      "costs": {
        "tokens": 1969,
        "money": 240000,
        "seconds": 58.0
      },
      "progress": 1.0,
      "note": "Integrating the way out",
      "error": null,
      "summary": "Free return, 111 km above the far side.",
      "created_at": "2026-03-01T10:41:00Z",
      "started_at": "2026-03-01T10:41:01Z",
      "progress_at": "2026-03-01T10:48:00Z",
      "ended_at": "2026-03-01T10:48:00Z",
      "updated_at": "2026-03-01T10:48:00Z"
    }
  },
  "run.fail": {
    "payload": {
      "project_id": "019ca8a0-3e80-7003-8003-000000000001",
      "run_id": "019ca8fc-b660-700d-800d-000000000001",
      "fence": 1,
      "message": "No answer from the tracking ship.",
      "cause": "transient",
      "costs": {
        "tokens": 0,
        "money": 0,
        "seconds": 4.0
      },
      "command_id": "019ca910-2ad8-700c-800c-000000000070"
    },
    "reply": {
      "id": "019ca8fc-b660-700d-800d-000000000001",
      "version": 5,
      "project_id": "019ca8a0-3e80-7003-8003-000000000001",
      "task_id": "019ca8aa-50a0-7004-8004-000000000002",
      "title": "Check the trajectory by hand",
      "capability": "check_trajectory",
      "wanted_agent_id": "019ca86d-e3e0-7002-8002-000000000006",
      "agent_id": "019ca86d-e3e0-7002-8002-000000000006",
      "instance_id": null,
      "requested_by": "019ca869-5000-7002-8002-000000000001",
      "parent_id": null,
      "previous_id": null,
      "trigger_id": null,
      "depth": 0,
      "state": "submitted",
      "waiting_for": null,
      "canceling": false,
      "stale": false,
      "attempt": 1,
      "attempts": 3,
      "priority": "high",
      "not_before": "2026-03-01T10:41:46Z",
      "deadline": "2026-03-01T12:00:00Z",
      "review": true,
      "budget": 2000000,
      "costs": {
        "tokens": 1202,
        "money": 180000,
        "seconds": 35.5
      },
      "progress": null,
      "note": "",
      "error": {
        "cause": "transient",
        "message": "No answer from the tracking ship."
      },
      "summary": "",
      "created_at": "2026-03-01T10:41:00Z",
      "started_at": "2026-03-01T10:41:01Z",
      "progress_at": "2026-03-01T10:41:33Z",
      "ended_at": null,
      "updated_at": "2026-03-01T10:41:38Z"
    }
  },
  "run.hand_off": {
    "payload": {
      "project_id": "019ca8a0-3e80-7003-8003-000000000001",
      "run_id": "019ca8fc-b660-700d-800d-000000000001",
      "fence": 1,
      "capability": "write_checklist",
      "input": {
        "title": "Stay on the Moon",
        "minutes": 1296
      },
      "note": "The trajectory holds; what is done after landing is next.",
      "result": {
        "perilune_km": 111.1,
        "free_return": true
      },
      "command_id": "019ca910-2ec0-700c-800c-000000000071"
    },
    "reply": {
      "id": "019ca901-4a40-700d-800d-000000000008",
      "version": 1,
      "project_id": "019ca8a0-3e80-7003-8003-000000000001",
      "task_id": "019ca8aa-50a0-7004-8004-000000000002",
      "title": "Check the trajectory by hand",
      "capability": "write_checklist",
      "wanted_agent_id": null,
      "agent_id": null,
      "instance_id": null,
      "requested_by": "019ca869-5000-7002-8002-000000000001",
      "parent_id": null,
      "previous_id": "019ca8fc-b660-700d-800d-000000000001",
      "trigger_id": null,
      "depth": 0,
      "state": "submitted",
      "waiting_for": null,
      "canceling": false,
      "stale": false,
      "attempt": 0,
      "attempts": 3,
      "priority": "high",
      "not_before": null,
      "deadline": "2026-03-01T12:00:00Z",
      "review": true,
      "budget": null,
      "costs": {
        "tokens": 0,
        "money": 0,
        "seconds": 0.0
      },
      "progress": null,
      "note": "",
      "error": null,
      "summary": "",
      "created_at": "2026-03-01T10:46:00Z",
      "started_at": null,
      "progress_at": null,
      "ended_at": null,
      "updated_at": "2026-03-01T10:46:00Z"
    }
  },
  "run.call": {
    "payload": {
      "project_id": "019ca8a0-3e80-7003-8003-000000000001",
      "run_id": "019ca8fc-b660-700d-800d-000000000001",
      "fence": 1,
      "key": "orbit",
      "capability": "compute_orbit",
      "input": {
        "station": "Honeysuckle Creek"
      },
      "deadline": "2026-03-01T10:51:40Z",
      "budget": 500000,
      "command_id": "019ca910-32a8-700c-800c-000000000072"
    },
    "reply": {
      "id": "019ca8fd-52a0-700d-800d-000000000003",
      "version": 1,
      "project_id": "019ca8a0-3e80-7003-8003-000000000001",
      "task_id": null,
      "title": "compute_orbit",
      "capability": "compute_orbit",
      "wanted_agent_id": null,
      "agent_id": null,
      "instance_id": null,
      "requested_by": "019ca86d-e3e0-7002-8002-000000000006",
      "parent_id": "019ca8fc-b660-700d-800d-000000000001",
      "previous_id": null,
      "trigger_id": null,
      "depth": 1,
      "state": "submitted",
      "waiting_for": null,
      "canceling": false,
      "stale": false,
      "attempt": 0,
      "attempts": 3,
      "priority": "high",
      "not_before": null,
      "deadline": "2026-03-01T10:51:40Z",
      "review": false,
      "budget": 500000,
      "costs": {
        "tokens": 0,
        "money": 0,
        "seconds": 0.0
      },
      "progress": null,
      "note": "",
      "error": null,
      "summary": "",
      "created_at": "2026-03-01T10:41:40Z",
      "started_at": null,
      "progress_at": null,
      "ended_at": null,
      "updated_at": "2026-03-01T10:41:40Z"
    }
  },
  "run.claim": {
    "payload": {
      "project_id": "019ca8a0-3e80-7003-8003-000000000001",
      "instance_id": "019ca873-6220-7010-8010-000000000002",
      "task_id": "019ca8a9-6640-7004-8004-000000000001",
      "capability": "write_checklist",
      "command_id": "019ca910-3690-700c-800c-000000000073"
    },
    "reply": {
      "run": {
        "id": "019ca902-34a0-700d-800d-000000000009",
        "version": 1,
        "project_id": "019ca8a0-3e80-7003-8003-000000000001",
        "task_id": "019ca8a9-6640-7004-8004-000000000001",
        "title": "Write the landing program",
        "capability": "write_checklist",
        "wanted_agent_id": "019ca86d-e3e0-7002-8002-000000000006",
        "agent_id": "019ca86d-e3e0-7002-8002-000000000006",
        "instance_id": "019ca873-6220-7010-8010-000000000002",
        "requested_by": "019ca86d-e3e0-7002-8002-000000000006",
        "parent_id": null,
        "previous_id": null,
        "trigger_id": null,
        "depth": 0,
        "state": "working",
        "waiting_for": null,
        "canceling": false,
        "stale": false,
        "attempt": 1,
        "attempts": 3,
        "priority": "urgent",
        "not_before": null,
        "deadline": null,
        "review": false,
        "budget": null,
        "costs": {
          "tokens": 0,
          "money": 0,
          "seconds": 0.0
        },
        "progress": null,
        "note": "",
        "error": null,
        "summary": "",
        "created_at": "2026-03-01T10:47:00Z",
        "started_at": "2026-03-01T10:47:00Z",
        "progress_at": "2026-03-01T10:47:00Z",
        "ended_at": null,
        "updated_at": "2026-03-01T10:47:00Z"
      },
      "fence": 1,
      "input": {
        "title": "Write the landing program"
      },
      "task": {
        "id": "019ca8a9-6640-7004-8004-000000000001",
        "title": "Write the landing program",
        "description": "Must survive a **1202** alarm: drop what is not needed, keep flying.",
        "priority": "urgent",
        "labels": [
          "software",
          "guidance"
        ]
      },
      "handed": null,
      "answers": [],
      "results": {}
    }
  },
  "agent.register": {
    "payload": {
      "name": "Guidance Computer",
      "description": "Flies the spacecraft in 72 kB. Restarts rather than gives up.",
      "picture": "🛰️",
      "command_id": "019ca90f-f040-700c-800c-000000000061"
    },
    "reply": {
      "agent": {
        "id": "019ca86d-e3e0-7002-8002-000000000006",
        "version": 1,
        "owner_id": "019ca869-5000-7002-8002-000000000001",
        "description": "Flies the spacecraft in 72 kB. Restarts rather than gives up.",
        "picture": "🛰️",
        "capabilities": [],
        "software": "",
        "retired": false,
        "created_at": "2026-03-01T08:05:00Z",
        "updated_at": "2026-03-01T08:05:00Z"
      },
      "member": {
        "id": "019ca86d-e3e0-7002-8002-000000000006",
        "version": 1,
        "name": "Guidance Computer",
        "kind": "agent",
        "role": "guest",
        "email": null,
        "active": true,
        "created_at": "2026-03-01T08:05:00Z"
      },
      "token": "ymt_3vN8qRk5sXw2cB7yJm4pTz6gHd9fLaUe"
    }
  },
  "agent.update": {
    "payload": {
      "agent_id": "019ca86d-e3e0-7002-8002-000000000006",
      "version": 2,
      "name": "Apollo Guidance Computer",
      "picture": null,
      "command_id": "019ca90f-f428-700c-800c-000000000062"
    },
    "reply": {
      "id": "019ca86d-e3e0-7002-8002-000000000006",
      "version": 3,
      "owner_id": "019ca869-5000-7002-8002-000000000001",
      "description": "Flies the spacecraft in 72 kB. Restarts rather than gives up.",
      "picture": null,
      "capabilities": [
        {
          "name": "check_trajectory",
          "description": "Says whether a burn brings the crew around the Moon and home.",
          "concurrency": 2,
          "cost": "low",
          "second": "restart"
        },
        {
          "name": "write_checklist",
          "description": "Writes down what to do, minute by minute.",
          "concurrency": 1,
          "cost": "free",
          "second": "enqueue"
        }
      ],
      "software": "Luminary099",
      "retired": false,
      "created_at": "2026-03-01T08:05:00Z",
      "updated_at": "2026-03-01T10:50:00Z"
    }
  },
  "agent.rotate_token": {
    "payload": {
      "agent_id": "019ca86d-e3e0-7002-8002-000000000006",
      "command_id": "019ca90f-f810-700c-800c-000000000063"
    },
    "reply": {
      "token": "ymt_9pK2dWm7xQs4vC8zRn5tHb3jGf6yLaUe"
    }
  },
  "agent.retire": {
    "payload": {
      "agent_id": "019ca86d-e3e0-7002-8002-000000000006",
      "command_id": "019ca90f-fbf8-700c-800c-000000000064"
    },
    "reply": {
      "id": "019ca86d-e3e0-7002-8002-000000000006",
      "version": 3,
      "owner_id": "019ca869-5000-7002-8002-000000000001",
      "description": "Flies the spacecraft in 72 kB. Restarts rather than gives up.",
      "picture": "🛰️",
      "capabilities": [
        {
          "name": "check_trajectory",
          "description": "Says whether a burn brings the crew around the Moon and home.",
          "concurrency": 2,
          "cost": "low",
          "second": "restart"
        },
        {
          "name": "write_checklist",
          "description": "Writes down what to do, minute by minute.",
          "concurrency": 1,
          "cost": "free",
          "second": "enqueue"
        }
      ],
      "software": "Luminary099",
      "retired": true,
      "created_at": "2026-03-01T08:05:00Z",
      "updated_at": "2026-03-01T10:58:00Z"
    }
  },
  "agent.get": {
    "payload": {
      "agent_id": "019ca86d-e3e0-7002-8002-000000000006"
    },
    "reply": {
      "id": "019ca86d-e3e0-7002-8002-000000000006",
      "agent": {
        "id": "019ca86d-e3e0-7002-8002-000000000006",
        "version": 2,
        "owner_id": "019ca869-5000-7002-8002-000000000001",
        "description": "Flies the spacecraft in 72 kB. Restarts rather than gives up.",
        "picture": "🛰️",
        "capabilities": [
          {
            "name": "check_trajectory",
            "description": "Says whether a burn brings the crew around the Moon and home.",
            "concurrency": 2,
            "cost": "low",
            "second": "restart"
          },
          {
            "name": "write_checklist",
            "description": "Writes down what to do, minute by minute.",
            "concurrency": 1,
            "cost": "free",
            "second": "enqueue"
          }
        ],
        "software": "Luminary099",
        "retired": false,
        "created_at": "2026-03-01T08:05:00Z",
        "updated_at": "2026-03-01T08:10:00Z"
      },
      "member": {
        "id": "019ca86d-e3e0-7002-8002-000000000006",
        "version": 1,
        "name": "Guidance Computer",
        "kind": "agent",
        "role": "guest",
        "email": null,
        "active": true,
        "created_at": "2026-03-01T08:05:00Z"
      },
      "status": {
        "state": "busy",
        "running": 1,
        "waiting": 1,
        "instances": [
          {
            "id": "019ca872-77c0-7010-8010-000000000001",
            "host": "columbia",
            "software": "Luminary099",
            "capacity": 2,
            "running": 1,
            "connected": true,
            "draining": false,
            "blocked": false,
            "unresponsive": false,
            "connected_at": "2026-03-01T10:40:50Z",
            "seen_at": "2026-03-01T10:41:36Z"
          },
          {
            "id": "019ca873-6220-7010-8010-000000000002",
            "host": "eagle",
            "software": "Luminary099",
            "capacity": 2,
            "running": 0,
            "connected": true,
            "draining": false,
            "blocked": false,
            "unresponsive": false,
            "connected_at": "2026-03-01T08:11:00Z",
            "seen_at": "2026-03-01T10:41:33Z"
          }
        ]
      },
      "capabilities": [
        {
          "name": "check_trajectory",
          "description": "Says whether a burn brings the crew around the Moon and home.",
          "concurrency": 2,
          "cost": "low",
          "second": "restart",
          "input": {
            "type": "object",
            "properties": {
              "distance_km": {
                "type": "number",
                "exclusiveMinimum": 0
              },
              "burn_s": {
                "type": "number",
                "minimum": 0
              },
              "title": {
                "type": "string"
              }
            },
            "required": [
              "distance_km",
              "burn_s"
            ],
            "additionalProperties": false
          },
          "output": {
            "type": "object",
            "properties": {
              "perilune_km": {
                "type": "number"
              },
              "free_return": {
                "type": "boolean"
              }
            },
            "required": [
              "perilune_km",
              "free_return"
            ]
          },
          "estimate": 250000,
          "rate": 30,
          "attempts": 3,
          "stale_after": 600
        },
        {
          "name": "write_checklist",
          "description": "Writes down what to do, minute by minute.",
          "concurrency": 1,
          "cost": "free",
          "second": "enqueue",
          "input": {
            "type": "object",
            "properties": {
              "title": {
                "type": "string"
              },
              "minutes": {
                "type": "integer",
                "minimum": 1
              }
            },
            "required": [
              "title"
            ]
          },
          "output": {},
          "estimate": 0,
          "rate": null,
          "attempts": 3,
          "stale_after": 1800
        }
      ],
      "grants": [
        {
          "project_id": "019ca8a0-3e80-7003-8003-000000000001",
          "project_name": "Apollo 11",
          "role": "editor",
          "until": null,
          "task_id": null
        }
      ],
      "faults": [
        {
          "command": "run.progress",
          "code": "fenced",
          "count": 1,
          "message": "This attempt is over: the run is at attempt 2. Stop working on it.",
          "last_at": "2026-03-01T10:20:40Z"
        }
      ]
    }
  },
  "agent.list": {
    "payload": {
      "project_id": "019ca8a0-3e80-7003-8003-000000000001"
    },
    "reply": {
      "items": [
        {
          "id": "019ca86d-e3e0-7002-8002-000000000006",
          "agent": {
            "id": "019ca86d-e3e0-7002-8002-000000000006",
            "version": 2,
            "owner_id": "019ca869-5000-7002-8002-000000000001",
            "description": "Flies the spacecraft in 72 kB. Restarts rather than gives up.",
            "picture": "🛰️",
            "capabilities": [
              {
                "name": "check_trajectory",
                "description": "Says whether a burn brings the crew around the Moon and home.",
                "concurrency": 2,
                "cost": "low",
                "second": "restart"
              },
              {
                "name": "write_checklist",
                "description": "Writes down what to do, minute by minute.",
                "concurrency": 1,
                "cost": "free",
                "second": "enqueue"
              }
            ],
            "software": "Luminary099",
            "retired": false,
            "created_at": "2026-03-01T08:05:00Z",
            "updated_at": "2026-03-01T08:10:00Z"
          },
          "member": {
            "id": "019ca86d-e3e0-7002-8002-000000000006",
            "version": 1,
            "name": "Guidance Computer",
            "kind": "agent",
            "role": "guest",
            "email": null,
            "active": true,
            "created_at": "2026-03-01T08:05:00Z"
          },
          "status": {
            "state": "busy",
            "running": 1,
            "waiting": 1,
            "instances": [
              {
                "id": "019ca872-77c0-7010-8010-000000000001",
                "host": "columbia",
                "software": "Luminary099",
                "capacity": 2,
                "running": 1,
                "connected": true,
                "draining": false,
                "blocked": false,
                "unresponsive": false,
                "connected_at": "2026-03-01T10:40:50Z",
                "seen_at": "2026-03-01T10:41:36Z"
              },
              {
                "id": "019ca873-6220-7010-8010-000000000002",
                "host": "eagle",
                "software": "Luminary099",
                "capacity": 2,
                "running": 0,
                "connected": true,
                "draining": false,
                "blocked": false,
                "unresponsive": false,
                "connected_at": "2026-03-01T08:11:00Z",
                "seen_at": "2026-03-01T10:41:33Z"
              }
            ]
          }
        },
        {
          "id": "019ca86e-ce40-7002-8002-000000000007",
          "agent": {
            "id": "019ca86e-ce40-7002-8002-000000000007",
            "version": 2,
            "owner_id": "019ca86a-3a60-7002-8002-000000000002",
            "description": "Five mainframes in Houston.",
            "picture": null,
            "capabilities": [
              {
                "name": "compute_orbit",
                "description": "An orbit from tracking data.",
                "concurrency": 5,
                "cost": "medium",
                "second": "enqueue"
              }
            ],
            "software": "RTCC 7",
            "retired": false,
            "created_at": "2026-03-01T08:06:00Z",
            "updated_at": "2026-03-01T08:12:00Z"
          },
          "member": {
            "id": "019ca86e-ce40-7002-8002-000000000007",
            "version": 1,
            "name": "Real-Time Computer",
            "kind": "agent",
            "role": "guest",
            "email": null,
            "active": true,
            "created_at": "2026-03-01T08:06:00Z"
          },
          "status": {
            "state": "online",
            "running": 0,
            "waiting": 0,
            "instances": [
              {
                "id": "019ca874-4c80-7010-8010-000000000003",
                "host": "houston",
                "software": "RTCC 7",
                "capacity": 5,
                "running": 0,
                "connected": true,
                "draining": false,
                "blocked": false,
                "unresponsive": false,
                "connected_at": "2026-03-01T08:12:00Z",
                "seen_at": "2026-03-01T10:41:31Z"
              }
            ]
          }
        }
      ]
    }
  },
  "agent.connect": {
    "payload": {
      "instance_id": "019ca872-77c0-7010-8010-000000000001",
      "host": "columbia",
      "software": "Luminary099",
      "capacity": 2,
      "capabilities": [
        {
          "name": "check_trajectory",
          "description": "Says whether a burn brings the crew around the Moon and home.",
          "concurrency": 2,
          "cost": "low",
          "second": "restart",
          "input": {
            "type": "object",
            "properties": {
              "distance_km": {
                "type": "number",
                "exclusiveMinimum": 0
              },
              "burn_s": {
                "type": "number",
                "minimum": 0
              },
              "title": {
                "type": "string"
              }
            },
            "required": [
              "distance_km",
              "burn_s"
            ],
            "additionalProperties": false
          },
          "output": {
            "type": "object",
            "properties": {
              "perilune_km": {
                "type": "number"
              },
              "free_return": {
                "type": "boolean"
              }
            },
            "required": [
              "perilune_km",
              "free_return"
            ]
          },
          "estimate": 250000,
          "rate": 30,
          "attempts": 3,
          "stale_after": 600
        },
        {
          "name": "write_checklist",
          "description": "Writes down what to do, minute by minute.",
          "concurrency": 1,
          "cost": "free",
          "second": "enqueue",
          "input": {
            "type": "object",
            "properties": {
              "title": {
                "type": "string"
              },
              "minutes": {
                "type": "integer",
                "minimum": 1
              }
            },
            "required": [
              "title"
            ]
          },
          "output": {},
          "estimate": 0,
          "rate": null,
          "attempts": 3,
          "stale_after": 1800
        }
      ],
      "runs": [
        {
          "run_id": "019ca8e9-7c80-700d-800d-000000000006",
          "fence": 1
        }
      ]
    },
    "reply": {
      "instance": {
        "id": "019ca872-77c0-7010-8010-000000000001",
        "host": "columbia",
        "software": "Luminary099",
        "capacity": 2,
        "running": 0,
        "connected": true,
        "draining": false,
        "blocked": false,
        "unresponsive": false,
        "connected_at": "2026-03-01T10:40:50Z",
        "seen_at": "2026-03-01T10:40:50Z"
      },
      "runs": [],
      "lost": [
        "019ca8e9-7c80-700d-800d-000000000006"
      ],
      "heartbeat_seconds": 8,
      "lease_seconds": 25
    }
  },
  "agent.heartbeat": {
    "payload": {
      "instance_id": "019ca873-6220-7010-8010-000000000002",
      "runs": [
        {
          "run_id": "019ca8fd-a0c0-700d-800d-000000000002",
          "fence": 1
        }
      ]
    },
    "reply": {
      "lost": [],
      "canceling": [],
      "answered": [
        "019ca8fd-a0c0-700d-800d-000000000002"
      ],
      "runs": []
    }
  },
  "agent.drain": {
    "payload": {
      "instance_id": "019ca872-77c0-7010-8010-000000000001",
      "leave": true
    },
    "reply": null
  },
  "agent.insight": {
    "payload": {
      "agent_id": "019ca86d-e3e0-7002-8002-000000000006",
      "days": 7
    },
    "reply": {
      "days": [
        {
          "day": "2026-02-28",
          "capability": "check_trajectory",
          "runs": 8,
          "completed": 7,
          "failed": 1,
          "canceled": 0,
          "retries": 2,
          "questions": 1,
          "seconds_mean": 41.5,
          "seconds_p95": 63.0,
          "tokens": 9616,
          "money": 1440000,
          "files": 7,
          "scored": 6,
          "quality_mean": 84.5
        },
        {
          "day": "2026-03-01",
          "capability": "check_trajectory",
          "runs": 2,
          "completed": 1,
          "failed": 1,
          "canceled": 0,
          "retries": 0,
          "questions": 1,
          "seconds_mean": 210.5,
          "seconds_p95": 399.0,
          "tokens": 2009,
          "money": 246000,
          "files": 0,
          "scored": 0,
          "quality_mean": null
        }
      ],
      "collaborations": [
        {
          "from_agent": "019ca86d-e3e0-7002-8002-000000000006",
          "to_agent": "019ca86e-ce40-7002-8002-000000000007",
          "kind": "call",
          "count": 1,
          "completed": 1,
          "last_at": "2026-03-01T10:41:52Z"
        }
      ]
    }
  },
  "run.ask": {
    "payload": {
      "project_id": "019ca8a0-3e80-7003-8003-000000000001",
      "run_id": "019ca8fd-a0c0-700d-800d-000000000002",
      "fence": 1,
      "key": "first-out",
      "prompt": "Who steps out first?",
      "kind": "choice",
      "choices": [
        "Neil Armstrong",
        "Buzz Aldrin"
      ],
      "to": [
        "019ca86b-24c0-7002-8002-000000000003"
      ],
      "command_id": "019ca910-3a78-700c-800c-000000000074"
    },
    "reply": {
      "id": "019ca8fd-c7d0-700e-800e-000000000001",
      "project_id": "019ca8a0-3e80-7003-8003-000000000001",
      "run_id": "019ca8fd-a0c0-700d-800d-000000000002",
      "task_id": "019ca8ad-0fc0-7004-8004-000000000005",
      "agent_id": "019ca86d-e3e0-7002-8002-000000000006",
      "key": "first-out",
      "kind": "choice",
      "prompt": "Who steps out first?",
      "choices": [
        "Neil Armstrong",
        "Buzz Aldrin"
      ],
      "form": null,
      "action": null,
      "arguments": null,
      "arguments_hash": null,
      "ceiling": null,
      "asked": [
        "019ca86b-24c0-7002-8002-000000000003"
      ],
      "state": "open",
      "answer": null,
      "comment": "",
      "answered_by": null,
      "created_at": "2026-03-01T10:42:10Z",
      "answered_at": null,
      "expires_at": null,
      "used_at": null
    }
  },
  "run.use_approval": {
    "payload": {
      "project_id": "019ca8a0-3e80-7003-8003-000000000001",
      "run_id": "019ca8fc-b660-700d-800d-000000000001",
      "fence": 1,
      "question_id": "019ca8ff-0050-700e-800e-000000000002",
      "action": "burn",
      "arguments": {
        "engine": "SPS",
        "seconds": 2.91
      },
      "cost": 410000,
      "command_id": "019ca910-3e60-700c-800c-000000000075"
    },
    "reply": {
      "id": "019ca8ff-0050-700e-800e-000000000002",
      "project_id": "019ca8a0-3e80-7003-8003-000000000001",
      "run_id": "019ca8fc-b660-700d-800d-000000000001",
      "task_id": "019ca8aa-50a0-7004-8004-000000000002",
      "agent_id": "019ca86d-e3e0-7002-8002-000000000006",
      "key": "midcourse",
      "kind": "approval",
      "prompt": "Correct the course now?",
      "choices": [],
      "form": null,
      "action": "burn",
      "arguments": {
        "engine": "SPS",
        "seconds": 2.91
      },
      "arguments_hash": "80865e9b3b31f7de0b85d06fc288344c69155620e49291352e4aadcfd1b23818",
      "ceiling": 500000,
      "asked": [
        "019ca869-5000-7002-8002-000000000001"
      ],
      "state": "answered",
      "answer": true,
      "comment": "Go.",
      "answered_by": "019ca869-5000-7002-8002-000000000001",
      "created_at": "2026-03-01T10:43:30Z",
      "answered_at": "2026-03-01T10:44:10Z",
      "expires_at": "2026-03-01T12:00:00Z",
      "used_at": "2026-03-01T10:44:12Z"
    }
  },
  "budget.list": {
    "payload": {
      "project_id": "019ca8a0-3e80-7003-8003-000000000001"
    },
    "reply": {
      "items": [
        {
          "project_id": "019ca8a0-3e80-7003-8003-000000000001",
          "agent_id": null,
          "period": "total",
          "limit": 400000000,
          "spent": 37500000,
          "reserved": 1760000,
          "month": null,
          "updated_at": "2026-03-01T09:20:00Z"
        },
        {
          "project_id": "019ca8a0-3e80-7003-8003-000000000001",
          "agent_id": null,
          "period": "month",
          "limit": 50000000,
          "spent": 1932000,
          "reserved": 1760000,
          "month": "2026-03-01",
          "updated_at": "2026-03-01T10:52:00Z"
        }
      ]
    }
  },
  "budget.set": {
    "payload": {
      "limit": 50000000,
      "project_id": "019ca8a0-3e80-7003-8003-000000000001",
      "period": "month",
      "command_id": "019ca910-4a18-700c-800c-000000000078"
    },
    "reply": {
      "items": [
        {
          "project_id": "019ca8a0-3e80-7003-8003-000000000001",
          "agent_id": null,
          "period": "total",
          "limit": 400000000,
          "spent": 37500000,
          "reserved": 1760000,
          "month": null,
          "updated_at": "2026-03-01T09:20:00Z"
        },
        {
          "project_id": "019ca8a0-3e80-7003-8003-000000000001",
          "agent_id": null,
          "period": "month",
          "limit": 50000000,
          "spent": 1932000,
          "reserved": 1760000,
          "month": "2026-03-01",
          "updated_at": "2026-03-01T10:52:00Z"
        }
      ]
    }
  },
  "identity.publish": {
    "payload": {
      "command_id": "019ca90b-5c40-7001-8001-000000000007",
      "links": [
        "AQJ135TPIh6wNg7wbxvmZxw3-V689q8_485qMNo8D4mangAAAAE450CY3p5YAPNaEtHutV8M6LX_Q_4EouEnmS5RjngpdgAAAZt22qvozr_QEZhWB6YKi5vThBdS2gCAPGdWgCJmPDiNAPUWc4cMOlHnJyyQJn3WR_XQPtyW5l2vwDSnHH_HoPMU5dIpTUbhXZSi6fsK6CtD6UP0VG8DemGgODKEg0dcXm_aFabtcZzCn_kSStLIkVaL3Ag3W6KSZVqrKeIuz83sur2FGn2BtnzOwMYHkOiHMFuuBZgCQg90KLJaUn59W9LVwtvwM8SuRCMO9cR_ZNwrZ5drE5uU92-frdcOZmukUaHCPkBxIJB9O5abgGloHI8lGeiDpFoN"
      ]
    },
    "reply": {
      "id": "019ca869-5000-7002-8002-000000000001",
      "fp": "dd-UzyIesDYO8G8b5mccN_levPavP-POajDaPA-Jmp4",
      "seq": 1,
      "head": "7WeeZ0wGSdSjvKFqYcRF8ulY_tVKSFdBJIuFO2mniZU"
    }
  },
  "identity.list": {
    "payload": {
      "members": [
        "019ca869-5000-7002-8002-000000000001",
        "019ca86b-24c0-7002-8002-000000000003"
      ]
    },
    "reply": [
      {
        "id": "019ca869-5000-7002-8002-000000000001",
        "fp": "dd-UzyIesDYO8G8b5mccN_levPavP-POajDaPA-Jmp4",
        "seq": 0,
        "head": "OOdAmN6eWADzWhLR7rVfDOi1_0P-BKLhJ5kuUY54KXY"
      },
      {
        "id": "019ca86b-24c0-7002-8002-000000000003",
        "fp": "I7ofdo1RLK9kchJlJ2Uxr2hNRO0obl544gIFDjJ8P90",
        "seq": 0,
        "head": "rl1mi0ABTpBNBHQ-XUubp-RyFBohrjnNaHkAG4jg1wI"
      }
    ]
  },
  "identity.chain": {
    "payload": {
      "fp": "dd-UzyIesDYO8G8b5mccN_levPavP-POajDaPA-Jmp4",
      "after_seq": -1
    },
    "reply": {
      "identity": {
        "id": "019ca869-5000-7002-8002-000000000001",
        "fp": "dd-UzyIesDYO8G8b5mccN_levPavP-POajDaPA-Jmp4",
        "seq": 0,
        "head": "OOdAmN6eWADzWhLR7rVfDOi1_0P-BKLhJ5kuUY54KXY"
      },
      "links": [
        "AQEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAZt22qgAAAAAAAAAAAAAAAAAAAAAAACRAFZKomkOEKVHuR4sDr1QOy7YF4N-mMEqW-v8Ampobbj7WeM2PhaBJ2OlY0MQv2OomuYsEmMagJVXELYnlc0PGomdYvmFKWavj4BTd6hSVrRRZd3ulMWSDuCpQudRETZE1lAraat-DIJpSlbSW7Vrl0cAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAN2UDTfyyOzQxuH-p0tAA6DEW3IbD65q3fjstt9_lvRkYFYHYL5q0Hg6XheCjCemvmPCCzpqprzVY3XapC_9bQ0"
      ]
    }
  },
  "pairing.send": {
    "payload": {
      "id": "019ca90a-71e0-7014-8014-000000000005",
      "purpose": "verify",
      "to": "019ca86b-24c0-7002-8002-000000000003",
      "step": 0,
      "body": "Q4Ib7vPEV4W_2jYVyaXpRgsY5YlJjdKdQ6PgpsNJP5E"
    },
    "reply": {
      "id": "019ca90a-71e0-7014-8014-000000000005",
      "purpose": "verify",
      "sender": "019ca869-5000-7002-8002-000000000001",
      "step": 0,
      "body": "Q4Ib7vPEV4W_2jYVyaXpRgsY5YlJjdKdQ6PgpsNJP5E",
      "at": "2026-03-01T12:10:00Z"
    }
  },
  "pairing.list": {
    "payload": {},
    "reply": [
      {
        "id": "019ca90a-71e0-7014-8014-000000000005",
        "purpose": "verify",
        "sender": "019ca869-5000-7002-8002-000000000001",
        "step": 0,
        "body": "Q4Ib7vPEV4W_2jYVyaXpRgsY5YlJjdKdQ6PgpsNJP5E",
        "at": "2026-03-01T12:10:00Z"
      }
    ]
  },
  "backup.put": {
    "payload": {
      "command_id": "019ca90b-5c40-7001-8001-000000000008",
      "ver": 1,
      "master": "0jc7F82Kjhnjn1L6SQWidPk4Bfu4u0x_PLSyzWcI7IpwaMR9kwHSmTNJCRm1unTw3CZ9-llQgtwAOCqPdBcXBPnoPDn1y3AD",
      "entries": [
        {
          "key": "epoch-1",
          "body": "OYIA2gPZbv3Mx4tL6EB3QmYboHjK5Wzf9WnNKpXblMRuhaSFsTeDbD3MemXB2HGk64cyM6vXiLHyzlV1iorPHGl4KmUMhvQs"
        }
      ]
    },
    "reply": null
  },
  "backup.get": {
    "payload": {},
    "reply": {
      "ver": 1,
      "master": "0jc7F82Kjhnjn1L6SQWidPk4Bfu4u0x_PLSyzWcI7IpwaMR9kwHSmTNJCRm1unTw3CZ9-llQgtwAOCqPdBcXBPnoPDn1y3AD",
      "entries": [
        {
          "key": "epoch-1",
          "body": "OYIA2gPZbv3Mx4tL6EB3QmYboHjK5Wzf9WnNKpXblMRuhaSFsTeDbD3MemXB2HGk64cyM6vXiLHyzlV1iorPHGl4KmUMhvQs"
        }
      ],
      "next": null
    }
  },
  "notification.list": {
    "payload": {
      "unread": true
    },
    "reply": {
      "items": [
        {
          "id": "019ca8ff-0050-7008-8008-000000000003",
          "seq": 9,
          "kind": "question",
          "room": "019ca8a0-3e80-7003-8003-000000000001",
          "actor_id": "019ca86d-e3e0-7002-8002-000000000006",
          "message_id": null,
          "task_id": "019ca8aa-50a0-7004-8004-000000000002",
          "excerpt": "Correct the course now?",
          "created_at": "2026-03-01T10:43:30Z",
          "run_id": "019ca8fc-b660-700d-800d-000000000001",
          "question_id": "019ca8ff-0050-700e-800e-000000000002"
        },
        {
          "id": "019ca8d9-ec20-7008-8008-000000000001",
          "seq": 7,
          "kind": "mention",
          "room": "019ca884-c740-7005-8005-000000000001",
          "actor_id": "019ca86b-24c0-7002-8002-000000000003",
          "message_id": "019ca8d8-1760-7006-8006-000000000002",
          "task_id": null,
          "excerpt": "@Margaret Hamilton what does a 1202 mean?",
          "created_at": "2026-03-01T10:01:00Z",
          "run_id": null,
          "question_id": null
        },
        {
          "id": "019ca8db-c0e0-7008-8008-000000000002",
          "seq": 6,
          "kind": "assigned",
          "room": "019ca8a0-3e80-7003-8003-000000000001",
          "actor_id": "019ca86a-3a60-7002-8002-000000000002",
          "message_id": null,
          "task_id": "019ca8a9-6640-7004-8004-000000000001",
          "excerpt": "Write the landing program",
          "created_at": "2026-03-01T09:20:00Z",
          "run_id": null,
          "question_id": null
        }
      ],
      "next": null
    }
  },
  "invitation.create": {
    "payload": {
      "role": "guest",
      "email": "gene@apollo.example",
      "project_id": "019ca8a0-3e80-7003-8003-000000000001",
      "project_role": "viewer",
      "expires_in_hours": 72,
      "command_id": "019ca90e-2f08-700c-800c-000000000005"
    },
    "reply": {
      "invitation": {
        "id": "019ca897-16c0-7007-8007-000000000001",
        "version": 1,
        "role": "guest",
        "email": "gene@apollo.example",
        "project_id": "019ca8a0-3e80-7003-8003-000000000001",
        "project_role": "viewer",
        "created_by": "019ca869-5000-7002-8002-000000000001",
        "created_at": "2026-03-01T08:50:00Z",
        "expires_at": "2026-03-04T08:50:00Z",
        "used_at": null,
        "used_by": null
      },
      "secret": "5hX0tq3vPzC1yqD6bM8wRk2nJfA4sLuE",
      "link": "https://ymera.apollo.example/join#5hX0tq3vPzC1yqD6bM8wRk2nJfA4sLuE"
    }
  },
  "invitation.get": {
    "payload": {
      "invitation_id": "019ca897-16c0-7007-8007-000000000001"
    },
    "reply": {
      "id": "019ca897-16c0-7007-8007-000000000001",
      "version": 1,
      "role": "guest",
      "email": "gene@apollo.example",
      "project_id": "019ca8a0-3e80-7003-8003-000000000001",
      "project_role": "viewer",
      "created_by": "019ca869-5000-7002-8002-000000000001",
      "created_at": "2026-03-01T08:50:00Z",
      "expires_at": "2026-03-04T08:50:00Z",
      "used_at": null,
      "used_by": null
    }
  },
  "invitation.list": {
    "payload": {
      "open": true
    },
    "reply": {
      "items": [
        {
          "id": "019ca897-16c0-7007-8007-000000000001",
          "version": 1,
          "role": "guest",
          "email": "gene@apollo.example",
          "project_id": "019ca8a0-3e80-7003-8003-000000000001",
          "project_role": "viewer",
          "created_by": "019ca869-5000-7002-8002-000000000001",
          "created_at": "2026-03-01T08:50:00Z",
          "expires_at": "2026-03-04T08:50:00Z",
          "used_at": null,
          "used_by": null
        }
      ],
      "next": null
    }
  },
  "invitation.update": {
    "payload": {
      "invitation_id": "019ca897-16c0-7007-8007-000000000001",
      "version": 1,
      "role": "member",
      "expires_at": "2026-03-08T08:50:00Z",
      "command_id": "019ca90e-32f0-700c-800c-000000000006"
    },
    "reply": {
      "id": "019ca897-16c0-7007-8007-000000000001",
      "version": 2,
      "role": "member",
      "email": "gene@apollo.example",
      "project_id": "019ca8a0-3e80-7003-8003-000000000001",
      "project_role": "viewer",
      "created_by": "019ca869-5000-7002-8002-000000000001",
      "created_at": "2026-03-01T08:50:00Z",
      "expires_at": "2026-03-08T08:50:00Z",
      "used_at": null,
      "used_by": null
    }
  },
  "invitation.remove": {
    "payload": {
      "invitation_id": "019ca897-16c0-7007-8007-000000000001",
      "command_id": "019ca90e-36d8-700c-800c-000000000007"
    },
    "reply": {
      "id": "019ca897-16c0-7007-8007-000000000001",
      "version": 1,
      "role": "guest",
      "email": "gene@apollo.example",
      "project_id": "019ca8a0-3e80-7003-8003-000000000001",
      "project_role": "viewer",
      "created_by": "019ca869-5000-7002-8002-000000000001",
      "created_at": "2026-03-01T08:50:00Z",
      "expires_at": "2026-03-04T08:50:00Z",
      "used_at": null,
      "used_by": null
    }
  },
  "presence.set": {
    "payload": {
      "status": "away"
    },
    "reply": null
  },
  "presence.list": {
    "payload": {
      "room": "019ca884-c740-7005-8005-000000000001"
    },
    "reply": {
      "room": "019ca884-c740-7005-8005-000000000001",
      "joined": {
        "019ca869-5000-7002-8002-000000000001": "online",
        "019ca86a-3a60-7002-8002-000000000002": "away"
      },
      "left": []
    }
  },
  "typing.set": {
    "payload": {
      "room": "019ca884-c740-7005-8005-000000000001",
      "thread_id": "019ca8d7-2d00-7006-8006-000000000001",
      "typing": true
    },
    "reply": null
  },
  "project.create": {
    "payload": {
      "name": "Apollo 11",
      "id": "019ca8a0-3e80-7003-8003-000000000001",
      "description": "Land a crew on the Moon and return it safely to the Earth.",
      "state": "active",
      "command_id": "019ca90e-65b8-700c-800c-000000000013"
    },
    "reply": {
      "id": "019ca8a0-3e80-7003-8003-000000000001",
      "version": 1,
      "name": "Apollo 11",
      "description": "Land a crew on the Moon and return it safely to the Earth.",
      "state": "active",
      "created_by": "019ca869-5000-7002-8002-000000000001",
      "created_at": "2026-03-01T09:00:00Z",
      "updated_at": "2026-03-01T09:00:00Z",
      "purge_at": null
    }
  },
  "project.get": {
    "payload": {
      "project_id": "019ca8a0-3e80-7003-8003-000000000001"
    },
    "reply": {
      "id": "019ca8a0-3e80-7003-8003-000000000001",
      "version": 1,
      "name": "Apollo 11",
      "description": "Land a crew on the Moon and return it safely to the Earth.",
      "state": "active",
      "created_by": "019ca869-5000-7002-8002-000000000001",
      "created_at": "2026-03-01T09:00:00Z",
      "updated_at": "2026-03-01T09:00:00Z",
      "purge_at": null
    }
  },
  "project.list": {
    "payload": {
      "sort": "name",
      "descending": false,
      "limit": 50
    },
    "reply": {
      "items": [
        {
          "id": "019ca8a0-3e80-7003-8003-000000000001",
          "project": {
            "id": "019ca8a0-3e80-7003-8003-000000000001",
            "version": 1,
            "name": "Apollo 11",
            "description": "Land a crew on the Moon and return it safely to the Earth.",
            "state": "active",
            "created_by": "019ca869-5000-7002-8002-000000000001",
            "created_at": "2026-03-01T09:00:00Z",
            "updated_at": "2026-03-01T09:00:00Z",
            "purge_at": null
          },
          "role": "manager",
          "open_tasks": 5,
          "done_tasks": 0
        },
        {
          "id": "019ca8a1-28e0-7003-8003-000000000002",
          "project": {
            "id": "019ca8a1-28e0-7003-8003-000000000002",
            "version": 3,
            "name": "Gemini 8",
            "description": "Dock with another spacecraft.",
            "state": "completed",
            "created_by": "019ca86b-24c0-7002-8002-000000000003",
            "created_at": "2026-03-01T09:01:00Z",
            "updated_at": "2026-03-01T09:40:00Z",
            "purge_at": null
          },
          "role": "viewer",
          "open_tasks": 0,
          "done_tasks": 8
        }
      ],
      "next": null
    }
  },
  "project.update": {
    "payload": {
      "project_id": "019ca8a0-3e80-7003-8003-000000000001",
      "version": 1,
      "name": "Apollo 11: Eagle",
      "command_id": "019ca90e-69a0-700c-800c-000000000014"
    },
    "reply": {
      "id": "019ca8a0-3e80-7003-8003-000000000001",
      "version": 2,
      "name": "Apollo 11: Eagle",
      "description": "Land a crew on the Moon and return it safely to the Earth.",
      "state": "active",
      "created_by": "019ca869-5000-7002-8002-000000000001",
      "created_at": "2026-03-01T09:00:00Z",
      "updated_at": "2026-03-01T09:50:00Z",
      "purge_at": null
    }
  },
  "project.transition": {
    "payload": {
      "project_id": "019ca8a0-3e80-7003-8003-000000000001",
      "state": "on_hold",
      "version": 1,
      "command_id": "019ca90e-6d88-700c-800c-000000000015"
    },
    "reply": {
      "id": "019ca8a0-3e80-7003-8003-000000000001",
      "version": 2,
      "name": "Apollo 11",
      "description": "Land a crew on the Moon and return it safely to the Earth.",
      "state": "on_hold",
      "created_by": "019ca869-5000-7002-8002-000000000001",
      "created_at": "2026-03-01T09:00:00Z",
      "updated_at": "2026-03-01T09:51:00Z",
      "purge_at": null
    }
  },
  "project.delete": {
    "payload": {
      "project_id": "019ca8a0-3e80-7003-8003-000000000001",
      "version": 1,
      "command_id": "019ca90e-7170-700c-800c-000000000016"
    },
    "reply": {
      "id": "019ca8a0-3e80-7003-8003-000000000001",
      "version": 2,
      "name": "Apollo 11",
      "description": "Land a crew on the Moon and return it safely to the Earth.",
      "state": "active",
      "created_by": "019ca869-5000-7002-8002-000000000001",
      "created_at": "2026-03-01T09:00:00Z",
      "updated_at": "2026-03-01T09:52:00Z",
      "purge_at": "2026-03-31T09:52:00Z"
    }
  },
  "project.restore": {
    "payload": {
      "project_id": "019ca8a0-3e80-7003-8003-000000000001",
      "command_id": "019ca90e-7558-700c-800c-000000000017"
    },
    "reply": {
      "id": "019ca8a0-3e80-7003-8003-000000000001",
      "version": 3,
      "name": "Apollo 11",
      "description": "Land a crew on the Moon and return it safely to the Earth.",
      "state": "active",
      "created_by": "019ca869-5000-7002-8002-000000000001",
      "created_at": "2026-03-01T09:00:00Z",
      "updated_at": "2026-03-01T09:53:00Z",
      "purge_at": null
    }
  },
  "project.members": {
    "payload": {
      "project_id": "019ca8a0-3e80-7003-8003-000000000001"
    },
    "reply": {
      "items": [
        {
          "id": "019ca86c-0f20-7002-8002-000000000004",
          "name": "Buzz Aldrin",
          "kind": "person",
          "role": "editor",
          "joined_at": "2026-03-01T09:05:00Z",
          "until": null,
          "task_id": null
        },
        {
          "id": "019ca86d-e3e0-7002-8002-000000000006",
          "name": "Guidance Computer",
          "kind": "agent",
          "role": "editor",
          "joined_at": "2026-03-01T09:06:00Z",
          "until": null,
          "task_id": null
        },
        {
          "id": "019ca869-5000-7002-8002-000000000001",
          "name": "Margaret Hamilton",
          "kind": "person",
          "role": "manager",
          "joined_at": "2026-03-01T09:00:00Z",
          "until": null,
          "task_id": null
        },
        {
          "id": "019ca86b-24c0-7002-8002-000000000003",
          "name": "Neil Armstrong",
          "kind": "person",
          "role": "editor",
          "joined_at": "2026-03-01T09:05:00Z",
          "until": null,
          "task_id": null
        },
        {
          "id": "019ca86e-ce40-7002-8002-000000000007",
          "name": "Real-Time Computer",
          "kind": "agent",
          "role": "editor",
          "joined_at": "2026-03-01T10:39:00Z",
          "until": "2026-07-24T16:50:35Z",
          "task_id": "019ca8aa-50a0-7004-8004-000000000002"
        }
      ],
      "next": null
    }
  },
  "project.set_member": {
    "payload": {
      "project_id": "019ca8a0-3e80-7003-8003-000000000001",
      "member_id": "019ca86e-ce40-7002-8002-000000000007",
      "role": "editor",
      "until": "2026-07-24T16:50:35Z",
      "task_id": "019ca8aa-50a0-7004-8004-000000000002",
      "command_id": "019ca90e-7940-700c-800c-000000000018"
    },
    "reply": {
      "id": "019ca86e-ce40-7002-8002-000000000007",
      "name": "Real-Time Computer",
      "kind": "agent",
      "role": "editor",
      "joined_at": "2026-03-01T10:39:00Z",
      "until": "2026-07-24T16:50:35Z",
      "task_id": "019ca8aa-50a0-7004-8004-000000000002"
    }
  },
  "project.remove_member": {
    "payload": {
      "project_id": "019ca8a0-3e80-7003-8003-000000000001",
      "member_id": "019ca86c-f980-7002-8002-000000000005",
      "command_id": "019ca90e-7d28-700c-800c-000000000019"
    },
    "reply": {
      "id": "019ca86c-f980-7002-8002-000000000005",
      "name": "Gene Kranz",
      "kind": "person",
      "role": "viewer",
      "joined_at": "2026-03-01T09:08:00Z",
      "until": null,
      "task_id": null
    }
  },
  "queue.get": {
    "payload": {
      "project_id": "019ca8a0-3e80-7003-8003-000000000001"
    },
    "reply": {
      "queue": {
        "id": "019ca8a0-3e80-7003-8003-000000000001",
        "paused": false,
        "concurrency": null,
        "updated_at": "2026-03-01T09:00:00Z"
      },
      "running": 1,
      "waiting": {
        "items": [
          {
            "run": {
              "id": "019ca8fe-8b20-700d-800d-000000000004",
              "version": 1,
              "project_id": "019ca8a0-3e80-7003-8003-000000000001",
              "task_id": "019ca8ac-2560-7004-8004-000000000004",
              "title": "Land in the Sea of Tranquility",
              "capability": "write_checklist",
              "wanted_agent_id": "019ca86d-e3e0-7002-8002-000000000006",
              "agent_id": null,
              "instance_id": null,
              "requested_by": "019ca869-5000-7002-8002-000000000001",
              "parent_id": null,
              "previous_id": null,
              "trigger_id": null,
              "depth": 0,
              "state": "submitted",
              "waiting_for": null,
              "canceling": false,
              "stale": false,
              "attempt": 0,
              "attempts": 3,
              "priority": "urgent",
              "not_before": null,
              "deadline": null,
              "review": false,
              "budget": null,
              "costs": {
                "tokens": 0,
                "money": 0,
                "seconds": 0.0
              },
              "progress": null,
              "note": "",
              "error": null,
              "summary": "",
              "created_at": "2026-03-01T10:43:00Z",
              "started_at": null,
              "progress_at": null,
              "ended_at": null,
              "updated_at": "2026-03-01T10:43:00Z"
            },
            "reason": "blocked",
            "note": "Its task waits for «Write the landing program».",
            "until": null
          },
          {
            "run": {
              "id": "019ca8ff-7580-700d-800d-000000000005",
              "version": 1,
              "project_id": "019ca8a0-3e80-7003-8003-000000000001",
              "task_id": null,
              "title": "collect_rocks",
              "capability": "collect_rocks",
              "wanted_agent_id": null,
              "agent_id": null,
              "instance_id": null,
              "requested_by": "019ca869-5000-7002-8002-000000000001",
              "parent_id": null,
              "previous_id": null,
              "trigger_id": null,
              "depth": 0,
              "state": "submitted",
              "waiting_for": null,
              "canceling": false,
              "stale": false,
              "attempt": 0,
              "attempts": 3,
              "priority": "none",
              "not_before": null,
              "deadline": null,
              "review": false,
              "budget": null,
              "costs": {
                "tokens": 0,
                "money": 0,
                "seconds": 0.0
              },
              "progress": null,
              "note": "",
              "error": null,
              "summary": "",
              "created_at": "2026-03-01T10:44:00Z",
              "started_at": null,
              "progress_at": null,
              "ended_at": null,
              "updated_at": "2026-03-01T10:44:00Z"
            },
            "reason": "no_agent",
            "note": "No agent of the project has 'collect_rocks', or takes this run.",
            "until": null
          }
        ],
        "next": null
      }
    }
  },
  "queue.set": {
    "payload": {
      "project_id": "019ca8a0-3e80-7003-8003-000000000001",
      "concurrency": 4,
      "command_id": "019ca910-4630-700c-800c-000000000077"
    },
    "reply": {
      "id": "019ca8a0-3e80-7003-8003-000000000001",
      "paused": false,
      "concurrency": 4,
      "updated_at": "2026-03-01T10:51:00Z"
    }
  },
  "sealed.create": {
    "payload": {
      "command_id": "019ca90b-5c40-7001-8001-000000000001",
      "id": "019ca90a-71e0-7014-8014-000000000002",
      "form": "conversation",
      "genesis": "AQEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAABm3baqAB135TPIh6wNg7wbxvmZxw3-V689q8_485qMNo8D4mans6_0BGYVgemCoub04QXUtoAAgEACwAAAAAAAfQACTqAAgBFdd-UzyIesDYO8G8b5mccN_levPavP-POajDaPA-Jmp4DAAAAADjnQJjenlgA81oS0e61Xwzotf9D_gSi4SeZLlGOeCl2AE0Bi0FKgxoKYQ_JBXgevC6evarL98GHZc9z_SFGj1VBtEKco8XoPD11YkFVh9D9Ammt3zLrN4o9gQ8qXYiGGwo",
      "commit": "AQHbyx-xSSFpbeFIL9gIaQxj8RkPKx1c2EcCF10wHliCJAAAAAEPzyM4KW5F5BtYxVHlZY1OvkQVOqDj1i5ulm4_rr6nUQAAAAEAAAAAAAAAAfJGqD7S46nCuMMeav8qbdNV_A7vsG-Ghzmb3mQoq_GrAAABm3bblkh135TPIh6wNg7wbxvmZxw3-V689q8_485qMNo8D4mans6_0BGYVgemCoub04QXUtoAAQcAAAEBhtGteK0U6i0L5Vfaq5DXmXLYU5lh23G_VLpbYzHpEdQAAIl4carUlhAH9Nwy5AlUVc3JXVFX4aj9fAJmC6kf6B0Dypf7Fr1bmu-voAUr43x0ex1V6W4UiK-cGV4UWEPI04pjf6z0_4MWr4tcJAldfxY-kfaW-EKwoptP85skps_pExBg4qf2FpSEGHCHR4FWyGoPD_JZcxBYslgQJEIsUb8A",
      "boxes": [
        "AAAAADH7JI-FCUb25ruoyJUGAvwIXydeyoQk7uWYbtxsDaMY7_xHihb9TnH5myWwGx92Br1LRPYEPkltHDMdGK-NZNrHy7FihcwDpMe2nNb5UNmIqn7KHklZXmg9tMcUzcXpRllVUaf0TAlZto1BxjHgHVgdEuqF-axafKss2mrhlY-2ClciKjuyya35PX0V"
      ]
    },
    "reply": {
      "id": "019ca90a-71e0-7014-8014-000000000002",
      "room_ref": "28sfsUkhaW3hSC_YCGkMY_EZDysdXNhHAhddMB5YgiQ",
      "form": "conversation",
      "cseq": 1,
      "epoch": 1,
      "created_by": "019ca869-5000-7002-8002-000000000001",
      "created_at": "2026-03-01T12:10:00Z"
    }
  },
  "sealed.get": {
    "payload": {
      "room": "019ca90a-71e0-7014-8014-000000000001"
    },
    "reply": {
      "id": "019ca90a-71e0-7014-8014-000000000001",
      "room_ref": "RZ_gsfoaM2hthVew476ub7X0BBA-De_4GZI02N5O8tY",
      "form": "conversation",
      "cseq": 1,
      "epoch": 1,
      "created_by": "019ca869-5000-7002-8002-000000000001",
      "created_at": "2026-03-01T12:10:00Z"
    }
  },
  "sealed.commit": {
    "payload": {
      "command_id": "019ca90b-5c40-7001-8001-000000000002",
      "room": "019ca90a-71e0-7014-8014-000000000001",
      "commit": "AQFFn-Cx-hozaG2FV7Djvq5vtfQEED4N7_gZkjTY3k7y1gAAAAJifmbOuUci5kE-1flrDa5fYm7rxH6IixIsQbNKNt4jxQAAAAIAAAAAAAAAAve2u53HcSf1C5byQO7PPiuu-gRdDleiv1rza98yi075AAABm3bbmjB135TPIh6wNg7wbxvmZxw3-V689q8_485qMNo8D4mans6_0BGYVgemCoub04QXUtoAAQIARSO6H3aNUSyvZHISZSdlMa9oTUTtKG5eeOICBQ4yfD_dAQAAAACuXWaLQAFOkE0EdD5dS5un5HIUGiGuOc1oeQAbiODXAgEAc7uEfpX5Q4V7AUHmeB6I8q42qvi1yWrhGSGLDtdLU_EAAIq90Yc_ufyLItUo5F3pZkVlAbnxu5bdt6T-PRJZm-l3M6CmD7nL8pKbUgOghysYl-gSRjs-mvWuxp9awsoqWEXfn6CMfY5CpQ7akvFbGT4esBw1KzzBBGUg-ZRnTUfKXGRvAVinxz8VdIvbHr8kXlLwfL9BtnWw92pkmaUE2q4G",
      "boxes": [
        "AAAAAPHAtIXntzs3XWOUuIp9SlwLal5ED1KeGIZype7H6DZYpAvRJFXUtEbwqZGUawxfBc1bbe9293ijPSi-mF4kMEhQgor6PjTvPrmgpYDQ_sfTuXhiy1B_DsRDyHIDBqBb7TPbr5PlxPRIAgXt-_MmbMleHCjsmkrp-6-X2fF3d1pR6Rxraiv6ZV9rDNHb",
        "AAAAAEoJfGiw_ZYErSWhDb_-NN1m3ojR_-aGZJ9u24-HYYxItEai92ht9sL4aRssB1imSyIA5CpaksG27p071LSpmTOdJh6kfmvHc6PFpHK1RXu61jDmMebe3d7pb1Q82NDQTgXRmIy6IyDr07nzd_0Pj-ZZ31GLZ-Q9FHJbfkK5BwAP8XgVfiF9r0DEANFr"
      ]
    },
    "reply": {
      "room": "019ca90a-71e0-7014-8014-000000000001",
      "seq": 3
    }
  },
  "sealed.post": {
    "payload": {
      "room": "019ca90a-71e0-7014-8014-000000000001",
      "envelope": "AQEBAEWf4LH6GjNobYVXsOO-rm-19AQQPg3v-BmSNNjeTvLWAAAAAc6_0BGYVgemCoub04QXUtoAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAL3trudx3En9QuW8kDuzz4rrvoEXQ5Xor9a82vfMotO-ZOPWezNFlbS9JOdLZdgEpEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAZt225owWhj0GbKQ0PfPp99J5batBu74gxzLTCPfAAAAUJCw2ih5e7DovzoGGWdAntbNBmY_tRNAwS8HKqqVuHkBg2WxnTjLe-MDQy3cFRF5BnVoRkcL89vP-koyVgVU8uYgAYD3gtpCdlWGIHaiDSClr5MWox8mGAmh5fsTGmj4KxNjoB62GXKamX0j4cGOyiBmqWjaYn_MAlKlLwsmtxoXTAHspOwB2L2k66W_fNBdAg",
      "erases": []
    },
    "reply": {
      "room": "019ca90a-71e0-7014-8014-000000000001",
      "seq": 3
    }
  },
  "sealed.items": {
    "payload": {
      "room": "019ca90a-71e0-7014-8014-000000000001",
      "after_seq": 2,
      "limit": 100
    },
    "reply": {
      "room": "019ca90a-71e0-7014-8014-000000000001",
      "head": 3,
      "transcript": "97a7ncdxJ_ULlvJA7s8-K676BF0OV6K_WvNr3zKLTvk",
      "items": [
        {
          "seq": 3,
          "kind": "envelope",
          "body": "AQEBAEWf4LH6GjNobYVXsOO-rm-19AQQPg3v-BmSNNjeTvLWAAAAAc6_0BGYVgemCoub04QXUtoAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAL3trudx3En9QuW8kDuzz4rrvoEXQ5Xor9a82vfMotO-ZOPWezNFlbS9JOdLZdgEpEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAZt225owWhj0GbKQ0PfPp99J5batBu74gxzLTCPfAAAAUJCw2ih5e7DovzoGGWdAntbNBmY_tRNAwS8HKqqVuHkBg2WxnTjLe-MDQy3cFRF5BnVoRkcL89vP-koyVgVU8uYgAYD3gtpCdlWGIHaiDSClr5MWox8mGAmh5fsTGmj4KxNjoB62GXKamX0j4cGOyiBmqWjaYn_MAlKlLwsmtxoXTAHspOwB2L2k66W_fNBdAg",
          "at": "2026-03-01T12:10:00Z",
          "actor": "019ca869-5000-7002-8002-000000000001"
        }
      ]
    }
  },
  "sealed.boxes": {
    "payload": {
      "room": "019ca90a-71e0-7014-8014-000000000001",
      "device_id": "zr_QEZhWB6YKi5vThBdS2g",
      "from_epoch": 1
    },
    "reply": [
      {
        "epoch": 1,
        "box": "AAAAADH7JI-FCUb25ruoyJUGAvwIXydeyoQk7uWYbtxsDaMYL1WKp_eT9rlNAhieckMFlb1LRPYEPkltgmfiGBy2Pt9LBskKbhuhqINbl-3aAe43sfuj9olPLpo9tMcUzcXpRllVUaf0TAlZto1BxjHgHVgdEuqF-axafKss2mrhlY-2ClciKjuyya35PX0V"
      }
    ]
  },
  "sealed.grant": {
    "payload": {
      "room": "019ca90a-71e0-7014-8014-000000000001",
      "epoch": 1,
      "fp": "dd-UzyIesDYO8G8b5mccN_levPavP-POajDaPA-Jmp4",
      "device_id": "zr_QEZhWB6YKi5vThBdS2g",
      "box": "AAAAADH7JI-FCUb25ruoyJUGAvwIXydeyoQk7uWYbtxsDaMYL1WKp_eT9rlNAhieckMFlb1LRPYEPkltgmfiGBy2Pt9LBskKbhuhqINbl-3aAe43sfuj9olPLpo9tMcUzcXpRllVUaf0TAlZto1BxjHgHVgdEuqF-axafKss2mrhlY-2ClciKjuyya35PX0V"
    },
    "reply": null
  },
  "sealed.want": {
    "payload": {
      "room": "019ca90a-71e0-7014-8014-000000000001",
      "device_id": "zr_QEZhWB6YKi5vThBdS2g",
      "epoch": 1
    },
    "reply": null
  },
  "sealed.wants": {
    "payload": {
      "room": "019ca90a-71e0-7014-8014-000000000001"
    },
    "reply": [
      {
        "fp": "dd-UzyIesDYO8G8b5mccN_levPavP-POajDaPA-Jmp4",
        "device_id": "zr_QEZhWB6YKi5vThBdS2g",
        "epoch": 1
      }
    ]
  },
  "sealed.whisper": {
    "payload": {
      "room": "019ca90a-71e0-7014-8014-000000000001",
      "envelope": "AQEEAEWf4LH6GjNobYVXsOO-rm-19AQQPg3v-BmSNNjeTvLWAAAAAc6_0BGYVgemCoub04QXUtoAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAL3trudx3En9QuW8kDuzz4rrvoEXQ5Xor9a82vfMotO-ZOPWezNFlbS9JOdLZdgEpEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAZypRQoAWhj0GbKQ0PfPp99J5batBu74gxzLTCPfAAAAUI983LKUVTAWk0g_dP7XHvo1TqTrLiJOZ8k721iQ1FpesJQi2LmgAIRBdrKpM6yTLTfLyLdC20XK2eoY97sNOeubqATBd7ZHh7bf88U8RSecZPoWgjYG8co_B85lmIUPnpSoVFmtJImjP5EpLITe6ZZfwjN1qUGl_06Bq9i9kS3LnhuBBguU9MIsssNWkcLxDQ"
    },
    "reply": null
  },
  "sealed.discard": {
    "payload": {
      "room": "019ca90a-71e0-7014-8014-000000000001",
      "object_id": "019ca90b-5c40-7015-8015-000000000001",
      "command_id": "019ca90b-5c40-7015-8015-000000000002"
    },
    "reply": null
  },
  "sealed_invite.create": {
    "payload": {
      "command_id": "019ca90b-5c40-7001-8001-000000000003",
      "id": "019ca90a-71e0-7014-8014-000000000006",
      "room": "019ca90a-71e0-7014-8014-000000000001",
      "hours": 72,
      "uses": 1
    },
    "reply": {
      "id": "019ca90a-71e0-7014-8014-000000000006",
      "room": "019ca90a-71e0-7014-8014-000000000001",
      "room_ref": "RZ_gsfoaM2hthVew476ub7X0BBA-De_4GZI02N5O8tY",
      "form": "conversation",
      "created_by": "019ca869-5000-7002-8002-000000000001",
      "created_at": "2026-03-01T12:10:00Z",
      "expires_at": "2026-03-04T12:10:00Z",
      "uses": 1
    }
  },
  "sealed_invite.get": {
    "payload": {
      "id": "019ca90a-71e0-7014-8014-000000000003"
    },
    "reply": {
      "id": "019ca90a-71e0-7014-8014-000000000003",
      "room": "019ca90a-71e0-7014-8014-000000000001",
      "room_ref": "RZ_gsfoaM2hthVew476ub7X0BBA-De_4GZI02N5O8tY",
      "form": "conversation",
      "created_by": "019ca869-5000-7002-8002-000000000001",
      "created_at": "2026-03-01T12:10:00Z",
      "expires_at": "2026-03-04T12:10:00Z",
      "uses": 1
    }
  },
  "sealed_invite.answer": {
    "payload": {
      "command_id": "019ca90b-5c40-7001-8001-000000000004",
      "invite_id": "019ca90a-71e0-7014-8014-000000000003",
      "fp": "I7ofdo1RLK9kchJlJ2Uxr2hNRO0obl544gIFDjJ8P90",
      "proof": "3ZQjoEbI0NPdIw5M_JmkEyF-FlLI_CwNp78gd1AjTmQ"
    },
    "reply": {
      "id": "019ca90a-71e0-7014-8014-000000000004",
      "invite_id": "019ca90a-71e0-7014-8014-000000000003",
      "member_id": "019ca86b-24c0-7002-8002-000000000003",
      "fp": "I7ofdo1RLK9kchJlJ2Uxr2hNRO0obl544gIFDjJ8P90",
      "proof": "3ZQjoEbI0NPdIw5M_JmkEyF-FlLI_CwNp78gd1AjTmQ",
      "at": "2026-03-01T12:10:00Z"
    }
  },
  "sealed_invite.requests": {
    "payload": {
      "room": "019ca90a-71e0-7014-8014-000000000001"
    },
    "reply": [
      {
        "id": "019ca90a-71e0-7014-8014-000000000004",
        "invite_id": "019ca90a-71e0-7014-8014-000000000003",
        "member_id": "019ca86b-24c0-7002-8002-000000000003",
        "fp": "I7ofdo1RLK9kchJlJ2Uxr2hNRO0obl544gIFDjJ8P90",
        "proof": "3ZQjoEbI0NPdIw5M_JmkEyF-FlLI_CwNp78gd1AjTmQ",
        "at": "2026-03-01T12:10:00Z"
      }
    ]
  },
  "sealed_invite.close": {
    "payload": {
      "command_id": "019ca90b-5c40-7001-8001-000000000005",
      "id": "019ca90a-71e0-7014-8014-000000000003"
    },
    "reply": null
  },
  "sealed_invite.dismiss": {
    "payload": {
      "command_id": "019ca90b-5c40-7001-8001-000000000006",
      "id": "019ca90a-71e0-7014-8014-000000000004"
    },
    "reply": null
  },
  "session.refresh": {
    "payload": {
      "refresh_token": "ymr_4Tz9BqK1nRw6XsD8vLc3MfH7jYg2PaUe"
    },
    "reply": {
      "access_token": "eyJhbGciOiJFZERTQSIsImtpZCI6IjEifQ.e30.c2lnbmF0dXJl",
      "expires_in": 600,
      "refresh_token": "ymr_8Qm2VfL5dXc7ZkT9aNw3HsJ6gPb1YrUe",
      "me": {
        "id": "019ca869-5000-7002-8002-000000000001",
        "version": 1,
        "name": "Margaret Hamilton",
        "kind": "person",
        "role": "owner",
        "email": "margaret@apollo.example",
        "active": true,
        "created_at": "2026-03-01T08:00:00Z"
      }
    }
  },
  "trigger.create": {
    "payload": {
      "project_id": "019ca8a0-3e80-7003-8003-000000000001",
      "name": "Tracking station",
      "kind": "webhook",
      "capability": "check_trajectory",
      "id": "019ca909-87a0-7011-8011-000000000003",
      "agent_id": "019ca86d-e3e0-7002-8002-000000000006",
      "input": {
        "distance_km": "{{range.km}}",
        "burn_s": 347.3
      },
      "command_id": "019ca910-4e00-700c-800c-000000000079"
    },
    "reply": {
      "trigger": {
        "id": "019ca909-87a0-7011-8011-000000000003",
        "version": 1,
        "project_id": "019ca8a0-3e80-7003-8003-000000000001",
        "name": "Tracking station",
        "kind": "webhook",
        "cron": null,
        "zone": "UTC",
        "catch_up": "latest",
        "filter": null,
        "capability": "check_trajectory",
        "agent_id": "019ca86d-e3e0-7002-8002-000000000006",
        "input": {
          "distance_km": "{{range.km}}",
          "burn_s": 347.3
        },
        "enabled": true,
        "next_at": null,
        "fired_at": null,
        "fired": 0,
        "error": "",
        "created_by": "019ca869-5000-7002-8002-000000000001",
        "created_at": "2026-03-01T10:55:00Z",
        "updated_at": "2026-03-01T10:55:00Z"
      },
      "url": "https://ymera.apollo.example/api/hooks/019ca909-87a0-7011-8011-000000000003",
      "secret": "whsec_oTq4nN0bVxk2ZrXyq5l1mB3cK7uYJd8GaLe3UwP6fHs="
    }
  },
  "trigger.update": {
    "payload": {
      "trigger_id": "019ca907-b2e0-7011-8011-000000000001",
      "version": 1,
      "cron": "30 5 * * *",
      "catch_up": "skip",
      "command_id": "019ca910-51e8-700c-800c-00000000007a"
    },
    "reply": {
      "id": "019ca907-b2e0-7011-8011-000000000001",
      "version": 2,
      "project_id": "019ca8a0-3e80-7003-8003-000000000001",
      "name": "Morning check",
      "kind": "schedule",
      "cron": "30 5 * * *",
      "zone": "America/Chicago",
      "catch_up": "skip",
      "filter": null,
      "capability": "check_trajectory",
      "agent_id": "019ca86d-e3e0-7002-8002-000000000006",
      "input": {
        "distance_km": 384400,
        "burn_s": 347.3
      },
      "enabled": true,
      "next_at": "2026-03-01T11:30:00Z",
      "fired_at": null,
      "fired": 0,
      "error": "",
      "created_by": "019ca869-5000-7002-8002-000000000001",
      "created_at": "2026-03-01T10:53:00Z",
      "updated_at": "2026-03-01T10:56:00Z"
    }
  },
  "trigger.delete": {
    "payload": {
      "trigger_id": "019ca908-9d40-7011-8011-000000000002",
      "command_id": "019ca910-55d0-700c-800c-00000000007b"
    },
    "reply": {
      "id": "019ca908-9d40-7011-8011-000000000002",
      "version": 1,
      "project_id": "019ca8a0-3e80-7003-8003-000000000001",
      "name": "After a burn",
      "kind": "event",
      "cron": null,
      "zone": "UTC",
      "catch_up": "latest",
      "filter": {
        "type": "task.updated",
        "where": {
          "task.status": "done",
          "task.labels": "burn"
        }
      },
      "capability": "write_checklist",
      "agent_id": null,
      "input": {
        "title": "{{task.title}}"
      },
      "enabled": true,
      "next_at": null,
      "fired_at": null,
      "fired": 0,
      "error": "",
      "created_by": "019ca869-5000-7002-8002-000000000001",
      "created_at": "2026-03-01T10:54:00Z",
      "updated_at": "2026-03-01T10:54:00Z"
    }
  },
  "trigger.rotate_secret": {
    "payload": {
      "trigger_id": "019ca909-87a0-7011-8011-000000000003",
      "command_id": "019ca910-59b8-700c-800c-00000000007c"
    },
    "reply": {
      "trigger": {
        "id": "019ca909-87a0-7011-8011-000000000003",
        "version": 2,
        "project_id": "019ca8a0-3e80-7003-8003-000000000001",
        "name": "Tracking station",
        "kind": "webhook",
        "cron": null,
        "zone": "UTC",
        "catch_up": "latest",
        "filter": null,
        "capability": "check_trajectory",
        "agent_id": "019ca86d-e3e0-7002-8002-000000000006",
        "input": {
          "distance_km": "{{range.km}}",
          "burn_s": 347.3
        },
        "enabled": true,
        "next_at": null,
        "fired_at": null,
        "fired": 0,
        "error": "",
        "created_by": "019ca869-5000-7002-8002-000000000001",
        "created_at": "2026-03-01T10:55:00Z",
        "updated_at": "2026-03-01T10:57:30Z"
      },
      "url": "https://ymera.apollo.example/api/hooks/019ca909-87a0-7011-8011-000000000003",
      "secret": "whsec_k8TzN5qLw3XcV7mRb2Yd9JsHf4PgAe6U1nWt0oBvCxE="
    }
  },
  "trigger.list": {
    "payload": {
      "project_id": "019ca8a0-3e80-7003-8003-000000000001"
    },
    "reply": {
      "items": [
        {
          "id": "019ca908-9d40-7011-8011-000000000002",
          "version": 1,
          "project_id": "019ca8a0-3e80-7003-8003-000000000001",
          "name": "After a burn",
          "kind": "event",
          "cron": null,
          "zone": "UTC",
          "catch_up": "latest",
          "filter": {
            "type": "task.updated",
            "where": {
              "task.status": "done",
              "task.labels": "burn"
            }
          },
          "capability": "write_checklist",
          "agent_id": null,
          "input": {
            "title": "{{task.title}}"
          },
          "enabled": true,
          "next_at": null,
          "fired_at": null,
          "fired": 0,
          "error": "",
          "created_by": "019ca869-5000-7002-8002-000000000001",
          "created_at": "2026-03-01T10:54:00Z",
          "updated_at": "2026-03-01T10:54:00Z"
        },
        {
          "id": "019ca907-b2e0-7011-8011-000000000001",
          "version": 1,
          "project_id": "019ca8a0-3e80-7003-8003-000000000001",
          "name": "Morning check",
          "kind": "schedule",
          "cron": "0 6 * * 1-5",
          "zone": "America/Chicago",
          "catch_up": "latest",
          "filter": null,
          "capability": "check_trajectory",
          "agent_id": "019ca86d-e3e0-7002-8002-000000000006",
          "input": {
            "distance_km": 384400,
            "burn_s": 347.3
          },
          "enabled": true,
          "next_at": "2026-03-02T12:00:00Z",
          "fired_at": null,
          "fired": 0,
          "error": "",
          "created_by": "019ca869-5000-7002-8002-000000000001",
          "created_at": "2026-03-01T10:53:00Z",
          "updated_at": "2026-03-01T10:53:00Z"
        },
        {
          "id": "019ca909-87a0-7011-8011-000000000003",
          "version": 1,
          "project_id": "019ca8a0-3e80-7003-8003-000000000001",
          "name": "Tracking station",
          "kind": "webhook",
          "cron": null,
          "zone": "UTC",
          "catch_up": "latest",
          "filter": null,
          "capability": "check_trajectory",
          "agent_id": "019ca86d-e3e0-7002-8002-000000000006",
          "input": {
            "distance_km": "{{range.km}}",
            "burn_s": 347.3
          },
          "enabled": true,
          "next_at": null,
          "fired_at": null,
          "fired": 0,
          "error": "",
          "created_by": "019ca869-5000-7002-8002-000000000001",
          "created_at": "2026-03-01T10:55:00Z",
          "updated_at": "2026-03-01T10:55:00Z"
        }
      ],
      "next": null
    }
  }
};

export const events: { [T in EventType]: EventExample<T> } = {
  "member.added": {
    "room": "019ca869-5000-7001-8001-000000000001",
    "seq": 5,
    "type": "member.added",
    "at": "2026-03-01T08:05:00Z",
    "actor": "019ca869-5000-7002-8002-000000000001",
    "data": {
      "member": {
        "id": "019ca86d-e3e0-7002-8002-000000000006",
        "version": 1,
        "name": "Guidance Computer",
        "kind": "agent",
        "role": "guest",
        "email": null,
        "active": true,
        "created_at": "2026-03-01T08:05:00Z"
      }
    }
  },
  "member.updated": {
    "room": "019ca869-5000-7001-8001-000000000001",
    "seq": 9,
    "type": "member.updated",
    "at": "2026-03-01T09:59:00Z",
    "actor": "019ca86b-24c0-7002-8002-000000000003",
    "data": {
      "member": {
        "id": "019ca86b-24c0-7002-8002-000000000003",
        "version": 2,
        "name": "Neil A. Armstrong",
        "kind": "person",
        "role": "member",
        "email": null,
        "active": true,
        "created_at": "2026-03-01T08:02:00Z"
      }
    }
  },
  "member.removed": {
    "room": "019ca869-5000-7001-8001-000000000001",
    "seq": 10,
    "type": "member.removed",
    "at": "2026-03-01T10:30:00Z",
    "actor": "019ca86a-3a60-7002-8002-000000000002",
    "data": {
      "member_id": "019ca86c-f980-7002-8002-000000000005",
      "member": {
        "id": "019ca86c-f980-7002-8002-000000000005",
        "version": 2,
        "name": "Gene Kranz",
        "kind": "person",
        "role": "guest",
        "email": null,
        "active": false,
        "created_at": "2026-03-01T08:04:00Z"
      }
    }
  },
  "workspace.updated": {
    "room": "019ca869-5000-7001-8001-000000000001",
    "seq": 11,
    "type": "workspace.updated",
    "at": "2026-03-01T10:31:00Z",
    "actor": "019ca869-5000-7002-8002-000000000001",
    "data": {
      "workspace": {
        "id": "019ca869-5000-7001-8001-000000000001",
        "version": 2,
        "name": "Apollo Program",
        "description": "We choose to go to the Moon.",
        "created_at": "2026-03-01T08:00:00Z"
      }
    }
  },
  "file.created": {
    "room": "019ca8a0-3e80-7003-8003-000000000001",
    "seq": 41,
    "type": "file.created",
    "at": "2026-03-01T10:50:00Z",
    "actor": "019ca86a-3a60-7002-8002-000000000002",
    "data": {
      "file": {
        "id": "019ca904-f3c0-7012-8012-000000000001",
        "version": 1,
        "room": "019ca8a0-3e80-7003-8003-000000000001",
        "task_id": "019ca8aa-50a0-7004-8004-000000000002",
        "run_id": null,
        "folder": "trajectory",
        "name": "free-return.pdf",
        "number": 1,
        "bytes": 318402,
        "sha256": "1c257c21d9e0d7c5149500bb200eb3591937c74222e2ce175ad52a1989818918",
        "media_type": "application/pdf",
        "kind": "other",
        "analysis": "pending",
        "quality": null,
        "held": "",
        "restricted": false,
        "created_by": "019ca86a-3a60-7002-8002-000000000002",
        "created_at": "2026-03-01T10:50:00Z",
        "updated_by": "019ca86a-3a60-7002-8002-000000000002",
        "updated_at": "2026-03-01T10:50:00Z",
        "purge_at": null
      }
    }
  },
  "file.updated": {
    "room": "019ca8a0-3e80-7003-8003-000000000001",
    "seq": 44,
    "type": "file.updated",
    "at": "2026-03-01T11:01:00Z",
    "actor": "019ca869-5000-7002-8002-000000000001",
    "data": {
      "file": {
        "id": "019ca904-f3c0-7012-8012-000000000001",
        "version": 2,
        "room": "019ca8a0-3e80-7003-8003-000000000001",
        "task_id": "019ca8aa-50a0-7004-8004-000000000002",
        "run_id": null,
        "folder": "trajectory",
        "name": "free-return-1969.pdf",
        "number": 1,
        "bytes": 318402,
        "sha256": "1c257c21d9e0d7c5149500bb200eb3591937c74222e2ce175ad52a1989818918",
        "media_type": "application/pdf",
        "kind": "document",
        "analysis": "done",
        "quality": 91,
        "held": "",
        "restricted": false,
        "created_by": "019ca86a-3a60-7002-8002-000000000002",
        "created_at": "2026-03-01T10:50:00Z",
        "updated_by": "019ca869-5000-7002-8002-000000000001",
        "updated_at": "2026-03-01T11:01:00Z",
        "purge_at": null
      },
      "cause": "renamed"
    }
  },
  "file.removed": {
    "room": "019ca8a0-3e80-7003-8003-000000000001",
    "seq": 45,
    "type": "file.removed",
    "at": "2026-03-01T10:53:30Z",
    "actor": "019ca869-5000-7002-8002-000000000001",
    "data": {
      "file_id": "019ca907-b2e0-7012-8012-000000000005"
    }
  },
  "question.asked": {
    "room": "019ca8a0-3e80-7003-8003-000000000001",
    "seq": 45,
    "type": "question.asked",
    "at": "2026-03-01T10:42:10Z",
    "actor": "019ca86d-e3e0-7002-8002-000000000006",
    "data": {
      "question": {
        "id": "019ca8fd-c7d0-700e-800e-000000000001",
        "project_id": "019ca8a0-3e80-7003-8003-000000000001",
        "run_id": "019ca8fd-a0c0-700d-800d-000000000002",
        "task_id": "019ca8ad-0fc0-7004-8004-000000000005",
        "agent_id": "019ca86d-e3e0-7002-8002-000000000006",
        "key": "first-out",
        "kind": "choice",
        "prompt": "Who steps out first?",
        "choices": [
          "Neil Armstrong",
          "Buzz Aldrin"
        ],
        "form": null,
        "action": null,
        "arguments": null,
        "arguments_hash": null,
        "ceiling": null,
        "asked": [
          "019ca86b-24c0-7002-8002-000000000003"
        ],
        "state": "open",
        "answer": null,
        "comment": "",
        "answered_by": null,
        "created_at": "2026-03-01T10:42:10Z",
        "answered_at": null,
        "expires_at": null,
        "used_at": null
      }
    }
  },
  "question.closed": {
    "room": "019ca8a0-3e80-7003-8003-000000000001",
    "seq": 56,
    "type": "question.closed",
    "at": "2026-03-01T10:49:00Z",
    "actor": "019ca86b-24c0-7002-8002-000000000003",
    "data": {
      "question_id": "019ca8fd-c7d0-700e-800e-000000000001",
      "question": {
        "id": "019ca8fd-c7d0-700e-800e-000000000001",
        "project_id": "019ca8a0-3e80-7003-8003-000000000001",
        "run_id": "019ca8fd-a0c0-700d-800d-000000000002",
        "task_id": "019ca8ad-0fc0-7004-8004-000000000005",
        "agent_id": "019ca86d-e3e0-7002-8002-000000000006",
        "key": "first-out",
        "kind": "choice",
        "prompt": "Who steps out first?",
        "choices": [
          "Neil Armstrong",
          "Buzz Aldrin"
        ],
        "form": null,
        "action": null,
        "arguments": null,
        "arguments_hash": null,
        "ceiling": null,
        "asked": [
          "019ca86b-24c0-7002-8002-000000000003"
        ],
        "state": "answered",
        "answer": "Neil Armstrong",
        "comment": "He sits next to the hatch.",
        "answered_by": "019ca86b-24c0-7002-8002-000000000003",
        "created_at": "2026-03-01T10:42:10Z",
        "answered_at": "2026-03-01T10:49:00Z",
        "expires_at": null,
        "used_at": null
      }
    }
  },
  "approval.used": {
    "room": "019ca8a0-3e80-7003-8003-000000000001",
    "seq": 51,
    "type": "approval.used",
    "at": "2026-03-01T10:44:12Z",
    "actor": "019ca86d-e3e0-7002-8002-000000000006",
    "data": {
      "question": {
        "id": "019ca8ff-0050-700e-800e-000000000002",
        "project_id": "019ca8a0-3e80-7003-8003-000000000001",
        "run_id": "019ca8fc-b660-700d-800d-000000000001",
        "task_id": "019ca8aa-50a0-7004-8004-000000000002",
        "agent_id": "019ca86d-e3e0-7002-8002-000000000006",
        "key": "midcourse",
        "kind": "approval",
        "prompt": "Correct the course now?",
        "choices": [],
        "form": null,
        "action": "burn",
        "arguments": {
          "engine": "SPS",
          "seconds": 2.91
        },
        "arguments_hash": "80865e9b3b31f7de0b85d06fc288344c69155620e49291352e4aadcfd1b23818",
        "ceiling": 500000,
        "asked": [
          "019ca869-5000-7002-8002-000000000001"
        ],
        "state": "answered",
        "answer": true,
        "comment": "Go.",
        "answered_by": "019ca869-5000-7002-8002-000000000001",
        "created_at": "2026-03-01T10:43:30Z",
        "answered_at": "2026-03-01T10:44:10Z",
        "expires_at": "2026-03-01T12:00:00Z",
        "used_at": "2026-03-01T10:44:12Z"
      },
      "cost": 410000
    }
  },
  "message.sent": {
    "room": "019ca884-c740-7005-8005-000000000001",
    "seq": 15,
    "type": "message.sent",
    "at": "2026-03-01T10:02:00Z",
    "actor": "019ca86c-0f20-7002-8002-000000000004",
    "data": {
      "message": {
        "id": "019ca8d9-01c0-7006-8006-000000000003",
        "version": 1,
        "room": "019ca884-c740-7005-8005-000000000001",
        "seq": 15,
        "author_id": "019ca86c-0f20-7002-8002-000000000004",
        "text": "Go.",
        "thread_id": "019ca8d7-2d00-7006-8006-000000000001",
        "task_id": null,
        "mentions": [],
        "reactions": {},
        "reply_count": 0,
        "created_at": "2026-03-01T10:02:00Z",
        "edited_at": null,
        "deleted": false,
        "files": []
      },
      "thread": {
        "id": "019ca8d7-2d00-7006-8006-000000000001",
        "reply_count": 1
      },
      "task": null
    }
  },
  "message.updated": {
    "room": "019ca884-c740-7005-8005-000000000001",
    "seq": 16,
    "type": "message.updated",
    "at": "2026-03-01T10:04:00Z",
    "actor": "019ca86a-3a60-7002-8002-000000000002",
    "data": {
      "message": {
        "id": "019ca8d7-2d00-7006-8006-000000000001",
        "version": 2,
        "room": "019ca884-c740-7005-8005-000000000001",
        "seq": 12,
        "author_id": "019ca86a-3a60-7002-8002-000000000002",
        "text": "Trajectory checked to the seventh decimal. Go for launch?",
        "thread_id": null,
        "task_id": null,
        "mentions": [],
        "reactions": {
          "🚀": [
            "019ca86b-24c0-7002-8002-000000000003",
            "019ca86c-0f20-7002-8002-000000000004"
          ]
        },
        "reply_count": 1,
        "created_at": "2026-03-01T10:00:00Z",
        "edited_at": "2026-03-01T10:04:00Z",
        "deleted": false,
        "files": []
      }
    }
  },
  "room.created": {
    "room": "019ca884-c740-7005-8005-000000000001",
    "seq": 1,
    "type": "room.created",
    "at": "2026-03-01T08:30:00Z",
    "actor": "019ca86a-3a60-7002-8002-000000000002",
    "data": {
      "room": {
        "id": "019ca884-c740-7005-8005-000000000001",
        "version": 1,
        "kind": "channel",
        "name": "mission-control",
        "topic": "Flight: go or no-go",
        "private": false,
        "archived": false,
        "created_by": "019ca86a-3a60-7002-8002-000000000002",
        "created_at": "2026-03-01T08:30:00Z"
      }
    }
  },
  "room.updated": {
    "room": "019ca884-c740-7005-8005-000000000001",
    "seq": 17,
    "type": "room.updated",
    "at": "2026-03-01T10:06:00Z",
    "actor": "019ca86a-3a60-7002-8002-000000000002",
    "data": {
      "room": {
        "id": "019ca884-c740-7005-8005-000000000001",
        "version": 2,
        "kind": "channel",
        "name": "mission-control",
        "topic": "Eagle has landed",
        "private": false,
        "archived": false,
        "created_by": "019ca86a-3a60-7002-8002-000000000002",
        "created_at": "2026-03-01T08:30:00Z"
      }
    }
  },
  "participant.added": {
    "room": "019ca8a0-3e80-7003-8003-000000000001",
    "seq": 8,
    "type": "participant.added",
    "at": "2026-03-01T09:08:00Z",
    "actor": "019ca869-5000-7002-8002-000000000001",
    "data": {
      "participant": {
        "id": "019ca86c-f980-7002-8002-000000000005",
        "name": "Gene Kranz",
        "kind": "person",
        "role": "viewer",
        "joined_at": "2026-03-01T09:08:00Z",
        "until": null,
        "task_id": null
      }
    }
  },
  "participant.removed": {
    "room": "019ca8a0-3e80-7003-8003-000000000001",
    "seq": 32,
    "type": "participant.removed",
    "at": "2026-03-01T10:32:00Z",
    "actor": "019ca869-5000-7002-8002-000000000001",
    "data": {
      "member_id": "019ca86c-f980-7002-8002-000000000005"
    }
  },
  "membership.updated": {
    "room": "019ca869-5000-7002-8002-000000000001",
    "seq": 2,
    "type": "membership.updated",
    "at": "2026-03-01T09:00:00Z",
    "actor": "019ca869-5000-7002-8002-000000000001",
    "data": {
      "membership": {
        "id": "019ca8a0-3e80-7003-8003-000000000001",
        "kind": "project",
        "name": "Apollo 11",
        "role": "manager",
        "read_seq": 0
      }
    }
  },
  "membership.removed": {
    "room": "019ca86c-f980-7002-8002-000000000005",
    "seq": 4,
    "type": "membership.removed",
    "at": "2026-03-01T10:32:00Z",
    "actor": "019ca869-5000-7002-8002-000000000001",
    "data": {
      "room_id": "019ca8a0-3e80-7003-8003-000000000001"
    }
  },
  "task.created": {
    "room": "019ca8a0-3e80-7003-8003-000000000001",
    "seq": 7,
    "type": "task.created",
    "at": "2026-03-01T09:14:00Z",
    "actor": "019ca86c-0f20-7002-8002-000000000004",
    "data": {
      "task": {
        "id": "019ca8ad-0fc0-7004-8004-000000000005",
        "version": 1,
        "project_id": "019ca8a0-3e80-7003-8003-000000000001",
        "title": "Plan the first steps",
        "description": "",
        "status": "todo",
        "priority": "none",
        "rank": "a4",
        "labels": [],
        "estimate": null,
        "due": null,
        "parent_id": "019ca8ac-2560-7004-8004-000000000004",
        "assignees": [],
        "depends_on": [],
        "blocked": false,
        "comment_count": 0,
        "external_id": null,
        "created_by": "019ca86c-0f20-7002-8002-000000000004",
        "created_at": "2026-03-01T09:14:00Z",
        "updated_at": "2026-03-01T09:14:00Z",
        "completed_at": null
      }
    }
  },
  "task.updated": {
    "room": "019ca8a0-3e80-7003-8003-000000000001",
    "seq": 28,
    "type": "task.updated",
    "at": "2026-03-01T09:31:00Z",
    "actor": "019ca869-5000-7002-8002-000000000001",
    "data": {
      "task": {
        "id": "019ca8a9-6640-7004-8004-000000000001",
        "version": 5,
        "project_id": "019ca8a0-3e80-7003-8003-000000000001",
        "title": "Write the landing program",
        "description": "Must survive a **1202** alarm: drop what is not needed, keep flying.",
        "status": "in_progress",
        "priority": "high",
        "rank": "a0",
        "labels": [
          "software",
          "guidance"
        ],
        "estimate": 120.0,
        "due": null,
        "parent_id": null,
        "assignees": [
          "019ca869-5000-7002-8002-000000000001",
          "019ca86d-e3e0-7002-8002-000000000006"
        ],
        "depends_on": [],
        "blocked": false,
        "comment_count": 1,
        "external_id": "LUM-099",
        "created_by": "019ca869-5000-7002-8002-000000000001",
        "created_at": "2026-03-01T09:10:00Z",
        "updated_at": "2026-03-01T09:31:00Z",
        "completed_at": null
      },
      "changes": [
        {
          "field": "priority",
          "before": "urgent",
          "after": "high"
        },
        {
          "field": "due",
          "before": "2026-05-18",
          "after": null
        }
      ]
    }
  },
  "task.blocked": {
    "room": "019ca8a0-3e80-7003-8003-000000000001",
    "seq": 30,
    "type": "task.blocked",
    "at": "2026-03-01T09:37:00Z",
    "actor": "019ca869-5000-7002-8002-000000000001",
    "data": {
      "task": {
        "id": "019ca8ac-2560-7004-8004-000000000004",
        "blocked": false
      }
    }
  },
  "task.deleted": {
    "room": "019ca8a0-3e80-7003-8003-000000000001",
    "seq": 34,
    "type": "task.deleted",
    "at": "2026-03-01T09:38:00Z",
    "actor": "019ca86c-0f20-7002-8002-000000000004",
    "data": {
      "task_id": "019ca8ad-0fc0-7004-8004-000000000005",
      "title": "Plan the first steps"
    }
  },
  "run.created": {
    "room": "019ca8a0-3e80-7003-8003-000000000001",
    "seq": 35,
    "type": "run.created",
    "at": "2026-03-01T10:41:00Z",
    "actor": "019ca869-5000-7002-8002-000000000001",
    "data": {
      "run": {
        "id": "019ca8fc-b660-700d-800d-000000000001",
        "version": 1,
        "project_id": "019ca8a0-3e80-7003-8003-000000000001",
        "task_id": "019ca8aa-50a0-7004-8004-000000000002",
        "title": "Check the trajectory by hand",
        "capability": "check_trajectory",
        "wanted_agent_id": "019ca86d-e3e0-7002-8002-000000000006",
        "agent_id": null,
        "instance_id": null,
        "requested_by": "019ca869-5000-7002-8002-000000000001",
        "parent_id": null,
        "previous_id": null,
        "trigger_id": null,
        "depth": 0,
        "state": "submitted",
        "waiting_for": null,
        "canceling": false,
        "stale": false,
        "attempt": 0,
        "attempts": 3,
        "priority": "high",
        "not_before": null,
        "deadline": "2026-03-01T12:00:00Z",
        "review": true,
        "budget": 2000000,
        "costs": {
          "tokens": 0,
          "money": 0,
          "seconds": 0.0
        },
        "progress": null,
        "note": "",
        "error": null,
        "summary": "",
        "created_at": "2026-03-01T10:41:00Z",
        "started_at": null,
        "progress_at": null,
        "ended_at": null,
        "updated_at": "2026-03-01T10:41:00Z"
      }
    }
  },
  "run.updated": {
    "room": "019ca8a0-3e80-7003-8003-000000000001",
    "seq": 36,
    "type": "run.updated",
    "at": "2026-03-01T10:41:01Z",
    "actor": "019ca86d-e3e0-7002-8002-000000000006",
    "data": {
      "run": {
        "id": "019ca8fc-b660-700d-800d-000000000001",
        "version": 3,
        "project_id": "019ca8a0-3e80-7003-8003-000000000001",
        "task_id": "019ca8aa-50a0-7004-8004-000000000002",
        "title": "Check the trajectory by hand",
        "capability": "check_trajectory",
        "wanted_agent_id": "019ca86d-e3e0-7002-8002-000000000006",
        "agent_id": "019ca86d-e3e0-7002-8002-000000000006",
        "instance_id": "019ca872-77c0-7010-8010-000000000001",
        "requested_by": "019ca869-5000-7002-8002-000000000001",
        "parent_id": null,
        "previous_id": null,
        "trigger_id": null,
        "depth": 0,
        "state": "working",
        "waiting_for": null,
        "canceling": false,
        "stale": false,
        "attempt": 1,
        "attempts": 3,
        "priority": "high",
        "not_before": null,
        "deadline": "2026-03-01T12:00:00Z",
        "review": true,
        "budget": 2000000,
        "costs": {
          "tokens": 0,
          "money": 0,
          "seconds": 0.0
        },
        "progress": null,
        "note": "",
        "error": null,
        "summary": "",
        "created_at": "2026-03-01T10:41:00Z",
        "started_at": "2026-03-01T10:41:01Z",
        "progress_at": "2026-03-01T10:41:01Z",
        "ended_at": null,
        "updated_at": "2026-03-01T10:41:01Z"
      },
      "cause": "started",
      "note": ""
    }
  },
  "run.progressed": {
    "room": "019ca8a0-3e80-7003-8003-000000000001",
    "seq": 39,
    "type": "run.progressed",
    "at": "2026-03-01T10:41:33Z",
    "actor": "019ca86d-e3e0-7002-8002-000000000006",
    "data": {
      "run": {
        "id": "019ca8fc-b660-700d-800d-000000000001",
        "version": 4,
        "progress": 0.4,
        "note": "Integrating the way out",
        "costs": {
          "tokens": 1202,
          "money": 180000,
          "seconds": 31.5
        },
        "stale": false,
        "progress_at": "2026-03-01T10:41:33Z",
        "updated_at": "2026-03-01T10:41:33Z"
      }
    }
  },
  "run.ended": {
    "room": "019ca8a0-3e80-7003-8003-000000000001",
    "seq": 55,
    "type": "run.ended",
    "at": "2026-03-01T10:48:00Z",
    "actor": "019ca86d-e3e0-7002-8002-000000000006",
    "data": {
      "run_id": "019ca8fc-b660-700d-800d-000000000001",
      "run": {
        "id": "019ca8fc-b660-700d-800d-000000000001",
        "version": 9,
        "project_id": "019ca8a0-3e80-7003-8003-000000000001",
        "task_id": "019ca8aa-50a0-7004-8004-000000000002",
        "title": "Check the trajectory by hand",
        "capability": "check_trajectory",
        "wanted_agent_id": "019ca86d-e3e0-7002-8002-000000000006",
        "agent_id": "019ca86d-e3e0-7002-8002-000000000006",
        "instance_id": null,
        "requested_by": "019ca869-5000-7002-8002-000000000001",
        "parent_id": null,
        "previous_id": null,
        "trigger_id": null,
        "depth": 0,
        "state": "completed",
        "waiting_for": null,
        "canceling": false,
        "stale": false,
        "attempt": 1,
        "attempts": 3,
        "priority": "high",
        "not_before": null,
        "deadline": "2026-03-01T12:00:00Z",
        "review": true,
        "budget": 2000000,
        "costs": {
          "tokens": 1969,
          "money": 240000,
          "seconds": 58.0
        },
        "progress": 1.0,
        "note": "Integrating the way out",
        "error": null,
        "summary": "Free return, 111 km above the far side.",
        "created_at": "2026-03-01T10:41:00Z",
        "started_at": "2026-03-01T10:41:01Z",
        "progress_at": "2026-03-01T10:48:00Z",
        "ended_at": "2026-03-01T10:48:00Z",
        "updated_at": "2026-03-01T10:48:00Z"
      },
      "note": "Free return, 111 km above the far side."
    }
  },
  "run.outputted": {
    "room": "019ca8a0-3e80-7003-8003-000000000001",
    "seq": 38,
    "type": "run.outputted",
    "at": "2026-03-01T10:41:25Z",
    "actor": "019ca86d-e3e0-7002-8002-000000000006",
    "data": {
      "run_id": "019ca8fc-b660-700d-800d-000000000001",
      "run": {
        "id": "019ca8fc-b660-700d-800d-000000000001",
        "stale": false,
        "progress_at": "2026-03-01T10:41:25Z"
      },
      "fence": 1,
      "offset": 0,
      "text": "Midcourse correction in 26 h 44 min: ",
      "truncated": false
    }
  },
  "run.logged": {
    "room": "019ca8a0-3e80-7003-8003-000000000001",
    "seq": 37,
    "type": "run.logged",
    "at": "2026-03-01T10:41:20Z",
    "actor": "019ca86d-e3e0-7002-8002-000000000006",
    "data": {
      "run_id": "019ca8fc-b660-700d-800d-000000000001",
      "fence": 1,
      "level": "warning",
      "message": "Executive overflow, restarted",
      "data": {
        "alarm": 1202
      }
    }
  },
  "run.attached": {
    "room": "019ca8a0-3e80-7003-8003-000000000001",
    "seq": 40,
    "type": "run.attached",
    "at": "2026-03-01T10:41:36Z",
    "actor": "019ca86d-e3e0-7002-8002-000000000006",
    "data": {
      "artifact": {
        "id": "019ca8fd-4300-700f-800f-000000000001",
        "run_id": "019ca8fc-b660-700d-800d-000000000001",
        "name": "state-vectors.csv",
        "media_type": "text/csv",
        "bytes": 43,
        "created_at": "2026-03-01T10:41:36Z"
      }
    }
  },
  "agent.registered": {
    "room": "019ca869-5000-7001-8001-000000000001",
    "seq": 6,
    "type": "agent.registered",
    "at": "2026-03-01T08:05:00Z",
    "actor": "019ca869-5000-7002-8002-000000000001",
    "data": {
      "agent": {
        "id": "019ca86d-e3e0-7002-8002-000000000006",
        "version": 1,
        "owner_id": "019ca869-5000-7002-8002-000000000001",
        "description": "Flies the spacecraft in 72 kB. Restarts rather than gives up.",
        "picture": "🛰️",
        "capabilities": [],
        "software": "",
        "retired": false,
        "created_at": "2026-03-01T08:05:00Z",
        "updated_at": "2026-03-01T08:05:00Z"
      }
    }
  },
  "agent.updated": {
    "room": "019ca869-5000-7001-8001-000000000001",
    "seq": 7,
    "type": "agent.updated",
    "at": "2026-03-01T08:10:00Z",
    "actor": "019ca86d-e3e0-7002-8002-000000000006",
    "data": {
      "agent": {
        "id": "019ca86d-e3e0-7002-8002-000000000006",
        "version": 2,
        "owner_id": "019ca869-5000-7002-8002-000000000001",
        "description": "Flies the spacecraft in 72 kB. Restarts rather than gives up.",
        "picture": "🛰️",
        "capabilities": [
          {
            "name": "check_trajectory",
            "description": "Says whether a burn brings the crew around the Moon and home.",
            "concurrency": 2,
            "cost": "low",
            "second": "restart"
          },
          {
            "name": "write_checklist",
            "description": "Writes down what to do, minute by minute.",
            "concurrency": 1,
            "cost": "free",
            "second": "enqueue"
          }
        ],
        "software": "Luminary099",
        "retired": false,
        "created_at": "2026-03-01T08:05:00Z",
        "updated_at": "2026-03-01T08:10:00Z"
      }
    }
  },
  "notification.added": {
    "room": "019ca869-5000-7002-8002-000000000001",
    "seq": 7,
    "type": "notification.added",
    "at": "2026-03-01T10:01:00Z",
    "actor": "019ca86b-24c0-7002-8002-000000000003",
    "data": {
      "notification": {
        "id": "019ca8d9-ec20-7008-8008-000000000001",
        "seq": 7,
        "kind": "mention",
        "room": "019ca884-c740-7005-8005-000000000001",
        "actor_id": "019ca86b-24c0-7002-8002-000000000003",
        "message_id": "019ca8d8-1760-7006-8006-000000000002",
        "task_id": null,
        "excerpt": "@Margaret Hamilton what does a 1202 mean?",
        "created_at": "2026-03-01T10:01:00Z",
        "run_id": null,
        "question_id": null
      }
    }
  },
  "project.created": {
    "room": "019ca8a0-3e80-7003-8003-000000000001",
    "seq": 1,
    "type": "project.created",
    "at": "2026-03-01T09:00:00Z",
    "actor": "019ca869-5000-7002-8002-000000000001",
    "data": {
      "project": {
        "id": "019ca8a0-3e80-7003-8003-000000000001",
        "version": 1,
        "name": "Apollo 11",
        "description": "Land a crew on the Moon and return it safely to the Earth.",
        "state": "active",
        "created_by": "019ca869-5000-7002-8002-000000000001",
        "created_at": "2026-03-01T09:00:00Z",
        "updated_at": "2026-03-01T09:00:00Z",
        "purge_at": null
      }
    }
  },
  "project.updated": {
    "room": "019ca8a0-3e80-7003-8003-000000000001",
    "seq": 33,
    "type": "project.updated",
    "at": "2026-03-01T09:51:00Z",
    "actor": "019ca869-5000-7002-8002-000000000001",
    "data": {
      "project": {
        "id": "019ca8a0-3e80-7003-8003-000000000001",
        "version": 2,
        "name": "Apollo 11",
        "description": "Land a crew on the Moon and return it safely to the Earth.",
        "state": "on_hold",
        "created_by": "019ca869-5000-7002-8002-000000000001",
        "created_at": "2026-03-01T09:00:00Z",
        "updated_at": "2026-03-01T09:51:00Z",
        "purge_at": null
      },
      "changes": [
        {
          "field": "state",
          "before": "active",
          "after": "on_hold"
        }
      ]
    }
  },
  "queue.updated": {
    "room": "019ca8a0-3e80-7003-8003-000000000001",
    "seq": 57,
    "type": "queue.updated",
    "at": "2026-03-01T10:51:00Z",
    "actor": "019ca869-5000-7002-8002-000000000001",
    "data": {
      "queue": {
        "id": "019ca8a0-3e80-7003-8003-000000000001",
        "paused": false,
        "concurrency": 4,
        "updated_at": "2026-03-01T10:51:00Z"
      }
    }
  },
  "commit.posted": {
    "room": "019ca90a-71e0-7014-8014-000000000001",
    "seq": 3,
    "type": "commit.posted",
    "at": "2026-03-01T12:10:00Z",
    "actor": "019ca869-5000-7002-8002-000000000001",
    "data": {
      "commit": "AQFFn-Cx-hozaG2FV7Djvq5vtfQEED4N7_gZkjTY3k7y1gAAAAJifmbOuUci5kE-1flrDa5fYm7rxH6IixIsQbNKNt4jxQAAAAIAAAAAAAAAAve2u53HcSf1C5byQO7PPiuu-gRdDleiv1rza98yi075AAABm3bbmjB135TPIh6wNg7wbxvmZxw3-V689q8_485qMNo8D4mans6_0BGYVgemCoub04QXUtoAAQIARSO6H3aNUSyvZHISZSdlMa9oTUTtKG5eeOICBQ4yfD_dAQAAAACuXWaLQAFOkE0EdD5dS5un5HIUGiGuOc1oeQAbiODXAgEAc7uEfpX5Q4V7AUHmeB6I8q42qvi1yWrhGSGLDtdLU_EAAIq90Yc_ufyLItUo5F3pZkVlAbnxu5bdt6T-PRJZm-l3M6CmD7nL8pKbUgOghysYl-gSRjs-mvWuxp9awsoqWEXfn6CMfY5CpQ7akvFbGT4esBw1KzzBBGUg-ZRnTUfKXGRvAVinxz8VdIvbHr8kXlLwfL9BtnWw92pkmaUE2q4G",
      "removed": []
    }
  },
  "envelope.posted": {
    "room": "019ca90a-71e0-7014-8014-000000000001",
    "seq": 3,
    "type": "envelope.posted",
    "at": "2026-03-01T12:10:00Z",
    "actor": "019ca869-5000-7002-8002-000000000001",
    "data": {
      "envelope": "AQEBAEWf4LH6GjNobYVXsOO-rm-19AQQPg3v-BmSNNjeTvLWAAAAAc6_0BGYVgemCoub04QXUtoAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAL3trudx3En9QuW8kDuzz4rrvoEXQ5Xor9a82vfMotO-ZOPWezNFlbS9JOdLZdgEpEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAZt225owWhj0GbKQ0PfPp99J5batBu74gxzLTCPfAAAAUJCw2ih5e7DovzoGGWdAntbNBmY_tRNAwS8HKqqVuHkBg2WxnTjLe-MDQy3cFRF5BnVoRkcL89vP-koyVgVU8uYgAYD3gtpCdlWGIHaiDSClr5MWox8mGAmh5fsTGmj4KxNjoB62GXKamX0j4cGOyiBmqWjaYn_MAlKlLwsmtxoXTAHspOwB2L2k66W_fNBdAg",
      "erases": []
    }
  },
  "session.revoked": {
    "room": "019ca869-5000-7002-8002-000000000001",
    "seq": 8,
    "type": "session.revoked",
    "at": "2026-03-01T10:40:00Z",
    "actor": "019ca869-5000-7002-8002-000000000001",
    "data": {
      "session_id": "019ca89b-aaa0-7009-8009-000000000001"
    }
  },
  "trigger.created": {
    "room": "019ca8a0-3e80-7003-8003-000000000001",
    "seq": 59,
    "type": "trigger.created",
    "at": "2026-03-01T10:54:00Z",
    "actor": "019ca869-5000-7002-8002-000000000001",
    "data": {
      "trigger": {
        "id": "019ca908-9d40-7011-8011-000000000002",
        "version": 1,
        "project_id": "019ca8a0-3e80-7003-8003-000000000001",
        "name": "After a burn",
        "kind": "event",
        "cron": null,
        "zone": "UTC",
        "catch_up": "latest",
        "filter": {
          "type": "task.updated",
          "where": {
            "task.status": "done",
            "task.labels": "burn"
          }
        },
        "capability": "write_checklist",
        "agent_id": null,
        "input": {
          "title": "{{task.title}}"
        },
        "enabled": true,
        "next_at": null,
        "fired_at": null,
        "fired": 0,
        "error": "",
        "created_by": "019ca869-5000-7002-8002-000000000001",
        "created_at": "2026-03-01T10:54:00Z",
        "updated_at": "2026-03-01T10:54:00Z"
      }
    }
  },
  "trigger.updated": {
    "room": "019ca8a0-3e80-7003-8003-000000000001",
    "seq": 64,
    "type": "trigger.updated",
    "at": "2026-03-02T12:00:00Z",
    "actor": null,
    "data": {
      "trigger": {
        "id": "019ca907-b2e0-7011-8011-000000000001",
        "version": 2,
        "project_id": "019ca8a0-3e80-7003-8003-000000000001",
        "name": "Morning check",
        "kind": "schedule",
        "cron": "0 6 * * 1-5",
        "zone": "America/Chicago",
        "catch_up": "latest",
        "filter": null,
        "capability": "check_trajectory",
        "agent_id": "019ca86d-e3e0-7002-8002-000000000006",
        "input": {
          "distance_km": 384400,
          "burn_s": 347.3
        },
        "enabled": true,
        "next_at": "2026-03-03T12:00:00Z",
        "fired_at": "2026-03-02T12:00:00Z",
        "fired": 1,
        "error": "",
        "created_by": "019ca869-5000-7002-8002-000000000001",
        "created_at": "2026-03-01T10:53:00Z",
        "updated_at": "2026-03-02T12:00:00Z"
      }
    }
  },
  "trigger.deleted": {
    "room": "019ca8a0-3e80-7003-8003-000000000001",
    "seq": 61,
    "type": "trigger.deleted",
    "at": "2026-03-01T10:57:00Z",
    "actor": "019ca869-5000-7002-8002-000000000001",
    "data": {
      "trigger_id": "019ca908-9d40-7011-8011-000000000002"
    }
  }
};

export const ephemera: Ephemera = {
  "run.offers": {
    "instance_id": "019ca872-77c0-7010-8010-000000000001",
    "offers": [
      {
        "run": {
          "id": "019ca8fc-b660-700d-800d-000000000001",
          "version": 2,
          "project_id": "019ca8a0-3e80-7003-8003-000000000001",
          "task_id": "019ca8aa-50a0-7004-8004-000000000002",
          "title": "Check the trajectory by hand",
          "capability": "check_trajectory",
          "wanted_agent_id": "019ca86d-e3e0-7002-8002-000000000006",
          "agent_id": "019ca86d-e3e0-7002-8002-000000000006",
          "instance_id": "019ca872-77c0-7010-8010-000000000001",
          "requested_by": "019ca869-5000-7002-8002-000000000001",
          "parent_id": null,
          "previous_id": null,
          "trigger_id": null,
          "depth": 0,
          "state": "submitted",
          "waiting_for": null,
          "canceling": false,
          "stale": false,
          "attempt": 1,
          "attempts": 3,
          "priority": "high",
          "not_before": null,
          "deadline": "2026-03-01T12:00:00Z",
          "review": true,
          "budget": 2000000,
          "costs": {
            "tokens": 0,
            "money": 0,
            "seconds": 0.0
          },
          "progress": null,
          "note": "",
          "error": null,
          "summary": "",
          "created_at": "2026-03-01T10:41:00Z",
          "started_at": null,
          "progress_at": null,
          "ended_at": null,
          "updated_at": "2026-03-01T10:41:00Z"
        },
        "fence": 1,
        "input": {
          "distance_km": 384400,
          "burn_s": 347.3,
          "title": "Check the trajectory by hand"
        },
        "task": {
          "id": "019ca8aa-50a0-7004-8004-000000000002",
          "title": "Check the trajectory by hand",
          "description": "",
          "priority": "high",
          "labels": [
            "guidance"
          ]
        },
        "handed": null,
        "answers": [],
        "results": {}
      }
    ]
  },
  "run.control": {
    "instance_id": "019ca873-6220-7010-8010-000000000002",
    "run_id": "019ca8fd-a0c0-700d-800d-000000000002",
    "fence": 1,
    "kind": "answer",
    "question": {
      "id": "019ca8fd-c7d0-700e-800e-000000000001",
      "project_id": "019ca8a0-3e80-7003-8003-000000000001",
      "run_id": "019ca8fd-a0c0-700d-800d-000000000002",
      "task_id": "019ca8ad-0fc0-7004-8004-000000000005",
      "agent_id": "019ca86d-e3e0-7002-8002-000000000006",
      "key": "first-out",
      "kind": "choice",
      "prompt": "Who steps out first?",
      "choices": [
        "Neil Armstrong",
        "Buzz Aldrin"
      ],
      "form": null,
      "action": null,
      "arguments": null,
      "arguments_hash": null,
      "ceiling": null,
      "asked": [
        "019ca86b-24c0-7002-8002-000000000003"
      ],
      "state": "answered",
      "answer": "Neil Armstrong",
      "comment": "He sits next to the hatch.",
      "answered_by": "019ca86b-24c0-7002-8002-000000000003",
      "created_at": "2026-03-01T10:42:10Z",
      "answered_at": "2026-03-01T10:49:00Z",
      "expires_at": null,
      "used_at": null
    },
    "reply": null
  },
  "identity.extended": {
    "room": "019ca90a-71e0-7014-8014-000000000001",
    "identity": {
      "id": "019ca869-5000-7002-8002-000000000001",
      "fp": "dd-UzyIesDYO8G8b5mccN_levPavP-POajDaPA-Jmp4",
      "seq": 1,
      "head": "7WeeZ0wGSdSjvKFqYcRF8ulY_tVKSFdBJIuFO2mniZU"
    }
  },
  "pairing.sent": {
    "room": "019ca86b-24c0-7002-8002-000000000003",
    "pairing": {
      "id": "019ca90a-71e0-7014-8014-000000000005",
      "purpose": "verify",
      "sender": "019ca869-5000-7002-8002-000000000001",
      "step": 0,
      "body": "Q4Ib7vPEV4W_2jYVyaXpRgsY5YlJjdKdQ6PgpsNJP5E",
      "at": "2026-03-01T12:10:00Z"
    }
  },
  "presence": {
    "room": "019ca884-c740-7005-8005-000000000001",
    "joined": {
      "019ca869-5000-7002-8002-000000000001": "online",
      "019ca86c-0f20-7002-8002-000000000004": "busy"
    },
    "left": [
      "019ca86c-f980-7002-8002-000000000005"
    ]
  },
  "typing": {
    "room": "019ca884-c740-7005-8005-000000000001",
    "member_id": "019ca86b-24c0-7002-8002-000000000003",
    "thread_id": null,
    "typing": true
  },
  "heads": {
    "heads": {
      "019ca8a0-3e80-7003-8003-000000000001": 34,
      "019ca884-c740-7005-8005-000000000001": 17
    }
  },
  "lagging": {
    "heads": {
      "019ca8a0-3e80-7003-8003-000000000001": 1290
    }
  },
  "closing": {
    "reason": "draining",
    "reconnect": true
  },
  "sealed.whispered": {
    "room": "019ca90a-71e0-7014-8014-000000000001",
    "envelope": "AQEEAEWf4LH6GjNobYVXsOO-rm-19AQQPg3v-BmSNNjeTvLWAAAAAc6_0BGYVgemCoub04QXUtoAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAL3trudx3En9QuW8kDuzz4rrvoEXQ5Xor9a82vfMotO-ZOPWezNFlbS9JOdLZdgEpEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAZypRQoAWhj0GbKQ0PfPp99J5batBu74gxzLTCPfAAAAUI983LKUVTAWk0g_dP7XHvo1TqTrLiJOZ8k721iQ1FpesJQi2LmgAIRBdrKpM6yTLTfLyLdC20XK2eoY97sNOeubqATBd7ZHh7bf88U8RSecZPoWgjYG8co_B85lmIUPnpSoVFmtJImjP5EpLITe6ZZfwjN1qUGl_06Bq9i9kS3LnhuBBguU9MIsssNWkcLxDQ"
  },
  "sealed.granted": {
    "room": "019ca90a-71e0-7014-8014-000000000001",
    "device_id": "zr_QEZhWB6YKi5vThBdS2g",
    "epoch": 1
  },
  "sealed.wanted": {
    "room": "019ca90a-71e0-7014-8014-000000000001",
    "want": {
      "fp": "dd-UzyIesDYO8G8b5mccN_levPavP-POajDaPA-Jmp4",
      "device_id": "zr_QEZhWB6YKi5vThBdS2g",
      "epoch": 1
    }
  },
  "sealed_invite.answered": {
    "room": "019ca90a-71e0-7014-8014-000000000001",
    "request": {
      "id": "019ca90a-71e0-7014-8014-000000000004",
      "invite_id": "019ca90a-71e0-7014-8014-000000000003",
      "member_id": "019ca86b-24c0-7002-8002-000000000003",
      "fp": "I7ofdo1RLK9kchJlJ2Uxr2hNRO0obl544gIFDjJ8P90",
      "proof": "3ZQjoEbI0NPdIw5M_JmkEyF-FlLI_CwNp78gd1AjTmQ",
      "at": "2026-03-01T12:10:00Z"
    }
  },
  "ready": {
    "me": {
      "id": "019ca869-5000-7002-8002-000000000001",
      "version": 1,
      "name": "Margaret Hamilton",
      "kind": "person",
      "role": "owner",
      "email": "margaret@apollo.example",
      "active": true,
      "created_at": "2026-03-01T08:00:00Z"
    },
    "workspace": {
      "id": "019ca869-5000-7001-8001-000000000001",
      "version": 1,
      "name": "Apollo Program",
      "description": "Before this decade is out.",
      "created_at": "2026-03-01T08:00:00Z"
    },
    "inbox": "019ca869-5000-7002-8002-000000000001",
    "session_expires_in": 600,
    "limits": {
      "max_message_bytes": 1000000,
      "command_rate": 200,
      "command_burst": 400
    },
    "generation": "b7c1e0d2"
  }
};

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
          "role": "member",
          "email": null,
          "active": true,
          "created_at": "2026-03-01T08:05:00Z"
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
  "notification.list": {
    "payload": {
      "unread": true
    },
    "reply": {
      "items": [
        {
          "id": "019ca8d9-ec20-7008-8008-000000000001",
          "seq": 7,
          "kind": "mention",
          "room": "019ca884-c740-7005-8005-000000000001",
          "actor_id": "019ca86b-24c0-7002-8002-000000000003",
          "message_id": "019ca8d8-1760-7006-8006-000000000002",
          "task_id": null,
          "excerpt": "@Margaret Hamilton what does a 1202 mean?",
          "created_at": "2026-03-01T10:01:00Z"
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
          "created_at": "2026-03-01T09:20:00Z"
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
  "message.send": {
    "payload": {
      "room": "019ca884-c740-7005-8005-000000000001",
      "text": "@[Margaret Hamilton](019ca869-5000-7002-8002-000000000001) what does a 1202 mean?",
      "id": "019ca8d8-1760-7006-8006-000000000002",
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
      "deleted": false
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
      "deleted": false
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
      "deleted": true
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
      "deleted": false
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
              "deleted": false
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
              "deleted": false
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
          "deleted": false
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
          "joined_at": "2026-03-01T08:30:00Z"
        },
        {
          "id": "019ca86b-24c0-7002-8002-000000000003",
          "name": "Neil Armstrong",
          "kind": "person",
          "role": "editor",
          "joined_at": "2026-03-01T08:31:00Z"
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
      "joined_at": "2026-03-01T08:32:00Z"
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
      "joined_at": "2026-03-01T08:32:00Z"
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
          "joined_at": "2026-03-01T09:05:00Z"
        },
        {
          "id": "019ca86d-e3e0-7002-8002-000000000006",
          "name": "Guidance Computer",
          "kind": "agent",
          "role": "editor",
          "joined_at": "2026-03-01T09:06:00Z"
        },
        {
          "id": "019ca869-5000-7002-8002-000000000001",
          "name": "Margaret Hamilton",
          "kind": "person",
          "role": "manager",
          "joined_at": "2026-03-01T09:00:00Z"
        },
        {
          "id": "019ca86b-24c0-7002-8002-000000000003",
          "name": "Neil Armstrong",
          "kind": "person",
          "role": "editor",
          "joined_at": "2026-03-01T09:05:00Z"
        }
      ],
      "next": null
    }
  },
  "project.set_member": {
    "payload": {
      "project_id": "019ca8a0-3e80-7003-8003-000000000001",
      "member_id": "019ca86c-f980-7002-8002-000000000005",
      "role": "viewer",
      "command_id": "019ca90e-7940-700c-800c-000000000018"
    },
    "reply": {
      "id": "019ca86c-f980-7002-8002-000000000005",
      "name": "Gene Kranz",
      "kind": "person",
      "role": "viewer",
      "joined_at": "2026-03-01T09:08:00Z"
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
      "joined_at": "2026-03-01T09:08:00Z"
    }
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
      "deleted": false
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
  }
};

export const events: { [T in EventType]: EventExample<T> } = {
  "member.added": {
    "room": "019ca869-5000-7001-8001-000000000001",
    "seq": 5,
    "type": "member.added",
    "at": "2026-03-01T08:05:00Z",
    "actor": null,
    "data": {
      "member": {
        "id": "019ca86d-e3e0-7002-8002-000000000006",
        "version": 1,
        "name": "Guidance Computer",
        "kind": "agent",
        "role": "member",
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
        "created_at": "2026-03-01T10:01:00Z"
      }
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
        "deleted": false
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
        "deleted": false
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
        "joined_at": "2026-03-01T09:08:00Z"
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
  }
};

export const ephemera: Ephemera = {
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

"""What files say, page by page, and searching in it.

A page's words are reduced after the rules of its own language, and so are those that are searched for in it.
"""

from collections.abc import Sequence

import msgspec

from persistence import files
from persistence.database import Connection, fetch_all
from persistence.unit import Unit
from protocol.files import ContentKind
from protocol.roles import RoomRole, WorkspaceRole
from protocol.rooms import RoomKind

CONFIGS = {
    "da": "danish",
    "de": "german",
    "en": "english",
    "es": "spanish",
    "fi": "finnish",
    "fr": "french",
    "hu": "hungarian",
    "it": "italian",
    "nb": "norwegian",
    "nl": "dutch",
    "no": "norwegian",
    "pt": "portuguese",
    "ro": "romanian",
    "ru": "russian",
    "sv": "swedish",
    "tr": "turkish",
}
"""What PostgreSQL calls its rules for languages; others go by `simple`, which reduces nothing."""
FOUND, END = "\x02", "\x03"
"""What stands around what was found."""

MOST = 2_000
"""Pages that are compared to find the best: more are not read, so that words may stand in a million."""
RARE = 5_000
"""Pages up to which it costs less to ask of each whether its file may be seen than of each file."""

_CONFIGS = ["simple", *sorted(set(CONFIGS.values()))]
_ANY = " || ".join(f"websearch_to_tsquery('{config}', $1)" for config in _CONFIGS)
_EACH = ", ".join(f"('{config}'::regconfig, websearch_to_tsquery('{config}', $1))" for config in _CONFIGS)
_SEEN = f"""
    SELECT f.id AS file_id, v.blob_id
    FROM entered e JOIN files f ON f.room_id = e.id
    JOIN file_versions v ON v.file_id = f.id AND v.number = f.number
    JOIN analyses a ON a.blob_id = v.blob_id
    WHERE f.purge_at IS NULL AND a.held = '' AND ($6::text IS NULL OR a.kind = $6)
        AND {files.visible("$2::uuid", "e.role")}
"""  # noqa: S608 -- constants
_BOUND = f"AND (t.blob_id IN (SELECT blob_id FROM gathered)) IS TRUE LIMIT {MOST}"  # noqa: S608
"""For words that are not rare: what may be seen is gathered first, once, and so few pages are read."""


class Hit(msgspec.Struct, frozen=True, kw_only=True):
    """The page of a file in which most was found."""

    file_id: str
    page: int
    snippet: str


async def put(tx: Unit, blob_id: str, pages: Sequence[str], language: str | None, *, after: int = 0) -> None:
    """Keep pages of what a content says, which is done step by step: those after a number.

    The first ones take the place of all that were kept before. Of a content that is gone nothing is kept.
    """
    if after == 0:
        await tx.execute("-- file_texts.clear\nDELETE FROM file_texts WHERE blob_id = $1", blob_id)
    config = CONFIGS.get(language or "", "simple")
    for number, text in enumerate(pages, after + 1):
        tx.defer(
            """-- file_texts.put
            INSERT INTO file_texts (blob_id, page, text, config, words)
            SELECT id, $2, $3, $4::text::regconfig, to_tsvector($4::text::regconfig, $3)
            FROM blobs WHERE id = $1
            """,
            blob_id,
            number,
            text,
            config,
        )


async def page(tx: Connection | Unit, blob_id: str, number: int) -> tuple[str, int] | None:
    """A page of what a content says, and how many there are; None if there is no such page."""
    row = await tx.fetchrow(
        """-- file_texts.page
        SELECT text, (SELECT count(*) FROM file_texts WHERE blob_id = $1) AS pages
        FROM file_texts WHERE blob_id = $1 AND page = $2
        """,
        blob_id,
        number,
    )
    return None if row is None else (row["text"], row["pages"])


async def whole(tx: Connection | Unit, blob_id: str, limit: int) -> str | None:
    """What a content says, pages joined, up to so many characters; None if it says nothing."""
    text: str | None = await tx.fetchval(
        """-- file_texts.whole
        SELECT left(string_agg(text, E'\\n' ORDER BY page), $2) FROM file_texts
        WHERE blob_id = $1 AND page <= $2 / 100
        """,
        blob_id,
        limit,
    )
    return text


async def search(
    tx: Connection | Unit,
    text: str,
    *,
    member_id: str,
    workspace_role: WorkspaceRole,
    room_id: str | None,
    kind: ContentKind | None,
    limit: int,
) -> list[Hit]:
    """Where files say something, of those that a member may see, best first; of a room, or of all.

    The best of the first `MOST` pages, where there are more than `RARE`.
    """
    rare = await tx.fetchval(
        f"""-- file_texts.rare
        WITH any_language AS MATERIALIZED (SELECT {_ANY} AS query)
        SELECT count(*) <= {RARE} FROM (
            SELECT FROM any_language, file_texts t WHERE t.words @@ any_language.query LIMIT {RARE + 1}
        ) said
        """,  # noqa: S608 -- constants
        text,
    )
    return await fetch_all(
        tx,
        Hit,
        f"""-- file_texts.search
        WITH entered AS MATERIALIZED (
            SELECT r.id, CASE
                WHEN $4 AND (r.kind = '{RoomKind.PROJECT}' OR NOT r.private AND r.kind = '{RoomKind.CHANNEL}')
                    THEN '{RoomRole.MANAGER}'
                WHEN m.task_id IS NOT NULL THEN '{RoomRole.VIEWER}'
                WHEN m.role IS NULL AND $5 AND r.kind = '{RoomKind.CHANNEL}' AND NOT r.private
                    THEN '{RoomRole.EDITOR}'
                ELSE m.role END AS role
            FROM rooms r LEFT JOIN projects p ON p.id = r.id
            LEFT JOIN room_members m ON m.room_id = r.id AND m.member_id = $2
                AND (m.until IS NULL OR m.until > clock_timestamp())
            WHERE p.purge_at IS NULL AND ($3::uuid IS NULL OR r.id = $3)
        ), gathered AS MATERIALIZED (
            {_SEEN}
        ), any_language AS MATERIALIZED (
            SELECT {_ANY} AS query
        ), languages (config, query) AS MATERIALIZED (
            VALUES {_EACH}
        ), said AS MATERIALIZED (
            SELECT s.file_id, t.blob_id, t.page, t.words, t.config FROM (
                SELECT t.blob_id, t.page, t.words, t.config FROM any_language, file_texts t
                WHERE t.words @@ any_language.query
                    AND t.words @@ (SELECT l.query FROM languages l WHERE l.config = t.config)
                    {"" if rare else _BOUND}
            ) t JOIN ({_SEEN if rare else "SELECT file_id, blob_id FROM gathered"}) s ON s.blob_id = t.blob_id
        ), found AS (
            SELECT s.file_id, s.blob_id, s.page, ts_rank_cd(s.words, l.query, 1) AS rank
            FROM said s JOIN languages l ON l.config = s.config
        ), best AS (
            SELECT DISTINCT ON (file_id) file_id, blob_id, page, rank FROM found
            ORDER BY file_id, rank DESC, page
        ), shown AS (
            SELECT file_id, blob_id, page, rank FROM best ORDER BY rank DESC, file_id LIMIT $7
        )
        SELECT s.file_id, s.page, ts_headline(
            t.config, translate(t.text, '{FOUND}{END}', ''), websearch_to_tsquery(t.config, $1),
            'StartSel={FOUND}, StopSel={END}, MaxFragments=1, MaxWords=32, MinWords=12'
        ) AS snippet
        FROM shown s JOIN file_texts t ON t.blob_id = s.blob_id AND t.page = s.page
        ORDER BY s.rank DESC, s.file_id
        """,  # noqa: S608 -- constants
        text,
        member_id,
        room_id,
        workspace_role >= WorkspaceRole.ADMIN,
        workspace_role >= WorkspaceRole.MEMBER,
        kind,
        limit,
    )

"""How agents have done, reckoned from their runs when somebody asks."""

from datetime import datetime

from persistence.database import fetch_all
from persistence.unit import Unit
from protocol.agents import Collaboration, Insight

SHOWN = 200
"""Pairs of agents that are shown, those that had most to do with each other."""

VISIBLE = """
    SELECT p.id FROM projects p WHERE p.purge_at IS NULL AND ($2::uuid IS NULL OR EXISTS (
        SELECT FROM room_members m WHERE m.room_id = p.id AND m.member_id = $2
            AND (m.until IS NULL OR m.until > now())
    ))
"""
"""The projects that the viewer `$2` is in; all, for null."""


async def days(tx: Unit, agent_id: str, viewer_id: str | None, since: datetime) -> list[Insight]:
    """What became of an agent's runs that have ended since, by day and capability, oldest first.

    Only those of projects that the viewer is in; None stands for one who sees all.
    """
    return await fetch_all(
        tx,
        Insight,
        f"""-- insights.days
        SELECT r.ended_at::date AS day, r.capability, count(*) AS runs,
            count(*) FILTER (WHERE r.state = 'completed') AS completed,
            count(*) FILTER (WHERE r.state IN ('failed', 'rejected')) AS failed,
            count(*) FILTER (WHERE r.state = 'canceled') AS canceled,
            coalesce(sum(greatest(r.attempt - 1, 0)), 0)::bigint AS retries,
            coalesce(sum(q.asked), 0)::bigint AS questions,
            coalesce(avg(t.seconds), 0)::double precision AS seconds_mean,
            coalesce(percentile_cont(0.95) WITHIN GROUP (ORDER BY t.seconds), 0) AS seconds_p95,
            least(coalesce(sum((r.costs->>'tokens')::numeric), 0), 1e12)::bigint AS tokens,
            least(coalesce(sum((r.costs->>'money')::numeric), 0), 1e15)::bigint AS money,
            coalesce(sum(made.files), 0)::bigint AS files,
            coalesce(sum(made.scored), 0)::bigint AS scored,
            (sum(made.quality) / nullif(sum(made.scored), 0))::double precision AS quality_mean
        FROM runs r
        LEFT JOIN LATERAL (
            SELECT greatest(0, extract(epoch FROM r.ended_at - r.started_at)::double precision) AS seconds
            WHERE r.started_at IS NOT NULL
        ) t ON true
        CROSS JOIN LATERAL (SELECT count(*) AS asked FROM questions q WHERE q.run_id = r.id) q
        CROSS JOIN LATERAL (
            SELECT count(*) AS files, count(a.score) AS scored, sum(a.score) AS quality
            FROM file_versions v JOIN analyses a ON a.blob_id = v.blob_id WHERE v.run_id = r.id
        ) made
        WHERE r.agent_id = $1 AND r.ended_at >= $3 AND r.project_id IN ({VISIBLE})
        GROUP BY 1, 2 ORDER BY 1, 2
        """,  # noqa: S608 -- constants
        agent_id,
        viewer_id,
        since,
    )


async def collaborations(
    tx: Unit, agent_id: str, viewer_id: str | None, since: datetime
) -> list[Collaboration]:
    """Whom an agent has asked for something since, by call or by hand-off, and who has asked it."""
    return await fetch_all(
        tx,
        Collaboration,
        f"""-- insights.collaborations
        WITH asked AS (
            SELECT id, 'call' AS kind, parent_id AS asker FROM runs WHERE agent_id = $1
            UNION SELECT id, 'hand_off', previous_id FROM runs WHERE agent_id = $1
            UNION SELECT r.id, 'call', f.id FROM runs f JOIN runs r ON r.parent_id = f.id
                WHERE f.agent_id = $1
            UNION SELECT r.id, 'hand_off', f.id FROM runs f JOIN runs r ON r.previous_id = f.id
                WHERE f.agent_id = $1
        )
        SELECT f.agent_id AS from_agent, r.agent_id AS to_agent, a.kind, count(*) AS count,
            count(*) FILTER (WHERE r.state = 'completed') AS completed, max(r.created_at) AS last_at
        FROM asked a JOIN runs r ON r.id = a.id JOIN runs f ON f.id = a.asker
        WHERE f.agent_id IS NOT NULL AND r.agent_id IS NOT NULL AND r.created_at >= $3
            AND r.project_id IN ({VISIBLE})
        GROUP BY 1, 2, 3 ORDER BY count(*) DESC, 1, 2, 3 LIMIT {SHOWN}
        """,  # noqa: S608 -- constants
        agent_id,
        viewer_id,
        since,
    )

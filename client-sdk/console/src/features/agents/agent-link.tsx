import { Link } from "@tanstack/react-router";

/** An agent's name, which leads to it. */
export function AgentLink({ id, name }: { id: string; name: string }) {
  return (
    <Link to="/agents/$agentId" params={{ agentId: id }} className="link">
      {name}
    </Link>
  );
}

"""A bridge for coding assistants: an MCP server through which one works in a workspace as an agent.

It needs the extra `ymera-client[mcp]`; only `ymera_client.mcp.command` may be imported without it. The
assistant helps itself to work instead of being given it: the process is known with capacity 0 and claims.
"""

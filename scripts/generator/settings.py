"""The table of settings in the operations guide, from the one table in `server/settings.py`."""

from scripts.generator.markdown import splice, table
from server.settings import variables


def render() -> str:
    """Return the guide with the table in it brought up to date."""
    rows = [[f"`{each.name}`", each.meaning, each.default_text] for each in variables()]
    return splice("operations.md", "settings", table(["variable", "meaning", "default"], rows))

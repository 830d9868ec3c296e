"""What a request's handlers find on the application, by typed keys."""

from aiohttp import web

from handlers.dispatch import Dispatcher, Publish
from persistence.database import Pool
from persistence.seal import Seal
from persistence.storage import Storage
from server.file_links import FileLinks
from server.intake import Intake
from server.keys import Keyring
from server.redis_address import Client
from server.settings import Settings
from server.signin import SignIn
from server.throttle import Throttle

SETTINGS = web.AppKey("settings", Settings)
POOL: web.AppKey[Pool] = web.AppKey("pool")
PUBLISH: web.AppKey[Publish] = web.AppKey("publish")
"""To be called with the events of each transaction, after its commit."""
REDIS: web.AppKey["Client | None"] = web.AppKey("redis")
"""For limits and browser sessions that span nodes; None on a single node without Redis."""
KEYRING = web.AppKey("keyring", Keyring)
LIMITS = web.AppKey("limits", Throttle)
SIGN_IN = web.AppKey("sign_in", SignIn)
SEAL = web.AppKey("seal", Seal)
"""For webhooks' secrets."""
STORE = web.AppKey("store", Storage)
"""Of files' bytes."""
FILE_LINKS = web.AppKey("file_links", FileLinks)
INTAKE = web.AppKey("intake", Intake)
"""Of uploads."""
DISPATCHER = web.AppKey("dispatcher", Dispatcher)

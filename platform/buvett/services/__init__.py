"""Servers and processes: what must run before Django can (no Django in this room).

endpoints = ensure_services()            # start what is not running; the same again costs a moment
environment = process_environment(Process.WEB, endpoints=endpoints, home=home)
stop(home)                               # end everything of this home
"""

from buvett.services.children import Supervisor
from buvett.services.endpoints import Endpoints
from buvett.services.environment import process_environment
from buvett.services.errors import ServiceError
from buvett.services.home import Home
from buvett.services.roles import Process
from buvett.services.supervisor import ensure_services, remove, stop

__all__ = [
    "Endpoints",
    "Home",
    "Process",
    "ServiceError",
    "Supervisor",
    "ensure_services",
    "process_environment",
    "remove",
    "stop",
]

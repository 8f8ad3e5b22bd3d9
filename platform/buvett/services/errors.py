"""What can go wrong while servers and processes are started or stopped.

ServiceError
├── WrongModes       a folder or file that others could read or write, or that is not ours
├── NoBinaries       the server programs are missing, too old or not reachable
├── NotStarted       a server did not come up; the message names its log
├── NotStopped       something did not end even when killed
├── AlreadyRunning   another supervisor serves this home
└── NoAddress        an address is configured only in part; the message names the missing setting
"""


class ServiceError(Exception):
    """Root of this room's errors. Messages are fit for a person and never contain a password."""


class WrongModes(ServiceError):
    """A folder or file that others could read or write, or that belongs to somebody else."""


class NoBinaries(ServiceError):
    """The programs of a server are missing, of an unsupported version, or not reachable."""


class NotStarted(ServiceError):
    """A server or process did not come up."""


class NotStopped(ServiceError):
    """A server or process is still there after it was killed."""


class AlreadyRunning(ServiceError):
    """Another supervisor serves this home."""


class NoAddress(ServiceError):
    """The addresses of real servers are configured only in part."""

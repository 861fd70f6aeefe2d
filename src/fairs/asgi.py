"""Entry point of an ASGI server: settings from the environment."""

import ctypes
import gc
import os
import signal

from litestar import Litestar

from fairs import settings


def application() -> Litestar:
    """The application of this process. Started by `fairs serve`, it ends when that process is killed."""
    parent = os.environ.get("FAIRS_PARENT_PID")
    if parent:
        with_parent(int(parent))
    from fairs.app import create_app  # after `with_parent`: importing takes a second, in which the parent may die

    app = create_app(settings.load())
    gc.collect()
    gc.freeze()  # loaded objects are excluded: collecting them would stop every request for 60 ms, once a second
    return app


def with_parent(parent: int) -> None:
    """Have the kernel stop this process when its parent dies (Linux): no orphan keeps the port."""
    try:
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG
    except AttributeError:
        return
    if os.getppid() != parent:
        os._exit(1)

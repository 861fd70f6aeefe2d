"""Entry point of an ASGI server: settings from the environment."""

import gc
import os

from litestar import Litestar

from fairs import settings
from fairs.core.processes import with_parent


def application() -> Litestar:
    """The application of this process. Started by `fairs serve`, it ends when that process is killed."""
    parent = os.environ.get("FAIRS_PARENT_PID")
    if parent:
        with_parent(int(parent))
    from fairs.app import create_app  # after `with_parent`: importing takes a second, in which the parent may die

    app = create_app(settings.load())
    gc.set_threshold(700, 10, 10)  # as usual: `fairs.cli` looks less often while it loads
    gc.collect()
    gc.freeze()  # loaded objects are excluded: collecting them would stop every request for 60 ms, once a second
    return app

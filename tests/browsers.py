"""Which browser the tests drive: FAIRS_BROWSER, else the first that is installed. The one without windows starts thrice as fast."""

import os
import shutil

BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")


def chromium() -> str:
    """The browser's path. Raises RuntimeError when there is none."""
    named = os.environ.get("FAIRS_BROWSER") or next(filter(None, (shutil.which(name) for name in BROWSERS)), "")
    if not named:
        raise RuntimeError("no Chromium found: run `make browser`, or set FAIRS_BROWSER")
    return named

from tests.e2e.serving import browser, chromium_for_all, live_server

__all__ = ["browser", "chromium_for_all", "live_server"]

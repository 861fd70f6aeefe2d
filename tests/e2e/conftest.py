from tests.e2e.serving import browser, live_server

__all__ = ["browser", "live_server"]

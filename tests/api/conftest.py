from tests.e2e.serving import live_server

__all__ = ["live_server"]

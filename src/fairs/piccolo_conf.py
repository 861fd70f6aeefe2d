"""Configuration for Piccolo's own commands."""

from piccolo.conf.apps import AppRegistry

from fairs.core.db import DB

APP_REGISTRY = AppRegistry(apps=["fairs.piccolo_app"])

__all__ = ["APP_REGISTRY", "DB"]

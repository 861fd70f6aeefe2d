"""All tables for Piccolo's migrations: one application, one linear history."""

from piccolo.conf.apps import AppConfig, table_finder

from fairs import paths

SLICES = (
    "audit",
    "notifications",
    "units",
    "accounts",
    "files",
    "upkeep",
    "privacy",
    "events",
    "organisations",
    "talents",
    "listings",
    "registrations",
    "registrations.pools",
    "registrations.groups",
    "badges",
    "checkin",
    "matching",
    "meetings",
    "tours",
    "tours.logistics",
    "tours.papers",
    "tours.results",
    "leads",
    "exhibits",
    "outreach",
    "agreements",
    "reports",
    "webhooks",
    "mailings",
    "calendars",
    "duplicates",
)

APP_CONFIG = AppConfig(
    app_name="fairs",
    migrations_folder_path=str(paths.MIGRATIONS),
    table_classes=table_finder(modules=[f"fairs.{name}.tables" for name in SLICES], exclude_imported=True),
    migration_dependencies=[],
)

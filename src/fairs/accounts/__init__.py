"""Users, sign-in, sessions, roles and scopes, API tokens and devices."""

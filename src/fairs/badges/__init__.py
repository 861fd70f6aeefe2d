"""Signed QR credentials of registrations."""

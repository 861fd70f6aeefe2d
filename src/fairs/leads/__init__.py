"""Leads 展位访客: visitors whom an employer has scanned at its booth, and what they allowed it to keep."""

"""Exact drawings of small pages: text as outlines, filled shapes and pictures, the same on paper (PDF) and on screen (SVG)."""

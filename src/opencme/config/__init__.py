"""The composition root: settings, addresses and what runs beside the pages.

It knows every part; no part knows it.
"""

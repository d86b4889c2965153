"""Recordings, captions and pictures, kept under their hash, sent in ranges.

The arithmetic of played intervals lives here too: which seconds of a
recording somebody has had on screen.
"""

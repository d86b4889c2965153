"""OpenCME: an open platform for accredited continuing medical education."""

__version__ = "0.1.0"

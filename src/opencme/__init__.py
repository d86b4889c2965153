"""OpenCME: an open platform for accredited continuing medical education."""

__version__ = "0.2.0.dev0"

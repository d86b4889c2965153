#!/usr/bin/env python
"""Django's own commands, for developers. Operators use `opencme`."""

import os
import sys

from django.core.management import execute_from_command_line

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "opencme.config.settings")
    os.environ.setdefault("OPENCME_DEBUG", "true")
    execute_from_command_line(sys.argv)

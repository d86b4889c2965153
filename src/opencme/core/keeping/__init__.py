"""Keeping data: what a database holds, in one view; whether its audit chains hold; copies of it.

Used by the commands that back up, restore, upgrade and move an installation. Nothing here knows
what the tables mean.
"""

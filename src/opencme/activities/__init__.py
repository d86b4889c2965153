"""The activity: what is planned, designated and offered. Owns the activity document, its draft and
its frozen revisions, units and steps, credit designations, series and the catalogue.
"""

"""Accredited providers, their accreditations and the people in control of content as a provider
knows them. `statements/` holds accreditors, credit types and wordings as dated data.
"""

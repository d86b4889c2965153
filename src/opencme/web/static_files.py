"""Names static files by their content, the scripts' imports of one another included."""

from __future__ import annotations

from whitenoise.storage import CompressedManifestStaticFilesStorage


class HashedStaticFiles(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """WhiteNoise's storage; modules import modules by hashed names too.

    Otherwise each page would ask for each imported module again: a name without a hash is kept
    for a minute only, one with a hash for ever.
    """

    support_js_module_import_aggregation = True

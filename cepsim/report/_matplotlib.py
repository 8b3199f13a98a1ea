"""Matplotlib, imported once and before any picture, without a word of its own.

It keeps a list of fonts in the user's home. Where that cannot be written it takes a temporary folder, removes
it at the end, and says so in English on standard error: nobody has to do anything about it.
"""

import logging

_log = logging.getLogger("matplotlib")
_before = _log.level
_log.setLevel(logging.ERROR)
try:
    import matplotlib.font_manager

    # what it finds it remembers, hence it never looks, nor complains, again
    matplotlib.get_configdir()
    matplotlib.get_cachedir()
finally:
    _log.setLevel(_before)

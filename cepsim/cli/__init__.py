"""The command `cepsim`: what it says is in French, or in English on request.

Nothing heavy is imported before it is needed, so that `--help` and `--version` answer at once.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from cepsim.cli.settings import Settings, take_settings


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command line (by default, that of the process) and return its exit code.

    0: done; 1: a defect of the program; 2: the line could not be understood; 3: an input is invalid;
    4: interrupted; 5: a check failed.
    """
    from cepsim.cli.edge import guarded, wrongly_called
    from cepsim.cli.letters import tolerate
    from cepsim.errors import UsageError

    for stream in (sys.stdout, sys.stderr):
        tolerate(stream)
    words = sys.argv[1:] if arguments is None else arguments
    try:
        settings, rest = take_settings(words, os.environ)
    except UsageError as error:
        return wrongly_called(Settings(), error)

    def run() -> object:
        from cepsim.cli.app import build

        return build(settings)(list(rest))

    return guarded(settings, run)

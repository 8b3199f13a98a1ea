"""The edge of the program: whatever goes wrong inside becomes one clear message and an exit code."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import Any, Final

import typer

from cepsim.cli.render import printer, say
from cepsim.cli.settings import Settings
from cepsim.errors import CepsimError, InputError, Interrupted, UsageError
from cepsim.labels.messages import message, system_message

DONE: Final = 0
DEFECT: Final = 1
#: What typer returns when Ctrl-C stops a command, as shells do: 128 + SIGINT.
_STOPPED: Final = 130
#: A place that the user named and that cannot be read or written.
_PLACES: Final = (
    PermissionError,
    FileNotFoundError,
    FileExistsError,
    IsADirectoryError,
    NotADirectoryError,
)
#: Problems of one input that are printed; a broken table may have one a line.
_PROBLEMS: Final = 20


def guarded(settings: Settings, run: Callable[[], object]) -> int:
    """Run a command and return its exit code; messages go to standard error."""
    try:
        code = run()
        sys.stdout.flush()
        if code == _STOPPED:
            return interrupted(settings)
        return code if isinstance(code, int) else DONE
    except UsageError as error:
        return wrongly_called(settings, error)
    except (Interrupted, KeyboardInterrupt, typer.Abort):
        return interrupted(settings)
    except CepsimError as error:
        _complain(settings, _shortened(settings, message(error, settings.language)))
        return error.exit_code
    except typer.TyperException as error:
        return wrongly_called(settings, UsageError(_usage_words(settings, error)), error)
    except BrokenPipeError:
        # the reader has gone (`cepsim data show | head`): nothing more may be sent, at exit either
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DEFECT
    except OSError as error:
        if settings.debug:
            raise
        _complain(settings, system_message(error, settings.language))
        return InputError.exit_code if isinstance(error, _PLACES) else DEFECT
    except Exception as error:  # the last resort: no user is shown a bare traceback
        if settings.debug:
            raise
        _complain(settings, settings.text("error.defect", kind=type(error).__name__, text=str(error)))
        return DEFECT


def interrupted(settings: Settings) -> int:
    """Say how to go on after Ctrl-C."""
    say(printer(sys.stderr), settings.text("error.interrupted"), style="yellow")
    return Interrupted.exit_code


def wrongly_called(settings: Settings, error: UsageError, cause: Any = None) -> int:
    """Say what in the command line was not understood, and where its help is."""
    _complain(settings, message(error, settings.language))
    context = getattr(cause, "ctx", None)
    command = context.command_path if context is not None else error.command or "cepsim"
    say(printer(sys.stderr), settings.text("usage.help", command=command), style="dim")
    return UsageError.exit_code


def _complain(settings: Settings, message: str) -> None:
    console = printer(sys.stderr)
    say(console, f"{settings.text('error.prefix')} {message}", style="red")


def _shortened(settings: Settings, message: str) -> str:
    lines = message.splitlines()
    kept = lines[:_PROBLEMS]
    if len(lines) > _PROBLEMS:
        kept.append(settings.text("error.more", count=len(lines) - _PROBLEMS))
    return "\n".join(kept)


def _usage_words(settings: Settings, error: Any) -> str:
    """The parser's finding in the user's language; what it says rarely is left in its own words."""
    kind = type(error).__name__
    if kind == "NoSuchOption":
        options = [name for param in error.ctx.command.params for name in param.opts] if error.ctx else []
        words = settings.text("usage.no_such_option", option=error.option_name)
        return words + settings.nearest(error.option_name, options)
    if kind == "BadOptionUsage":
        return settings.text("usage.no_value", option=error.option_name)
    if kind == "MissingParameter" and error.param is not None:
        return settings.text("usage.missing", name=error.param.metavar or error.param.name)
    return str(error.format_message())

"""Typer's commands, speaking the user's language where typer itself would speak English."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeVar

import typer
from typer import rich_utils
from typer.core import TyperCommand, TyperGroup

from cepsim.cli.settings import Settings
from cepsim.errors import UsageError

#: The options that typer adds by itself.
_OWN_OPTIONS: Final = ("help", "install_completion", "show_completion")

_Body = TypeVar("_Body", bound=Callable[..., None])


def group(settings: Settings, help_key: str, **options: Any) -> typer.Typer:
    """A group of commands, whose help is the text `cli.<help_key>`. Called alone, it shows its help."""
    rich_utils.COMMANDS_PANEL_TITLE = settings.text("help.commands")
    rich_utils.REQUIRED_LONG_STRING = settings.text("help.required")

    rich_utils.DEFAULT_STRING = settings.text("help.default")

    class Group(TyperGroup):
        def get_usage(self, ctx: Any) -> str:
            return _usage(settings, super().get_usage(ctx))

        def get_params(self, ctx: Any) -> list[Any]:
            return _translated(settings, super().get_params(ctx))

        def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
            return super().parse_args(ctx, args if args or ctx.resilient_parsing else ["--help"])

        def resolve_command(self, ctx: Any, args: list[str]) -> Any:
            name = args[0] if args else ""
            if name not in self.commands and not name.startswith("-") and not ctx.resilient_parsing:
                words = settings.text("usage.no_such_command", command=name)
                raise _of(ctx, UsageError(words + settings.nearest(name, self.commands)))
            return super().resolve_command(ctx, args)

    return typer.Typer(
        cls=Group,
        help=settings.text(help_key),
        rich_markup_mode="rich",
        pretty_exceptions_enable=False,
        **options,
    )


def command(app: typer.Typer, settings: Settings, name: str, help_key: str) -> Callable[[_Body], _Body]:
    """A decorator that adds a command to a group, with the text `cli.<help_key>` as its help."""

    class Command(TyperCommand):
        # words too many are refused below, in the user's language
        allow_extra_args = True

        def get_usage(self, ctx: Any) -> str:
            return _usage(settings, super().get_usage(ctx))

        def get_params(self, ctx: Any) -> list[Any]:
            return _translated(settings, super().get_params(ctx))

        def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
            try:
                rest = super().parse_args(ctx, args)
            except UsageError as error:
                raise _of(ctx, error) from None
            if ctx.args and not ctx.resilient_parsing:
                raise _of(ctx, UsageError(settings.text("usage.extra", found=" ".join(ctx.args))))
            return rest

        def invoke(self, ctx: Any) -> Any:
            try:
                return super().invoke(ctx)
            except UsageError as error:
                raise _of(ctx, error) from None

    return app.command(name, cls=Command, help=settings.text(help_key))


def _usage(settings: Settings, line: str) -> str:
    """How a command is called, typer's own words in the user's language."""
    for own, key in (
        ("Usage:", "usage_line"),
        ("[OPTIONS]", "options"),
        ("COMMAND [ARGS]...", "command_and_words"),
    ):
        line = line.replace(own, settings.text(f"help.{key}"))
    return line


def _of(ctx: Any, error: UsageError) -> UsageError:
    """The error, with the command whose help tells more."""
    error.command = error.command or ctx.command_path
    return error


def _translated(settings: Settings, params: list[Any]) -> list[Any]:
    for param in params:
        # typer writes Python's type of a flag or an argument, <bool>, <list[str]>
        if getattr(param, "is_flag", False) or param.param_type_name == "argument":
            param.display_type_rich = lambda **_context: None
        if param.name in _OWN_OPTIONS:
            param.help = settings.text(f"help.{param.name}")
            # a flag that is False is taken as it is; typer loads pydantic to read None, its own default
            param.default = False
    return params

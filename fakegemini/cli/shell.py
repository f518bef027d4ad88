"""The commands for shells: `env`, `completion`."""

from __future__ import annotations

import json
import os
import shlex
from collections.abc import Callable, Mapping

import click
from click.shell_completion import get_completion_class

from ..doors.sdk_variables import no_proxy_variables, sdk_variables
from .safe_output import echo, echo_report

_PROGRAM = "fakegemini"
_COMPLETION_VARIABLE = "_FAKEGEMINI_COMPLETE"

Variables = Mapping[str, str | None]


def _for_sh(variables: Variables) -> list[str]:
    return [
        f"unset {name}" if value is None else f"export {name}={shlex.quote(value)}"
        for name, value in variables.items()
    ]


def _for_fish(variables: Variables) -> list[str]:
    return [
        f"set -e {name}" if value is None else f"set -gx {name} {shlex.quote(value)}"
        for name, value in variables.items()
    ]


def _for_powershell(variables: Variables) -> list[str]:
    return [
        f"Remove-Item Env:{name} -ErrorAction SilentlyContinue"
        if value is None
        else f"$Env:{name} = '{value.replace(chr(39), chr(39) * 2)}'"
        for name, value in variables.items()
    ]


def _for_dotenv(variables: Variables) -> list[str]:
    return [f"{name}={value or ''}" for name, value in variables.items()]


def _for_json(variables: Variables) -> list[str]:
    return [json.dumps(variables)]


_SHELLS: dict[str, Callable[[Variables], list[str]]] = {
    "sh": _for_sh,
    "fish": _for_fish,
    "powershell": _for_powershell,
    "dotenv": _for_dotenv,
    "json": _for_json,
}


@click.command()
@click.option(
    "--shell",
    default="sh",
    show_default=True,
    type=click.Choice([*_SHELLS]),
    help="For which shell; dotenv is NAME=VALUE a line, as files of variables and CI have it.",
)
@click.option(
    "--host", default="127.0.0.1", envvar="FAKEGEMINI_HOST", help="Where `serve` listens."
)
@click.option(
    "--port",
    default=8787,
    show_default=True,
    envvar="FAKEGEMINI_PORT",
    type=click.IntRange(0, 65535),
    help="The port of `serve`.",
)
@click.argument("url", required=False)
def env(shell: str, host: str, port: int, url: str | None) -> None:
    """Print the variables that point the SDKs at the fake: eval "$(fakegemini env)".

    URL is its address, where that is not made of host and port.
    """
    from ..doors.listeners import url_host
    from ..doors.reachable import reachable_url

    if not url and not port:
        raise click.ClickException("port 0 is any free one; give the address that `serve` printed")
    address = (url or reachable_url(f"http://{url_host(host)}:{port}")).rstrip("/")
    if not address.startswith(("http://", "https://")):
        raise click.ClickException(f"{address!r} is no address: http://… or https://…")
    variables = sdk_variables(address) | no_proxy_variables(os.environ)
    echo("\n".join(_SHELLS[shell](variables)))


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion(context: click.Context, shell: str) -> None:
    """Print the completion of commands and options: eval "$(fakegemini completion bash)"."""
    kind = get_completion_class(shell)
    assert kind is not None
    command = context.find_root().command
    echo_report(kind(command, {}, _PROGRAM, _COMPLETION_VARIABLE).source())

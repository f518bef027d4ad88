"""The command `demo`."""

from __future__ import annotations

import click

from .. import __version__
from .safe_output import echo


@click.command()
def demo() -> None:
    """Run four short programs against the fake and show each exchange."""
    from ..doors.loopback import serve as open_server
    from ..errors import DemoFailed
    from ..fake.fake import Fake
    from .demo_programs import run_demo

    with open_server(Fake().handle) as url:
        echo(f"fakegemini {__version__} answers on {url}; no key, no network.")
        try:
            run_demo(url, echo)
        except DemoFailed as error:
            raise click.ClickException(str(error)) from None
    echo("\nNext: fakegemini serve, or the fixture `fakegemini` in a pytest test.")

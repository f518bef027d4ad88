"""The command `demo`."""

from __future__ import annotations

import click

from .. import __version__
from .safe_output import echo


@click.command()
def demo() -> None:
    """Run four short programs against the fake and show each exchange."""
    from ..doors.loopback import serve as open_server
    from ..errors import FakeGeminiError, OutputLost
    from ..fake.fake import Fake
    from .demo_programs import run_demo

    try:
        with open_server(Fake().handle) as url:
            echo(f"fakegemini {__version__} answers on {url}; no key, no network.")
            run_demo(url, echo)
    except FakeGeminiError as error:
        raise click.ClickException(str(error)) from None
    except OutputLost:
        raise
    except OSError as error:  # such as one open file too many
        raise click.ClickException(f"the demo got no answer: {error.strerror or error}") from None
    echo("\nNext: fakegemini serve, or the fixture `fakegemini` in a pytest test.")

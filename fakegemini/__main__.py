"""Run the command line as `python -m fakegemini`."""

from .cli import main

if __name__ == "__main__":
    main(prog_name="fakegemini")

"""What the command `alexandria` runs: the program, or one line that says what is missing to run it."""

import sys
from typing import NoReturn

FAILED = 1


def run() -> NoReturn:
    """Nothing; ends the process. The bare install is the client only, and has nothing of what the service needs."""
    try:
        from alexandria.cli.main import run as run_program
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] == "alexandria":
            raise
        sys.stderr.write(
            f"alexandria: this is the Python client alone, without the service ({error.name} is missing); "
            "install it with: pip install 'alexandria-catalog[server]'\n"
        )
        sys.exit(FAILED)
    run_program()

"""The command ``occtoo-frames``: looks whether its extra is there, says what to install if not, and runs the commands.

Stands beside the package, because whatever stands in it loads pandas and polars first, and help needs neither.
"""

import sys
from importlib.util import find_spec

NEEDS = ("typer", "rich")
_USAGE = 2


def main() -> None:
    """The command line was carried out; the process ends with its exit code.

    Raises:
        SystemExit: Always, with 0 all well, 1 rows failed, 2 usage or configuration, 3 interrupted or unreachable,
            130 and 143 for signals.
    """
    missing = [name for name in NEEDS if find_spec(name) is None]
    if missing:
        extra = "pip install 'occtoo_frames[cli,sandbox,excel]'"
        sys.stderr.write(f"occtoo-frames needs {' and '.join(missing)}: {extra}\n")
        raise SystemExit(_USAGE)
    from occtoo_frames_command.commands import run

    run()

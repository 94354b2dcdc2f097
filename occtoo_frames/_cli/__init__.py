"""The command ``occtoo-frames``. Imports nothing until it is run, and says so when its extra is missing."""

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
        from occtoo_frames._cli.output import complain

        complain(f"occtoo-frames needs {' and '.join(missing)}: pip install 'occtoo_frames[cli,sandbox,excel]'")
        raise SystemExit(_USAGE)
    from occtoo_frames._cli.commands import run

    run()

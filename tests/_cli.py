"""The command line, as a user calls it."""

from sklearn_orn import cli


def run(*arguments):
    """Run a command, paths and numbers as text; return its exit code."""
    return cli.main([str(argument) for argument in arguments])

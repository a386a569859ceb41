"""Everything that Panah refuses, in nine classes. The `code` says which refusal; `panah explain CODE` and the offline help say what to do.

Arguments are ids, numbers and names of rules, never the name or the words of a person: an error text may end up on a screen that others see.
"""

from __future__ import annotations


class PanahError(Exception):
    """A refusal with a code. `status` is what a page answers, `exit` what a command exits with."""

    status = 500
    exit = 1

    def __init__(self, code: str, **args: str | int) -> None:
        self.code = code
        self.args_shown = args
        shown = " ".join(f"{k}={v}" for k, v in args.items())
        super().__init__(f"{code} {shown}".strip())


class Refused(PanahError):
    """A rule of the work forbids this act now."""

    status, exit = 409, 3


class NotFound(PanahError):
    """No such thing, or not for the one who asks: the answer is the same."""

    status, exit = 404, 4


class Invalid(PanahError):
    """What was entered cannot be kept as it is; `problems` lists (field, code)."""

    status, exit = 422, 5

    def __init__(self, code: str, problems: tuple[tuple[str, str], ...] = (), **args: str | int) -> None:
        super().__init__(code, **args)
        self.problems = problems


class Locked(PanahError):
    """The vault is locked, or the passphrase does not open it."""

    status, exit = 403, 6


class Busy(PanahError):
    """Another process holds the vault."""

    status, exit = 423, 7


class Unreadable(PanahError):
    """Bytes that the specification does not allow, or that no key here opens."""

    status, exit = 400, 8


class Unreachable(PanahError):
    """A relay or a file cannot be reached now; nothing is lost."""

    status, exit = 503, 9


class Full(PanahError):
    """The disk, or a size limit, leaves no room."""

    status, exit = 507, 10

"""The one exception that bad input raises."""


class DataError(ValueError):
    """Report input that cannot be used, in words a user can act on.

    Messages are in lower case and name the offending value and what is allowed. Pages show them as they
    are, the command line prints them and exits with code 2; anything else is a defect of this program.

    Example:
        >>> raise DataError("λ is -1; allowed: 0 or more")
        Traceback (most recent call last):
        ...
        core.errors.DataError: λ is -1; allowed: 0 or more
    """

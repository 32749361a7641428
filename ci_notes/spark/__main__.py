"""`python -m ci_notes.spark`: the job, or what it needs."""

import sys
from typing import NoReturn

from ci_notes.cli import carry_out
from ci_notes.cli.writing import complain
from ci_notes.spark import lacking


def main() -> NoReturn:
    """Run the job; whatever was used wrongly, or is not installed, is one message."""
    try:
        from ci_notes.spark.job import job  # noqa: PLC0415  the extra may be missing
    except ImportError as error:
        complain(lacking(error))
        sys.exit(2)
    carry_out(job)


if __name__ == "__main__":
    main()

"""The inside of the process of a ``Compactor``: compact the case in the first argument for every line that comes in."""

import sys
from contextlib import suppress

from filon.case.opening import open_case
from filon.errors import CaseBusy
from filon.settings import load


def main() -> None:
    """Answer each line with one, until there are no more. Where another process compacts there is nothing to do."""
    with open_case(sys.argv[1], load()) as case:
        for _ in sys.stdin:
            with suppress(CaseBusy):
                case.compact(case.view())
            sys.stdout.write("\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()

"""A lesson's result without a browser.

    python -m lessons attention --text "Thinking Machines" --layer 2 --head 5 --json
"""

import sys

from lessons.cli.main import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

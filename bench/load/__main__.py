"""A room of students, measured; each command prints one JSON line.

    python -m bench.load ramp --sessions 30,60,120,200,500 --seconds 60
    python -m bench.load COMMAND --help
"""

import argparse
from typing import Any

from bench.load import burst, cluster, overload, plain, ramp, rerun, sizing, table
from bench.load.lasting import Churn, Memory, Soak

COMMANDS: dict[str, Any] = {
    "ramp": ramp, "burst": burst, "overload": overload, "churn": Churn, "soak": Soak,
    "memory": Memory, "rerun": rerun, "plain": plain, "cluster": cluster, "table": table,
    "sizing": sizing,
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.load",
                                     description=(__doc__ or "").splitlines()[0])
    ways = parser.add_subparsers(required=True, metavar="COMMAND")
    for name, module in COMMANDS.items():
        way = ways.add_parser(name, help=(module.__doc__ or "").splitlines()[0])
        module.add(way)
        way.set_defaults(run=module.run)
    args = parser.parse_args()
    args.run(args)


if __name__ == "__main__":
    main()

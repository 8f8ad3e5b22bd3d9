"""What can be said on the command line (FORMATS.md, section 2)."""

import argparse
from datetime import date
from pathlib import Path


def parser() -> argparse.ArgumentParser:
    """The parser of `buvett`."""
    top = argparse.ArgumentParser(prog="buvett", description="Confidential housing records, and a safe regional view.")
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")

    demo = commands.add_parser("demo", help="serve the demo region on this machine until stopped")
    demo.add_argument("--check", action="store_true", help="do everything once, print one line of JSON and stop")
    demo.add_argument("--registers", type=Path, metavar="DIR", help="register files to use instead of the bundled ones")
    demo.add_argument(
        "--pg-bin", type=Path, metavar="DIR", help="another PostgreSQL's programs (15 to 18); a new home remembers them"
    )
    demo.add_argument("--port", type=int, default=0, help="port on loopback (default: 8000 or the next free one)")

    bring = commands.add_parser("import", help="read a municipality's register from a file")
    bring.add_argument("file", type=Path, metavar="FILE")
    bring.add_argument("--municipality", required=True, metavar="CODE")
    bring.add_argument("--mapping", type=Path, metavar="M.toml", help="the file's own names for columns and labels")
    bring.add_argument("--report", type=Path, metavar="OUT.json")
    bring.add_argument("--dry-run", action="store_true", help="tell what would happen, write nothing")
    bring.add_argument("--counted-on", type=date.fromisoformat, metavar="DATE")
    bring.add_argument("--as", dest="user", metavar="USER", help="e-mail of who does it")

    counts = commands.add_parser("counts", help="a municipality's own true counts, for its leader")
    counts.add_argument("--municipality", required=True, metavar="CODE")
    counts.add_argument("--counted-on", type=date.fromisoformat, metavar="DATE")
    counts.add_argument("--out", type=Path, required=True, metavar="F.json")
    counts.add_argument("--as", dest="user", metavar="USER", help="e-mail of who does it")

    population = commands.add_parser("population", help="inhabitants by year with their source, from a CSV file")
    population.add_argument("file", type=Path, metavar="FILE", help="columns: code, year, inhabitants, source")

    contribute = commands.add_parser("contribute", help="seal a municipality's counts for the open period")
    contribute.add_argument("--municipality", metavar="CODE", help="default: every member of the agreement")
    contribute.add_argument("--region", default="vest-telemark", metavar="SLUG")

    publish = commands.add_parser("publish", help="lock the open period, protect, attack and publish")
    publish.add_argument("--region", default="vest-telemark", metavar="SLUG")

    withdraw = commands.add_parser("withdraw", help="take the newest published release back, with a reason")
    withdraw.add_argument("--region", default="vest-telemark", metavar="SLUG")
    withdraw.add_argument("--reason", required=True, metavar="TEXT", help="shown to everyone who reads the release")
    withdraw.add_argument(
        "--municipality", metavar="CODE", help="whose numbers are taken back: the period may have a run without it"
    )

    rotate = commands.add_parser("rotate", help="move a municipality's register to new keys, while people work")
    rotate.add_argument("--municipality", required=True, metavar="CODE")
    rotate.add_argument(
        "--finish", action="store_true", help="look once more, wait a quarter of an hour, shred the older keys"
    )

    admin = commands.add_parser("admin", help="people's accounts, where no leader can help yet")
    verbs = admin.add_subparsers(dest="verb", required=True, metavar="VERB")
    create = verbs.add_parser("create", help="invite a municipality's first leader, or someone of the region")
    create.add_argument("--email", required=True)
    create.add_argument("--name", required=True)
    create.add_argument("--role", default="local_leader", help="local_leader, project_leader or operations")
    create.add_argument("--municipality", metavar="CODE", help="a local leader's; the others have none")
    create.add_argument("--region", metavar="SLUG", help="a project leader's; may be left out where there is only one")
    create.add_argument("--until", type=date.fromisoformat, metavar="DATE", help="last day (default: a year from now)")
    create.add_argument("--address", metavar="URL", help="where the pages are; default: the path alone is printed")
    reset = verbs.add_parser("reset", help="be the second person of a reset that somebody has asked for")
    reset.add_argument("--email", required=True)
    reset.add_argument("--address", metavar="URL", help="where the pages are; default: the path alone is printed")

    town = commands.add_parser("municipality", help="add a municipality to a real installation, with its keys")
    town.add_argument("code", metavar="CODE", help="four digits")
    town.add_argument("--name", required=True)
    town.add_argument("--since", type=date.fromisoformat, required=True, metavar="DATE")

    region = commands.add_parser("region", help="make a region, or bring municipalities into one (as the owner)")
    region.add_argument("slug", metavar="SLUG", help="its short name, as it stands in addresses")
    region.add_argument("--name", required=True)
    region.add_argument("--municipality", action="append", required=True, metavar="CODE", help="again for each")
    region.add_argument("--since", type=date.fromisoformat, required=True, metavar="DATE")

    agreement = commands.add_parser("agreement", help="agree on a programme in a region (as the owner)")
    agreement.add_argument("file", type=Path, metavar="PROGRAMME.toml")
    agreement.add_argument("--region", required=True, metavar="SLUG")
    agreement.add_argument("--since", type=date.fromisoformat, required=True, metavar="DATE")
    agreement.add_argument(
        "--until", type=date.fromisoformat, metavar="DATE", help="its last day; given later, ends it"
    )
    agreement.add_argument(
        "--municipality", action="append", default=[], metavar="CODE", help="who signs (default: all in the region)"
    )

    leave = commands.add_parser("leave", help="let a municipality leave a region and its agreements (as the owner)")
    leave.add_argument("--region", required=True, metavar="SLUG")
    leave.add_argument("--municipality", required=True, metavar="CODE")
    leave.add_argument("--last-day", type=date.fromisoformat, required=True, metavar="DATE")

    commands.add_parser("keys", help="make the keys that a real installation lacks, and no other (as the owner)")

    commands.add_parser("stop", help="end everything that runs in this home")
    commands.add_parser("migrate", help="bring the database to this version (as the owner)")
    return top

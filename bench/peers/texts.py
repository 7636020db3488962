"""Texts, Homeward beside its peers, in one run on the same files: `cargo xtask bench peers` runs this.

Prints Markdown. Corpora whose families are known come in a folder as NAME.csv with NAME.truth.csv; `logs.py` beside this
file adds lines of real programs' logs; collections of real text without truth are compared by what the tools agree on.
Every peer is given the threshold, out of five, that is best on the truth of the very file it is measured on; Homeward runs
with its defaults. Each runs as a command of its own, from the file to the file. Nothing of the peers is copied.
"""

import argparse
import csv
import glob
import gzip
import json
import os
import re
import statistics
import sys

from commands import timed, unpacked
from scores import pair_counts, read_clusters, read_truth, recall_by_level

HERE = os.path.dirname(os.path.abspath(__file__))
PEERS = {
    "rensa": "rensa (MinHash)",
    "gaoya": "gaoya (MinHash)",
    "datasketch": "datasketch (MinHash)",
    "scikit-learn": "scikit-learn (exact TF-IDF cosine)",
}
# Without truth: a threshold that is usual.
USUAL = 0.5
# A command that takes longer is run once.
LONG = 15
LEVELS = {"0": "exact", "1": "slots", "2": "5 %", "3": "10 %", "4": "20 %", "5": "35 %", "6": "signature"}


def runnable(names):
    """The peers that could be installed."""
    import importlib.util

    module = {"scikit-learn": "sklearn"}
    return [name for name in names if importlib.util.find_spec(module.get(name, name))]


def repeated(command, runs):
    """Medians of seconds, processor seconds, MiB and, where the command tells, seconds without its start."""
    rows = []
    while len(rows) < runs and not (rows and rows[0][0] > LONG):
        seconds, processor, memory, printed = timed(command)
        own = json.loads(printed)["seconds"] if printed.startswith("{") else seconds
        rows.append((seconds, processor, memory, own))
    return [statistics.median(values) for values in zip(*rows)]


def ours(homeward, table, out, *extra):
    return [homeward, "--quiet", "tool", "templates", table, "-o", out, *extra]


def peer(name, table, out, *extra):
    return [sys.executable, os.path.join(HERE, "text_peers.py"), name, table, out, *extra]


def all_tools(homeward, table, truth, out, runs):
    """Each tool's name, threshold and costs; `out` holds what it found while the caller looks at it."""
    for name, extra in (("homeward", []), ("homeward, text only", ["--text-only"])):
        yield name, "", repeated(ours(homeward, table, out, *extra), runs)
    for name in runnable(PEERS):
        threshold = USUAL
        if truth:
            threshold = json.loads(timed(peer(name, table, out, "--sweep", truth))[3])["threshold"]
        yield PEERS[name], threshold, repeated(peer(name, table, out, "--threshold", str(threshold)), runs)


def strangers(found, truth):
    """Texts of no family that stand in a cluster, by the trap that they are part of."""
    caught, there = {}, {}
    for cluster, family, trap in zip(found, truth["family"], truth["trap"]):
        if family == "":
            there[trap] = there.get(trap, 0) + 1
            caught[trap] = caught.get(trap, 0) + (cluster != -1)
    return ", ".join(f"{trap or 'no trap'} {caught[trap]} of {there[trap]:,}" for trap in sorted(there, reverse=True))


def joining(found, families):
    """Clusters with two texts or more of each of two families or more."""
    held = {}
    for cluster, family in zip(found, families):
        if cluster != -1 and family != "":
            held.setdefault(cluster, {}).setdefault(family, []).append(1)
    return sum(sum(len(texts) > 1 for texts in families.values()) > 1 for families in held.values())


def disguised_recall(found, truth):
    kept = [at for at, (disguised, level) in enumerate(zip(truth["disguised"], truth["level"])) if disguised == "1" and level != "6"]
    return pair_counts([found[at] for at in kept], [truth["family"][at] for at in kept]).recall if kept else None


def with_truth(homeward, table, runs):
    truth_path = table[:-4] + ".truth.csv"
    truth = read_truth(truth_path)
    count = len(truth["id"])
    corpus = "level" in truth
    levels = sorted(set(truth["level"]) - {""}) if corpus else []
    print(f"\n### {os.path.basename(table)[:-4].replace('-', ' ')}: {count:,} texts\n")
    head = ["tool", "threshold", "s", "without start", "CPU s", "MiB", "precision", "recall", "F1", "ARI"]
    head += [LEVELS.get(level, level) for level in levels]
    head += ["disguised", "clusters of two families", "strangers in clusters"] if corpus else []
    head += ["homeward is faster by", "CPU by"]
    print("| " + " | ".join(head) + " |\n|" + "---|" * len(head))
    out, own = table[:-4] + ".found.csv", None
    for name, threshold, (seconds, processor, memory, without) in all_tools(homeward, table, truth_path, out, runs):
        found = read_clusters(out, truth["id"])
        counts = pair_counts(found, truth["family"])
        row = [name, threshold, f"{seconds:.2f}", f"{without:.2f}", f"{processor:.2f}", f"{memory:.0f}",
               *(f"{value:.4f}" for value in (counts.precision, counts.recall, counts.f1, counts.ari))]
        if corpus:
            recalls = recall_by_level(found, truth["family"], truth["level"])
            hidden = disguised_recall(found, truth)
            row += [f"{recalls[level]:.3f}" for level in levels]
            row += ["" if hidden is None else f"{hidden:.3f}", joining(found, truth["family"]), strangers(found, truth)]
        own = own or (seconds, processor)
        row += [f"{without / own[0]:.1f}", f"{processor / own[1]:.1f}"]
        print("| " + " | ".join(map(str, row)) + " |", flush=True)


def without_truth(homeward, table, runs):
    with open(table, newline="") as file:
        rows = list(csv.DictReader(file))
    ids = [row["id"] for row in rows]
    bare = [" ".join(re.findall(r"\w+", row["text"].lower())) for row in rows]
    times = {}
    for text in bare:
        times[text] = times.get(text, 0) + 1
    repeats = [text if times[text] > 1 and text else "" for text in bare]
    print(f"\n### {os.path.basename(table)[:-4].replace('-', ' ')}: {len(rows):,} texts, no truth\n")
    print("| tool | threshold | s | without start | CPU s | MiB | clusters | texts in them | repeats found | "
          "its pairs that homeward has | homeward's that it has | homeward is faster by | CPU by |\n|" + "---|" * 13)
    out, reference, own = table[:-4] + ".found.csv", None, None
    for name, threshold, (seconds, processor, memory, without) in all_tools(homeward, table, None, out, runs):
        found = read_clusters(out, ids)
        held = [cluster for cluster in found if cluster != -1]
        reference = found if reference is None else reference
        both = pair_counts(found, ["" if cluster == -1 else cluster for cluster in reference])
        own = own or (seconds, processor)
        row = [name, threshold, f"{seconds:.2f}", f"{without:.2f}", f"{processor:.2f}", f"{memory:.0f}", f"{len(set(held)):,}",
               f"{len(held):,}", f"{pair_counts(found, repeats).recall:.3f}", f"{both.precision:.3f}", f"{both.recall:.3f}",
               f"{without / own[0]:.1f}", f"{processor / own[1]:.1f}"]
        print("| " + " | ".join(map(str, row)) + " |", flush=True)


def collections(folder, messages):
    """Real text: short messages when a file of them is given, fortunes of Debian's packages, changelogs of this machine."""
    found = {}
    if messages:
        with open(messages, encoding="utf-8", newline="") as file:
            found["short-messages"] = [line.split("\t", 1)[1].strip() for line in file if "\t" in line]
    found["changelog-entries"] = []
    for path in sorted(glob.glob("/usr/share/doc/*/changelog.Debian.gz")):
        if not os.path.islink(os.path.dirname(path)):
            text = gzip.open(path, "rt", encoding="utf-8", errors="replace").read()
            found["changelog-entries"] += [part.strip() for part in re.split(r"^ -- .*$", text, flags=re.M) if part.strip()]
    sayings = []
    for package in ("fortunes", "fortunes-min", "fortunes-de", "fortunes-es", "fortunes-it", "fortunes-ru", "fortunes-cs"):
        if not unpacked(package, folder, "fortunes"):
            break
    for path in sorted(glob.glob(os.path.join(folder, "fortunes/usr/share/games/fortunes/**/*"), recursive=True)):
        if os.path.isfile(path) and "." not in os.path.basename(path) and "off" not in os.path.dirname(path):
            text = open(path, encoding="utf-8", errors="replace").read()
            sayings += [part.strip() for part in re.split(r"^%.*$", text, flags=re.M) if part.strip()]
    found["fortunes"] = sayings
    for name, texts in found.items():
        if texts:
            path = os.path.join(folder, name + ".csv")
            with open(path, "w", newline="", encoding="utf-8") as file:
                writer = csv.writer(file)
                writer.writerow(["id", "text"])
                writer.writerows(enumerate(texts))
            yield path


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("homeward")
    parser.add_argument("folder", help="of NAME.csv and NAME.truth.csv")
    parser.add_argument("--messages", help="a file of short messages: label, tab, text")
    parser.add_argument("--corpus", action="append", default=[], help="measure only those whose name begins so; may be repeated")
    parser.add_argument("--runs", type=int, default=5)
    arguments = parser.parse_args()
    missing = [name for name in PEERS if name not in runnable(PEERS)]
    print(f"Medians of {arguments.runs} runs; a command of more than {LONG} s is run once. Whole commands, from the file to the file; "
          "*without start* leaves out the start of Python and its imports, and *faster by* sets that beside homeward's whole "
          "command. Each peer has the threshold, out of five, that is best on the truth of the same file; without truth "
          f"{USUAL}. Recall is given by how much the more edited text of a pair was edited; *strangers* belong to no family.")
    if missing:
        print(f"\nNot measured, since not installed here: {', '.join(missing)}.")
    for truth in sorted(glob.glob(os.path.join(arguments.folder, "*.truth.csv"))):
        if arguments.corpus and not os.path.basename(truth).startswith(tuple(arguments.corpus)):
            continue
        with_truth(arguments.homeward, truth[: -len(".truth.csv")] + ".csv", arguments.runs)
    for table in collections(arguments.folder, arguments.messages):
        without_truth(arguments.homeward, table, arguments.runs)


if __name__ == "__main__":
    main()

"""Pairs found against pairs there are, as the product's own tests count them."""

import collections
import csv
import dataclasses


@dataclasses.dataclass
class Counts:
    """Numbers of pairs."""

    right: int
    given: int
    there: int
    all: int

    @property
    def precision(self):
        return self.right / self.given if self.given else 1.0

    @property
    def recall(self):
        return self.right / self.there if self.there else 1.0

    @property
    def f1(self):
        return 2 * self.right / (self.given + self.there) if self.given + self.there else 1.0

    @property
    def ari(self):
        """Adjusted Rand index (Hubert and Arabie 1985); what stands alone is a cluster of one."""
        chance = self.given * self.there / self.all
        most = (self.given + self.there) / 2
        return (self.right - chance) / (most - chance) if most > chance else 1.0


def two(count):
    return count * (count - 1) // 2


def pair_counts(found, truth):
    """`found` holds a cluster for each text, -1 for none; `truth` a family, empty for none."""
    pairs = lambda values: sum(two(count) for count in collections.Counter(values).values())
    return Counts(
        right=pairs((cluster, family) for cluster, family in zip(found, truth) if cluster != -1 and family != ""),
        given=pairs(cluster for cluster in found if cluster != -1),
        there=pairs(family for family in truth if family != ""),
        all=two(len(truth)),
    )


def recall_by_level(found, truth, levels):
    """Recall of the pairs whose higher level is the given one."""
    recalls, before = {}, Counts(0, 0, 0, 0)
    for level in sorted(set(levels) - {""}, key=int):
        kept = [at for at, other in enumerate(levels) if other != "" and int(other) <= int(level)]
        counts = pair_counts([found[at] for at in kept], [truth[at] for at in kept])
        there = counts.there - before.there
        recalls[level] = (counts.right - before.right) / there if there else 1.0
        before = counts
    return recalls


def read_truth(path):
    """Columns by their names."""
    with open(path, newline="") as file:
        rows = list(csv.DictReader(file))
    return {name: [row[name] for row in rows] for name in rows[0]}


def read_clusters(path, ids):
    """The cluster of each id, -1 for none."""
    with open(path, newline="") as file:
        cluster = {row["id"]: row["cluster"] for row in csv.DictReader(file)}
    return [cluster.get(id_, -1) for id_ in ids]

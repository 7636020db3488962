"""One peer on one file of texts: writes `id,cluster`, as `homeward tool templates` does.

`text_peers.py NAME TEXTS OUT --threshold T` runs it once; `--sweep TRUTH` looks for the threshold with the best pair-F1.
Each peer is called as its own documentation calls it: shingles of two words, 126 or 128 hashes; what its index returns is
held to the threshold, and what holds is joined to clusters. Prints JSON; `seconds` leaves out the start of Python.
"""

import argparse
import csv
import json
import re
import time

from scores import pair_counts, read_truth

THRESHOLDS = (0.2, 0.3, 0.4, 0.5, 0.6)


def shingles(text):
    """Runs of two words, or the words themselves when there is one only."""
    words = re.findall(r"\w+", text.lower())
    return sorted({f"{a} {b}" for a, b in zip(words, words[1:])} or set(words) or {text})


class Signatures:
    """Pairs out of an index of signatures, held to the share of equal hashes."""

    def candidates_held_to(self, threshold, matrix, candidates):
        import numpy as np

        firsts, seconds = [], []
        for at, found in enumerate(candidates):
            found = np.fromiter((other for other in found if other > at), dtype=np.int64)
            if len(found):
                same = (matrix[found] == matrix[at]).mean(axis=1) >= threshold
                seconds.append(found[same])
                firsts.append(np.full(int(same.sum()), at))
        return (np.concatenate(firsts), np.concatenate(seconds)) if firsts else ((), ())


class Datasketch(Signatures):
    def __init__(self, texts):
        import numpy as np
        from datasketch import MinHash

        sets = ([shingle.encode() for shingle in shingles(text)] for text in texts)
        self.hashes = list(MinHash.generator(sets, num_perm=128))
        self.matrix = np.stack([hash_.hashvalues for hash_ in self.hashes])

    def pairs(self, threshold):
        from datasketch import MinHashLSH

        index = MinHashLSH(threshold=threshold, num_perm=128)
        with index.insertion_session() as session:
            for at, hash_ in enumerate(self.hashes):
                session.insert(at, hash_, check_duplication=False)
        return self.candidates_held_to(threshold, self.matrix, map(index.query, self.hashes))


class Rensa(Signatures):
    def __init__(self, texts):
        import numpy as np
        from rensa import RMinHash

        self.hashes = RMinHash.from_token_sets([shingles(text) for text in texts], 126, 42)
        self.matrix = np.array([hash_.digest() for hash_ in self.hashes], dtype=np.uint32)

    def pairs(self, threshold):
        from rensa import RMinHashLSH

        index = RMinHashLSH(threshold, 126, 42)
        index.insert_many(self.hashes)
        return self.candidates_held_to(threshold, self.matrix, index.query_all(self.hashes))


class Gaoya:
    def __init__(self, texts):
        self.texts = texts

    def pairs(self, threshold):
        from gaoya.minhash import MinHashStringIndex

        index = MinHashStringIndex(32, threshold, 42, 3, None, "word", True, (2, 2), "vec")
        index.par_bulk_insert_docs(list(range(len(self.texts))), self.texts)
        found = index.par_bulk_query(self.texts)
        pairs = [(at, other) for at, others in enumerate(found) for other in others if other > at]
        return tuple(zip(*pairs)) or ((), ())


class Cosine:
    """Every pair's cosine, exactly, in blocks of rows: words and pairs of words, which did best of those tried."""

    def __init__(self, texts):
        import numpy as np
        from sklearn.feature_extraction.text import TfidfVectorizer

        words = TfidfVectorizer(ngram_range=(1, 2), token_pattern=r"\w+", sublinear_tf=True, min_df=2,
                                max_df=max(0.05, min(1.0, 500 / len(texts))), dtype=np.float32)
        self.rows = words.fit_transform(texts)
        self.found = None

    def pairs(self, threshold):
        import numpy as np

        if self.found is None:
            columns, found = self.rows.T.tocsc(), []
            for start in range(0, self.rows.shape[0], 1000):
                block = (self.rows[start:start + 1000] @ columns).tocoo()
                kept = (block.data >= threshold) & (block.col > block.row + start)
                found.append((block.row[kept] + start, block.col[kept], block.data[kept]))
            self.found = [np.concatenate(part) for part in zip(*found)]
        kept = self.found[2] >= threshold
        return self.found[0][kept], self.found[1][kept]


PEERS = {"datasketch": Datasketch, "rensa": Rensa, "gaoya": Gaoya, "scikit-learn": Cosine}


def clusters(count, pairs):
    """The cluster of each text, by its number; -1 stands alone."""
    import numpy as np
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    ones = np.ones(len(pairs[0]), dtype=bool)
    _, labels = connected_components(coo_matrix((ones, pairs), shape=(count, count)), directed=False)
    return np.where(np.bincount(labels)[labels] > 1, labels, -1)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name", choices=PEERS)
    parser.add_argument("texts")
    parser.add_argument("out")
    parser.add_argument("--threshold", type=float)
    parser.add_argument("--sweep")
    arguments = parser.parse_args()
    import numpy, scipy.sparse.csgraph  # noqa: F401,E401  what every peer needs is loaded before the clock starts
    if arguments.name == "scikit-learn":
        import sklearn.feature_extraction.text  # noqa: F401
    start = time.monotonic()
    with open(arguments.texts, newline="") as file:
        rows = list(csv.DictReader(file))
    peer = PEERS[arguments.name]([row["text"] for row in rows])
    if arguments.sweep:
        truth = read_truth(arguments.sweep)["family"]
        f1 = {t: pair_counts(clusters(len(rows), peer.pairs(t)), truth).f1 for t in THRESHOLDS}
        best = max(f1, key=f1.get)
        print(json.dumps({"threshold": best, "f1": f1}))
        return
    found = clusters(len(rows), peer.pairs(arguments.threshold))
    with open(arguments.out, "w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "cluster"])
        writer.writerows((row["id"], label) for row, label in zip(rows, found) if label >= 0)
    print(json.dumps({"seconds": time.monotonic() - start}))


if __name__ == "__main__":
    main()

"""One peer on one file of person records: writes `id_a,id_b,probability`, as `homeward tool resolve` does.

`person_peers.py NAME KIND RECORDS OUT`. Each peer is set up as its own tutorial does for such columns: one comparison per
column, blocks on single columns, parameters learned without labels. dedupe learns from labels only: it is given 50 pairs
of each sort out of the truth, which the others never see.
"""

import argparse
import csv
import itertools
import json
import logging
import random
import time

COLUMNS = {
    "febrl": {"given_name": "name", "surname": "name", "address_1": "text", "suburb": "text", "street_number": "exact",
              "postcode": "exact", "date_of_birth": "text", "soc_sec_id": "exact"},
    "fake": {"first_name": "name", "surname": "name", "dob": "text", "city": "exact", "email": "text"},
    "sites": {"Site name": "text", "Address": "text", "Zip": "exact", "Phone": "exact"},
}
BLOCKS = {
    "febrl": ["given_name", "surname", "date_of_birth", "postcode", "soc_sec_id"],
    "fake": ["first_name", "surname", "dob", "email"],
    "sites": ["Site name", "Address", "Phone", "Zip"],
}
MOST_IN_BLOCK = 200


def blocked(records, kind):
    """Pairs that agree on a column; values that very many share tell nothing."""
    pairs = set()
    for column in BLOCKS[kind]:
        blocks = {}
        for at, record in enumerate(records):
            if record[column]:
                blocks.setdefault(record[column], []).append(at)
        for block in blocks.values():
            if len(block) <= MOST_IN_BLOCK:
                pairs.update(itertools.combinations(block, 2))
    return sorted(pairs)


def splink(records, kind):
    import pandas
    from splink import DuckDBAPI, Linker, SettingsCreator, block_on
    from splink import comparison_library as library

    name = {column: column.replace(" ", "_").lower() for column in COLUMNS[kind]}
    make = {"name": library.NameComparison, "text": lambda column: library.JaroWinklerAtThresholds(column, [0.95, 0.88, 0.7]),
            "exact": lambda column: library.ExactMatch(column).configure(term_frequency_adjustments=True)}
    settings = SettingsCreator(
        link_type="dedupe_only",
        comparisons=[make[how](name[column]) for column, how in COLUMNS[kind].items()],
        blocking_rules_to_generate_predictions=[block_on(name[column]) for column in BLOCKS[kind]],
    )
    logging.getLogger("splink").setLevel(logging.ERROR)
    table = pandas.DataFrame([{"unique_id": record["id"], **{new: record[old] or None for old, new in name.items()}} for record in records])
    linker = Linker(DuckDBAPI().register(table), settings)
    first, second = (block_on(name[column]) for column in BLOCKS[kind][:2])
    linker.training.estimate_probability_two_random_records_match([first, second], recall=0.7)
    linker.training.estimate_u_using_random_sampling(max_pairs=1e6)
    for rule in (first, second, block_on(name[BLOCKS[kind][2]])):
        linker.training.estimate_parameters_using_expectation_maximisation(rule, record_sample_proportion=1.0)
    found = linker.inference.predict(threshold_match_probability=0.01).as_pandas_dataframe()
    return zip(found["unique_id_l"], found["unique_id_r"], found["match_probability"])


def recordlinkage(records, kind):
    import pandas
    import recordlinkage as toolkit

    table = pandas.DataFrame(records)
    pairs = pandas.MultiIndex.from_tuples(blocked(records, kind))
    compare = toolkit.Compare()
    for column, how in COLUMNS[kind].items():
        if how == "exact":
            compare.exact(column, column)
        else:
            compare.string(column, column, method="jarowinkler", threshold=0.88)
    features = compare.compute(pairs, table)
    model = toolkit.ECMClassifier()
    model.fit(features)
    return ((records[a]["id"], records[b]["id"], p) for (a, b), p in model.prob(features).items())


def dedupe(records, kind):
    import dedupe as library
    from dedupe import variables

    random.seed(3)
    fields = [variables.Exact(column, has_missing=True) if how == "exact" else variables.String(column, has_missing=True)
              for column, how in COLUMNS[kind].items()]
    linker = library.Dedupe(fields, num_cores=2)
    data = {record["id"]: {column: record[column] or None for column in COLUMNS[kind]} for record in records}
    sides = {True: [], False: []}
    for a, b in blocked(records, kind):
        sides[records[a]["truth"] == records[b]["truth"]].append((data[records[a]["id"]], data[records[b]["id"]]))
    linker.prepare_training(data, sample_size=1000)
    linker.mark_pairs({"match": random.sample(sides[True], 50), "distinct": random.sample(sides[False], 50)})
    linker.train(index_predicates=False)
    return ((a, b, p) for (a, b), p in linker.score(linker.pairs(data)))


def nomenklatura(records, kind):
    from followthemoney import model
    from followthemoney.proxy import EntityProxy
    from nomenklatura.matching import DefaultAlgorithm, ScoringConfig

    schema = "Organization" if kind == "sites" else "Person"
    property_of = {"given_name": "firstName", "first_name": "firstName", "surname": "lastName", "date_of_birth": "birthDate",
                   "dob": "birthDate", "soc_sec_id": "idNumber", "email": "email", "city": "address", "Site name": "name",
                   "Address": "address", "Phone": "phone"}
    entities = []
    for record in records:
        entity = EntityProxy(model.get(schema), {"id": record["id"]})
        for column, name in property_of.items():
            if value := record.get(column):
                plain = name == "birthDate" and value.isdigit() and len(value) == 8
                entity.add(name, f"{value[:4]}-{value[4:6]}-{value[6:]}" if plain else value)
        if kind != "sites":
            parts = [record.get(column) for column in ("given_name", "first_name", "surname")]
            entity.add("name", " ".join(filter(None, parts)))
        if kind == "febrl":
            parts = [record.get(column) for column in ("street_number", "address_1", "suburb", "postcode")]
            entity.add("address", " ".join(filter(None, parts)))
        entities.append(entity)
    config = ScoringConfig.defaults()
    for a, b in blocked(records, kind):
        yield entities[a].id, entities[b].id, DefaultAlgorithm.compare(entities[a], entities[b], config).score


PEERS = {"splink": splink, "recordlinkage": recordlinkage, "dedupe": dedupe, "nomenklatura": nomenklatura}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name", choices=PEERS)
    parser.add_argument("kind", choices=COLUMNS)
    parser.add_argument("records")
    parser.add_argument("out")
    arguments = parser.parse_args()
    with open(arguments.records, newline="") as file:
        records = [{name: value.strip().lower() for name, value in row.items()} for row in csv.DictReader(file)]
    start = time.monotonic()
    found = list(PEERS[arguments.name](records, arguments.kind))
    with open(arguments.out, "w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["id_a", "id_b", "probability"])
        writer.writerows(found)
    print(json.dumps({"seconds": time.monotonic() - start}))


if __name__ == "__main__":
    main()

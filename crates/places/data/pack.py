"""Packs the public tables that this crate embeds. Usage: pack.py CITIES ZIPS AGENCIES OFFICES STATES COUNTIES STATES_POPULATION
(paths); writes beside itself."""
import csv, gzip, io, json, pathlib, sys

here = pathlib.Path(__file__).parent
cities, zips, agencies, offices, states, counties, state_people = sys.argv[1:]

def write(name, rows):
    text = "".join("\t".join(str(cell).replace("\t", " ") for cell in row) + "\n" for row in rows)
    with open(here / name, "wb") as out, gzip.GzipFile("", "wb", 9, out, mtime=0) as packed:
        packed.write(text.encode())

rows = list(csv.DictReader(open(cities, encoding="utf-8")))
rows.sort(key=lambda r: (-int(r["population"] or 0), r["admin1"], r["name"], r["geonameid"]))
write("cities.tsv.gz", ((r["name"], r["admin1"], f'{float(r["lat"]):.4f}', f'{float(r["lon"]):.4f}', r["population"] or 0, r["timezone"]) for r in rows))
state_names = {value["code"]: value["name"] for value in json.load(open(states)).values()}
state_fips = {value["code"]: value["fips"] for value in json.load(open(states)).values()}
people = {r["fips"]: r["pop_2019"] for r in csv.DictReader(open(state_people, encoding="utf-8"))}
write("states.tsv.gz", ((code, name, state_fips[code], people[state_fips[code]]) for code, name in sorted(state_names.items())))
codes = {fips: code for code, fips in state_fips.items()}
county_rows = sorted(csv.DictReader(open(counties, encoding="utf-8")), key=lambda r: r["fips"])
write("counties.tsv.gz", ((r["fips"], r["county"], codes[r["fips"][:2]], r["pop_2019"], r["lat"], r["lon"]) for r in county_rows))
zip_rows = {}
for line in open(zips, encoding="utf-8"):
    cell = line.rstrip("\n").split("\t")
    if len(cell) > 10 and cell[4] in state_names and cell[1] not in zip_rows:
        zip_rows[cell[1]] = (cell[1], cell[2], cell[4], cell[5], state_fips.get(cell[4], "") + cell[6], f"{float(cell[9]):.4f}", f"{float(cell[10]):.4f}")
write("zips.tsv.gz", sorted(zip_rows.values()))
write("agencies.tsv.gz", sorted((r["ori"], r["agency_name"], r["agency_type_name"], r["county_name"], r["state_abbr"], r["latitude"], r["longitude"]) for r in csv.DictReader(open(agencies, encoding="utf-8"))))
names = {r["name"]: r for r in reversed(rows)}
special = {"New York": "New York City", "Washington Field Office": "Washington"}
out = []
for r in csv.DictReader(open(offices, encoding="utf-8")):
    office = r["field_office"]
    city = names.get(special.get(office, office) or "")
    point = ("", "", "") if city is None else (city["admin1"], f'{float(city["lat"]):.4f}', f'{float(city["lon"]):.4f}')
    if city is None:
        print("no city for office", office, file=sys.stderr)
    out.append((office, *point, r["coverage_if_sourced"], r["coverage_source"]))
write("offices.tsv.gz", out)

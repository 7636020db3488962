//! Each kernel alone, with its throughput in postings.

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use homeward_bench::{POSTINGS, analysed, nation};
use homeward_engine::extract::Reader;
use homeward_engine::pipeline;
use homeward_linkage::owners::{self, Judgements};
use homeward_linkage::pdq_index::PdqIndex;
use homeward_linkage::{describe, same_child, templates};
use homeward_model::{Pdq, Posting};
use homeward_places::Places;
use homeward_rules::Rules;

fn kernels(criterion: &mut Criterion) {
    let nation = nation();
    let rules = Rules::embedded();
    let reader = Reader::new(rules, "US");
    let texts: Vec<String> = nation.postings.iter().map(Posting::full_text).collect();
    let tokens: Vec<Vec<u32>> = texts.iter().map(|text| templates::tokens(text)).collect();
    let analysis = analysed(&nation);
    let as_of = homeward_world::AS_OF;
    let mut group = criterion.benchmark_group("kernels");
    group.sample_size(10).throughput(Throughput::Elements(POSTINGS as u64));
    group.bench_function("selectors", |bencher| {
        bencher.iter(|| texts.iter().map(|text| reader.selectors_in(text).len()).sum::<usize>());
    });
    group.bench_function("describe", |bencher| {
        bencher.iter(|| texts.iter().map(|text| describe::describe(text).names.len()).sum::<usize>());
    });
    group.bench_function("places", |bencher| {
        bencher.iter(|| texts.iter().map(|text| Places::embedded().find(text).len()).sum::<usize>());
    });
    group.bench_function("tokens", |bencher| {
        bencher.iter(|| texts.iter().map(|text| templates::tokens(text).len()).sum::<usize>());
    });
    group.bench_function("facts, all cores", |bencher| {
        bencher.iter(|| reader.facts_of_all(&nation.postings).len());
    });
    group.bench_function("templates", |bencher| {
        let rows: Vec<&[u32]> = tokens.iter().map(Vec::as_slice).collect();
        bencher.iter(|| {
            templates::cluster(&templates::Documents::new(&rows), &rules.templates, None).links.len()
        });
    });
    group.bench_function("templates, one posting in a hundred new", |bencher| {
        let rows: Vec<&[u32]> = tokens.iter().map(Vec::as_slice).collect();
        let before = templates::Documents::new(&rows[..POSTINGS - POSTINGS / 100]);
        let memory = templates::cluster(&before, &rules.templates, None).memory;
        bencher.iter(|| {
            templates::cluster(&templates::Documents::new(&rows), &rules.templates, Some(&memory)).examined
        });
    });
    group.bench_function("owners", |bencher| {
        bencher.iter(|| {
            owners::link(&analysis.facts, &analysis.family, &Judgements::default(), &rules.owners).links.len()
        });
    });
    group.bench_function("match", |bencher| {
        bencher.iter(|| pipeline::match_reports(&analysis, &nation.reports, as_of, None, 5, rules).len());
    });
    group.bench_function("findings", |bencher| {
        let matches = pipeline::match_reports(&analysis, &nation.reports, as_of, None, 5, rules);
        bencher.iter_batched(
            || matches.clone(),
            |matches| pipeline::findings(&analysis, &nation.reports, matches, as_of, rules).len(),
            BatchSize::LargeInput,
        );
    });
    group.bench_function("reports of one child", |bencher| {
        bencher.iter(|| same_child::pairs(&nation.reports, Places::embedded(), &rules.same_child).len());
    });
    let hashes: Vec<Pdq> = analysis.facts.iter().flat_map(|facts| facts.images.iter().copied()).collect();
    group.throughput(Throughput::Elements(1_000));
    group.bench_function("image hashes within 31 bits", |bencher| {
        let index = PdqIndex::new(hashes.as_slice());
        bencher.iter(|| hashes.iter().take(1_000).map(|hash| index.search(hash, 31).len()).sum::<usize>());
    });
    group.finish();
}

criterion_group!(benches, kernels);
criterion_main!(benches);

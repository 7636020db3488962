//! Criterion benchmarks of the kernels, one file a kernel under `benches/`; run them with `cargo bench -p homeward-bench`.

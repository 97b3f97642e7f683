//! Micro-benchmarks of single parts of the library; see `benches/`.

"""The embedded backend: immutable time slices (Arrow, numpy, Tantivy), Parquet tables, DuckDB for named queries."""

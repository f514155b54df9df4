//! Tests live in `it/` and `tidy/`; this library is empty on purpose.

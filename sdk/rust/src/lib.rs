//! The Marque SDK.

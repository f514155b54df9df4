//! The vehicles against the stand-in: what the pieces come to together.

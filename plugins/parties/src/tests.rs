//! The parties against the stand-in: what the pieces come to together.

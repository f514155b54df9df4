//! Hostile guests are boring: each misdeed ends in a fault with the right blame, and the server goes on.

mod actions;
mod boundary;
mod components;
mod decisions;
mod desk;
mod events;
mod leads;
mod rules;
mod runner;
mod zoo;

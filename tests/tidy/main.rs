//! The shape of the house, proved: each rule is a pure check, run over the house and over an example it must refuse.

mod bounds;
mod documents;
mod frozen;
mod house;
mod leftovers;
mod libraries;
mod plugins;
mod rooms;
mod rust;
mod scripts;
mod security;
mod shape;
mod texts;

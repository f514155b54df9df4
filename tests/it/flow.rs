//! Flows through several rooms, told as a user or operator would tell them.

mod bus;

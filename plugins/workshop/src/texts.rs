//! Texts that are stored, such as a task's title: the same files that the console shows.

marque_sdk::texts!(pub);

//! Texts that are stored, such as an alarm's title: the same ones the console shows.

marque_sdk::texts!(pub);

//! Makes sure that what is embedded is looked for where it will be, and that the server is built again when it changes.

use std::{fs, path::Path};

fn main() {
    for folder in ["../console/dist", "../target/plugins"] {
        // An empty folder stands for a console or plugins that have not been built; the server says so itself.
        if let Err(error) = fs::create_dir_all(Path::new(folder)) {
            println!("cargo:warning=cannot make {folder}: {error}");
        }
        println!("cargo:rerun-if-changed={folder}");
    }
}

//! Documents that can be found: everything in `docs/` is linked, every link leads somewhere, the change log is open.

use crate::house::{Source, catches, files, refuse, root};

/// The targets of Markdown links in a document, without anchors.
fn links(text: &str) -> Vec<&str> {
    text.match_indices("](")
        .filter_map(|(at, _)| text[at + 2..].split([')', '\n', ' ']).next())
        .map(|target| target.split('#').next().unwrap_or(""))
        .filter(|target| !target.is_empty() && !target.contains("://") && !target.starts_with("mailto:"))
        .collect()
}

/// A link's target as a path from the root.
fn resolve(document: &str, target: &str) -> String {
    let folder = document.rsplit_once('/').map_or("", |(folder, _)| folder);
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in target.split('/') {
        match part {
            "." | "" => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    parts.join("/")
}

fn linked_from_elsewhere(documents: &[Source]) -> Vec<String> {
    documents
        .iter()
        .filter(|document| document.path.starts_with("docs/"))
        .filter(|document| {
            let others = documents.iter().filter(|other| other.path != document.path);
            !others
                .flat_map(|other| links(&other.text).into_iter().map(|link| resolve(&other.path, link)))
                .any(|link| link == document.path)
        })
        .map(|document| format!("{}: no document links to it; begin at README.md", document.path))
        .collect()
}

fn dead_links(documents: &[Source], exists: impl Fn(&str) -> bool) -> Vec<String> {
    documents
        .iter()
        .flat_map(|document| links(&document.text).into_iter().map(move |link| (document, link)))
        .filter(|(document, link)| !exists(&resolve(&document.path, link)))
        .map(|(document, link)| format!("{}: the link to {link} leads nowhere", document.path))
        .collect()
}

fn change_log(file: &Source) -> Vec<String> {
    let has_section = file.text.lines().any(|line| line.trim() == "## [Unreleased]");
    if has_section { Vec::new() } else { vec![format!("{}: no section `## [Unreleased]`", file.path)] }
}

#[test]
fn every_document_can_be_found_from_another() {
    refuse(linked_from_elsewhere(&files(&[".md"])));
}

#[test]
fn every_link_leads_somewhere() {
    let root = root();
    refuse(dead_links(&files(&[".md"]), |path| root.join(path).exists()));
}

#[test]
fn the_change_log_is_open() {
    let log = files(&["CHANGELOG.md"]);
    assert_eq!(log.len(), 1, "one CHANGELOG.md, in the root");
    refuse(change_log(&log[0]));
}

#[test]
fn a_lost_document_and_a_dead_link_are_caught() {
    let readme = Source::example("README.md", "[a](docs/A.md#part) [web](https://example.com/x)");
    let a = Source::example("docs/A.md", "[b](decisions/1.md) [home](../README.md)");
    let b = Source::example("docs/decisions/1.md", "[itself](1.md)");
    refuse(linked_from_elsewhere(&[readme.clone(), a.clone(), b.clone()]));
    catches(
        linked_from_elsewhere(&[readme.clone(), b.clone(), Source { text: String::new(), ..a.clone() }]),
        "docs/decisions/1.md",
    );
    refuse(dead_links(&[readme.clone(), a], |_| true));
    catches(dead_links(&[readme], |path| path != "docs/A.md"), "docs/A.md leads nowhere");
}

#[test]
fn a_closed_change_log_is_caught() {
    catches(change_log(&Source::example("CHANGELOG.md", "# Changelog\n## [0.1.0]\n")), "[Unreleased]");
}

//! Just enough Rust to look at: comments and strings blanked out, tests left out, functions and paths found.

/// The text with every comment, string and character blanked, byte for byte, so that lines and offsets stay.
pub fn mask(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = bytes.to_vec();
    let mut at = 0;
    while at < bytes.len() {
        let end = match bytes[at] {
            b'/' if bytes[at..].starts_with(b"//") => line_end(bytes, at),
            b'/' if bytes[at..].starts_with(b"/*") => block_comment_end(bytes, at),
            b'"' => string_end(bytes, at),
            b'r' if !follows_word(bytes, at) && raw_hashes(bytes, at).is_some() => raw_string_end(bytes, at),
            b'\'' => char_end(bytes, at).unwrap_or(at),
            _ => at,
        };
        for byte in &mut out[at..end] {
            if *byte != b'\n' {
                *byte = b' ';
            }
        }
        at = end.max(at + 1);
    }
    String::from_utf8(out).expect("whole characters were blanked")
}

fn line_end(bytes: &[u8], at: usize) -> usize {
    bytes[at..].iter().position(|&b| b == b'\n').map_or(bytes.len(), |n| at + n)
}

fn block_comment_end(bytes: &[u8], mut at: usize) -> usize {
    let mut depth = 0;
    while at < bytes.len() {
        match &bytes[at..] {
            [b'/', b'*', ..] => (depth, at) = (depth + 1, at + 2),
            [b'*', b'/', ..] => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
        if depth == 0 {
            break;
        }
    }
    at.min(bytes.len())
}

fn string_end(bytes: &[u8], at: usize) -> usize {
    let mut at = at + 1;
    while at < bytes.len() && bytes[at] != b'"' {
        at += if bytes[at] == b'\\' { 2 } else { 1 };
    }
    (at + 1).min(bytes.len())
}

/// A word character before: `r` is the end of a name; but `b`, of `br"…"`, is a prefix of its own.
fn follows_word(bytes: &[u8], at: usize) -> bool {
    let is_word = |n: usize| bytes[n].is_ascii_alphanumeric() || bytes[n] == b'_';
    at > 0 && is_word(at - 1) && !(bytes[at - 1] == b'b' && (at == 1 || !is_word(at - 2)))
}

fn raw_hashes(bytes: &[u8], at: usize) -> Option<usize> {
    let hashes = bytes[at + 1..].iter().take_while(|&&b| b == b'#').count();
    (bytes.get(at + 1 + hashes) == Some(&b'"')).then_some(hashes)
}

fn raw_string_end(bytes: &[u8], at: usize) -> usize {
    let hashes = raw_hashes(bytes, at).unwrap_or(0);
    let close = [b"\"".as_slice(), &b"#".repeat(hashes)].concat();
    let body = at + hashes + 2;
    bytes[body..].windows(close.len()).position(|w| w == close).map_or(bytes.len(), |n| body + n + close.len())
}

/// The end of a character literal; none where the quote begins a lifetime.
fn char_end(bytes: &[u8], at: usize) -> Option<usize> {
    if bytes.get(at + 1) == Some(&b'\\') {
        return bytes[at + 3..].iter().position(|&b| b == b'\'').map(|n| at + n + 4);
    }
    let first = std::str::from_utf8(&bytes[at + 1..(at + 5).min(bytes.len())])
        .map_or_else(|error| error.valid_up_to(), str::len)
        .min(4);
    let width = std::str::from_utf8(&bytes[at + 1..at + 1 + first]).ok()?.chars().next()?.len_utf8();
    (bytes.get(at + 1 + width) == Some(&b'\'')).then_some(at + width + 2)
}

/// Masked text with each `#[cfg(test)]` item blanked too.
pub fn without_tests(masked: &str) -> String {
    let mut out = masked.to_owned();
    while let Some(start) = out.find("#[cfg(test)]") {
        let end = item_end(&out, start);
        let blank: String = out[start..end].chars().map(|c| if c == '\n' { '\n' } else { ' ' }).collect();
        out.replace_range(start..end, &blank);
    }
    out
}

/// Where the item ends that begins at `start`: its closing brace, or the semicolon of one without a body.
fn item_end(masked: &str, start: usize) -> usize {
    let mut nested = 0usize;
    for (n, byte) in masked.bytes().enumerate().skip(start) {
        match byte {
            b'(' | b'[' => nested += 1,
            b')' | b']' => nested = nested.saturating_sub(1),
            b';' if nested == 0 => return n + 1,
            b'{' if nested == 0 => return block_end(masked, n),
            _ => {}
        }
    }
    masked.len()
}

fn block_end(masked: &str, open: usize) -> usize {
    let mut depth = 0usize;
    for (n, byte) in masked.bytes().enumerate().skip(open) {
        match byte {
            b'{' => depth += 1,
            b'}' if depth == 1 => return n + 1,
            b'}' => depth -= 1,
            _ => {}
        }
    }
    masked.len()
}

/// A function with a body.
#[derive(Debug, PartialEq)]
pub struct Function<'a> {
    pub name: &'a str,
    /// Its first line, counted from 1.
    pub line: usize,
    pub n_lines: usize,
}

/// Every function with a body in masked text, but those marked as tests.
pub fn functions(masked: &str) -> Vec<Function<'_>> {
    let mut found = Vec::new();
    for (start, _) in masked.match_indices("fn ") {
        let is_word = masked[..start].chars().next_back().is_some_and(|c| c.is_alphanumeric() || c == '_');
        let name: &str = masked[start + 3..].split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or("");
        if is_word || name.is_empty() || is_marked_as_test(&masked[..start]) {
            continue;
        }
        let end = item_end(masked, start);
        if masked[..end].ends_with('}') {
            let line = masked[..start].matches('\n').count() + 1;
            found.push(Function { name, line, n_lines: masked[start..end].matches('\n').count() + 1 });
        }
    }
    found
}

/// Whether the attributes directly above (of what stands before the `fn`) hold `test]`.
fn is_marked_as_test(before: &str) -> bool {
    let item = before.rfind([';', '}', '{']).map_or(before, |n| &before[n..]);
    item.contains("test]") || item.contains("test(")
}

/// Every path that begins with `crate::` or `super::`, with use-trees written out, and its line.
pub fn local_paths(masked: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(n) = ["crate::", "super::"].iter().filter_map(|head| masked[at..].find(head)).min() {
        let start = at + n;
        let is_inner = masked[..start].ends_with([':', '_', '$']) || masked[..start].ends_with(char::is_alphanumeric);
        let end = start + path_len(&masked[start..]);
        if !is_inner {
            let line = masked[..start].matches('\n').count() + 1;
            let mut paths = Vec::new();
            write_out(&masked[start..end], "", &mut paths);
            found.extend(paths.into_iter().map(|path| (line, path)));
        }
        at = if is_inner { start + 7 } else { end };
    }
    found
}

/// How far a path reaches, with its `{…}` tree and ` as name` inside the tree.
fn path_len(text: &str) -> usize {
    let mut depth = 0usize;
    for (n, c) in text.char_indices() {
        match c {
            '{' if depth == 0 && !text[..n].ends_with("::") => return n,
            '{' => depth += 1,
            '}' if depth <= 1 => return if depth == 1 { n + 1 } else { n },
            '}' => depth -= 1,
            _ if depth > 0 || c.is_alphanumeric() || c == '_' || c == ':' || c == '*' => {}
            _ => return n,
        }
    }
    text.len()
}

fn write_out(tree: &str, prefix: &str, paths: &mut Vec<String>) {
    let Some((head, rest)) = tree.split_once('{') else {
        let leaf = tree.split(" as ").next().unwrap_or("").trim();
        if !leaf.is_empty() {
            paths.push(format!("{prefix}{leaf}"));
        }
        return;
    };
    let prefix = format!("{prefix}{}", head.trim());
    let inner = rest.rfind('}').map_or(rest, |n| &rest[..n]);
    let mut depth = 0i32;
    for branch in inner.split(|c| {
        depth += i32::from(c == '{') - i32::from(c == '}');
        c == ',' && depth == 0
    }) {
        write_out(branch.trim(), &prefix, paths);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_strings_and_characters_are_blanked() {
        let text = r##"a /* x /* y */ { */ "q\"{" r#"}"{"# '{' '\'' b'}' 'static 宝 '宝' // {"##;
        let masked = mask(text);
        assert_eq!(masked.len(), text.len());
        assert!(!masked.contains(['{', '}', '"']), "{masked}");
        assert!(masked.contains("'static 宝"), "{masked}");
    }

    #[test]
    fn test_modules_are_left_out_and_lines_stay() {
        let text = "fn a() {}\n#[cfg(test)]\nmod tests {\n    fn b() { if x {} }\n}\nfn c() {}\n";
        let plain = without_tests(&mask(text));
        assert_eq!(plain.lines().count(), text.lines().count());
        let names: Vec<_> = functions(&plain).into_iter().map(|f| (f.name, f.line)).collect();
        assert_eq!(names, [("a", 1), ("c", 6)]);
    }

    #[test]
    fn a_function_is_measured_from_its_name_to_its_brace() {
        let text = "/// Doc.\npub fn long(\n    a: [u8; 2],\n) -> X\nwhere\n    T: Fn(u8),\n{\n    body();\n}\ntrait T { fn none(&self); }\n";
        assert_eq!(functions(text), [Function { name: "long", line: 2, n_lines: 8 }]);
        assert_eq!(functions("#[tokio::test]\nasync fn a() {\n}\n"), []);
    }

    #[test]
    fn use_trees_are_written_out() {
        let text = "use crate::{model::{Id, Time as T}, store::*};\nfn f() -> crate::Result<()> { super::x::y() }\n";
        let paths: Vec<_> = local_paths(text).into_iter().map(|(line, path)| format!("{line} {path}")).collect();
        assert_eq!(
            paths,
            ["1 crate::model::Id", "1 crate::model::Time", "1 crate::store::*", "2 crate::Result", "2 super::x::y"]
        );
    }
}

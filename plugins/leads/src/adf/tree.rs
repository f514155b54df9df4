//! XML as a tree of elements. Names are told apart by neither case nor prefix; entities of the sender's own stay as they are.

use std::ops::Range;

use quick_xml::{
    Reader, XmlVersion,
    escape::resolve_predefined_entity,
    events::{BytesStart, Event},
};

/// An element.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Node {
    /// In small letters.
    pub name: String,
    attributes: Vec<(String, String)>,
    text: String,
    /// What is in it.
    pub children: Vec<Node>,
    /// Where it stands in the message.
    pub at: Range<usize>,
}

/// Deeper than any sender nests, and less than would use up the stack.
const DEEPEST: usize = 32;

impl Node {
    /// The first child of a name.
    pub fn child(&self, name: &str) -> Option<&Node> {
        self.all(name).next()
    }

    /// All children of a name.
    pub fn all<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a Node> + use<'a> {
        let name = name.to_owned();
        self.children.iter().filter(move |child| child.name == name)
    }

    /// An attribute, in small letters.
    pub fn attribute(&self, name: &str) -> Option<String> {
        let found = self.attributes.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.trim().to_lowercase()).filter(|value| !value.is_empty())
    }

    /// An attribute as it was written.
    pub fn raw_attribute(&self, name: &str) -> Option<&str> {
        let found = self.attributes.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.trim()).filter(|value| !value.is_empty())
    }

    /// Its own text, its blanks made one.
    pub fn text(&self) -> Option<String> {
        let text = self.text.split_whitespace().collect::<Vec<_>>().join(" ");
        (!text.is_empty()).then_some(text)
    }

    /// The text of a child.
    pub fn text_of(&self, name: &str) -> Option<String> {
        self.all(name).find_map(Node::text)
    }

    /// Its own text and that of everything in it.
    pub fn whole_text(&self) -> String {
        let parts = self.text().into_iter().chain(self.children.iter().map(Node::whole_text));
        parts.filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
    }

    /// All elements of a name below it, however deep.
    pub fn find<'a>(&'a self, name: &str, found: &mut Vec<&'a Node>) {
        for child in &self.children {
            if child.name == name { found.push(child) } else { child.find(name, found) }
        }
    }
}

/// Reads a message; what is wrong with it, in words.
pub fn parse(text: &str) -> Result<Node, String> {
    let mut reader = Reader::from_str(text);
    reader.config_mut().allow_dangling_amp = true;
    let mut open = vec![Node::default()];
    loop {
        let begins = reader.buffer_position() as usize;
        let event = reader.read_event().map_err(|error| format!("at character {begins}: {error}"))?;
        let ends = reader.buffer_position() as usize;
        let depth = open.len();
        let Some(inner) = open.last_mut() else { return Err("an element ends that has not begun".into()) };
        match event {
            Event::Start(start) if depth > DEEPEST => {
                return Err(format!("<{}> is nested too deep", start.local_name().as_ref()));
            }
            Event::Start(start) => open.push(element(&start, begins..ends)),
            Event::Empty(start) => inner.children.push(element(&start, begins..ends)),
            Event::Text(text) => inner.text.push_str(&text.xml10_content()),
            Event::CData(text) => inner.text.push_str(&text.xml10_content()),
            Event::GeneralRef(reference) => match reference.resolve_char_ref() {
                Ok(Some(c)) => inner.text.push(c),
                _ => match resolve_predefined_entity(&reference.xml10_content()) {
                    Some(known) => inner.text.push_str(known),
                    // What a sender defines may lie outside the message: it is never fetched.
                    None => inner.text.push_str(&format!("&{};", reference.xml10_content())),
                },
            },
            Event::End(_) => close(&mut open, ends),
            Event::Eof => break,
            Event::Decl(_) | Event::PI(_) | Event::DocType(_) | Event::Comment(_) => {}
        }
    }
    if open.len() > 1 {
        return Err(format!("<{}> does not end", open.last().map_or("", |node| &node.name)));
    }
    open.pop().ok_or_else(|| "there is nothing in it".into())
}

fn close(open: &mut Vec<Node>, ends: usize) {
    if open.len() > 1
        && let Some(mut done) = open.pop()
    {
        done.at.end = ends;
        if let Some(around) = open.last_mut() {
            around.children.push(done);
        }
    }
}

fn element(start: &BytesStart<'_>, at: Range<usize>) -> Node {
    let mut attributes = start.attributes();
    let attributes = attributes.with_checks(false).flatten().map(|attribute| {
        let value = attribute.normalized_value(XmlVersion::Implicit1_0);
        let value = value.map_or_else(|_| attribute.value.to_string(), |value| value.into_owned());
        (attribute.key.local_name().as_ref().to_lowercase(), value)
    });
    Node { name: start.local_name().as_ref().to_lowercase(), attributes: attributes.collect(), at, ..Node::default() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_prefix_and_comments_do_not_matter() {
        let tree =
            parse("<?ADF VERSION=\"1.0\"?><a:ADF><!-- x --><Prospect STATUS=\"New\"><ID>7</ID></Prospect></a:ADF>")
                .unwrap();
        let prospect = tree.child("adf").and_then(|adf| adf.child("prospect")).unwrap();
        assert_eq!((prospect.attribute("status"), prospect.text_of("id")), (Some("new".into()), Some("7".into())));
    }

    #[test]
    fn entities_that_everybody_knows_are_read_and_others_left() {
        let tree = parse("<a>&lt;1 &amp; &#x738b;&#30922; &mine; Q&A<![CDATA[ <b> ]]></a>").unwrap();
        assert_eq!(tree.child("a").unwrap().text().unwrap(), "<1 & 王磊 &mine; Q&A <b>");
    }

    #[test]
    fn a_foreign_entity_is_never_fetched() {
        let text = "<!DOCTYPE a [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><a>&x;</a>";
        assert_eq!(parse(text).unwrap().child("a").unwrap().text().unwrap(), "&x;");
    }

    #[test]
    fn what_does_not_end_is_named() {
        assert!(parse("<adf><prospect>").unwrap_err().contains("prospect"));
        assert!(parse("<adf></prospect>").is_err());
        assert!(parse(&"<a>".repeat(100)).unwrap_err().contains("deep"));
    }

    #[test]
    fn an_element_knows_where_it_stands() {
        let text = "<adf> <prospect><id>1</id></prospect></adf>";
        let tree = parse(text).unwrap();
        let prospect = tree.child("adf").and_then(|adf| adf.child("prospect")).unwrap();
        assert_eq!(&text[prospect.at.clone()], "<prospect><id>1</id></prospect>");
    }
}

//! Just enough of HTML to look at our own pages.

/// An opening or closing (`/name`) tag.
#[derive(Debug)]
pub struct Tag {
    /// Name.
    pub name: String,
    /// Attributes.
    pub attributes: Vec<(String, String)>,
}

/// The value of an attribute.
pub fn attribute<'t>(tag: &'t Tag, name: &str) -> Option<&'t str> {
    tag.attributes.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
}

/// All tags in order. Our templates quote every attribute value.
pub fn tags(html: &str) -> Vec<Tag> {
    html.split('<').skip(1).filter(|part| !part.starts_with('!')).map(tag).collect()
}

fn tag(part: &str) -> Tag {
    let (name, mut rest) = part.split_at(part.find([' ', '>', '/', '\n'].as_slice()).unwrap_or(0).max(1));
    let mut name = name.to_owned();
    if name == "/" {
        name = format!("/{}", rest.split('>').next().unwrap_or_default());
        return Tag { name, attributes: Vec::new() };
    }
    let mut attributes = Vec::new();
    loop {
        rest = rest.trim_start();
        if rest.is_empty() || rest.starts_with('>') || rest.starts_with("/>") {
            return Tag { name, attributes };
        }
        let end = rest.find(['=', ' ', '>', '\n'].as_slice()).unwrap_or(rest.len());
        let (attribute, after) = rest.split_at(end);
        rest = after;
        let mut value = String::new();
        if let Some(quoted) = after.strip_prefix("=\"") {
            let (inside, tail) = quoted.split_once('"').unwrap_or((quoted, ""));
            value = inside.to_owned();
            rest = tail;
        }
        attributes.push((attribute.to_owned(), value));
    }
}

/// The text between the tags.
pub fn text(html: &str) -> String {
    html.split('<')
        .map(|part| part.split_once('>').map_or("", |(_, text)| text))
        .collect::<Vec<_>>()
        .join(" ")
}

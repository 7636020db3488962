//! A page to its title and the text a reader sees. Only the tokenizer of the browser engine is used: its time and memory grow
//! with the page and not with how the page is nested.

use crate::Record;
use html5ever::tendril::StrTendril;
use html5ever::tokenizer::states::RawKind;
use html5ever::tokenizer::{
    BufferQueue, Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts,
};
use serde_json::Value;
use std::cell::RefCell;

/// Bytes of markup that are read at a time.
const PIECE: usize = 8 << 10;
/// Longest tag that is waited for, bytes, and the most blanks in it: the tokenizer compares each attribute with all before it.
const LONGEST_TAG: usize = 128 << 10;
const MOST_BLANKS: usize = 4_000;

/// Elements that a reader never sees.
const UNSEEN: &[&str] =
    &["script", "style", "template", "noscript", "iframe", "noembed", "noframes", "svg", "object"];
/// Elements that stand on lines of their own.
const BLOCKS: &[&str] = &[
    "address",
    "article",
    "aside",
    "blockquote",
    "body",
    "br",
    "caption",
    "dd",
    "details",
    "dialog",
    "div",
    "dl",
    "dt",
    "fieldset",
    "figcaption",
    "figure",
    "footer",
    "form",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "header",
    "hr",
    "html",
    "legend",
    "li",
    "main",
    "nav",
    "ol",
    "option",
    "p",
    "pre",
    "section",
    "select",
    "summary",
    "table",
    "tbody",
    "tfoot",
    "thead",
    "title",
    "tr",
    "ul",
];
/// Elements without an end.
const VOID: &[&str] =
    &["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"];
/// Elements that end where the next of their kind begins.
const IMPLIED: &[&str] = &["dd", "dt", "li", "option", "p", "td", "th", "tr"];

/// What a page says.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Page {
    /// Its title on one line.
    pub title: String,
    /// The text a reader sees, one line a block.
    pub text: String,
    /// Phones and addresses that its links name.
    pub contacts: Vec<String>,
    /// Whether the end of the page was not read.
    pub cut: bool,
}

impl Page {
    /// Puts the page into a row.
    pub fn put_into(self, record: &mut Record) {
        record.put("title", self.title);
        record.put("body", self.text);
        if !self.contacts.is_empty() {
            let contacts = self.contacts.into_iter().map(Value::String).collect();
            record.fields.insert("contacts".to_owned(), contacts);
        }
        if self.cut {
            record.notes.push("the page has a tag without end and was read up to it".to_owned());
        }
    }
}

/// Reads a page.
pub fn read(markup: &str) -> Page {
    let tokenizer = Tokenizer::new(Reader::default(), TokenizerOpts::default());
    let queue = BufferQueue::default();
    let (mut rest, mut tokens, mut waited, mut blanks, mut cut) = (markup, 0, 0, 0, false);
    while !rest.is_empty() && !cut {
        let (piece, after) = rest.split_at(rest.floor_char_boundary(PIECE));
        rest = after;
        queue.push_back(StrTendril::from(piece));
        // A script's end or a word on the encoding stops the tokenizer; it goes on where it was.
        while !queue.is_empty() {
            let _ = tokenizer.feed(&queue);
        }
        let now = tokenizer.sink.state.borrow().tokens;
        if now == tokens {
            waited += piece.len();
            blanks += piece.bytes().filter(u8::is_ascii_whitespace).count();
            cut = waited > LONGEST_TAG && blanks > MOST_BLANKS;
        } else {
            (tokens, waited, blanks) = (now, 0, 0);
        }
    }
    if !cut {
        tokenizer.end();
    }
    let state = tokenizer.sink.state.take();
    Page { title: state.title.done(), text: state.text.done(), contacts: state.contacts, cut }
}

/// Text whose blanks are folded: one space or one line end between words.
#[derive(Default)]
struct Folded {
    text: String,
    space: bool,
    line: bool,
}

impl Folded {
    fn push(&mut self, more: &str) {
        for c in more.chars() {
            if c.is_whitespace() {
                self.space = true;
                continue;
            }
            if (self.space || self.line) && !self.text.is_empty() {
                self.text.push(if self.line { '\n' } else { ' ' });
            }
            (self.space, self.line) = (false, false);
            self.text.push(c);
        }
    }

    fn done(self) -> String {
        self.text
    }
}

#[derive(Default)]
struct State {
    tokens: u64,
    title: Folded,
    text: Folded,
    contacts: Vec<String>,
    in_title: bool,
    titled: bool,
    /// The element that hides what is in it, and how many of its name are open.
    hidden: Option<(String, u32)>,
}

#[derive(Default)]
struct Reader {
    state: RefCell<State>,
}

impl TokenSink for Reader {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        let mut state = self.state.borrow_mut();
        match token {
            Token::ParseError(_) => return TokenSinkResult::Continue,
            Token::CharacterTokens(text) => state.text(&text),
            Token::TagToken(tag) if tag.kind == TagKind::StartTag => {
                state.start(&tag);
                state.tokens += 1;
                return raw(&tag.name);
            }
            Token::TagToken(tag) => state.end(&tag.name),
            _ => {}
        }
        state.tokens += 1;
        TokenSinkResult::Continue
    }
}

/// Elements whose content is not markup.
fn raw(name: &str) -> TokenSinkResult<()> {
    match name {
        "title" | "textarea" => TokenSinkResult::RawData(RawKind::Rcdata),
        "style" | "xmp" | "iframe" | "noembed" | "noframes" => TokenSinkResult::RawData(RawKind::Rawtext),
        "script" => TokenSinkResult::RawData(RawKind::ScriptData),
        "plaintext" => TokenSinkResult::Plaintext,
        _ => TokenSinkResult::Continue,
    }
}

impl State {
    fn text(&mut self, text: &str) {
        match (&self.hidden, self.in_title) {
            (Some(_), _) => {}
            (None, true) => self.title.push(text),
            (None, false) => self.text.push(text),
        }
    }

    fn start(&mut self, tag: &Tag) {
        let name: &str = &tag.name;
        if VOID.contains(&name) {
            self.text.line |= name == "br" || name == "hr";
            return;
        }
        let hides = UNSEEN.contains(&name) || is_hidden(tag);
        if let Some((hiding, depth)) = &mut self.hidden {
            if hiding != name {
                return;
            }
            // Where the end of an element may be left out, the next of its kind takes its place.
            if !IMPLIED.contains(&name) {
                *depth += 1;
                return;
            }
            self.hidden = None;
        }
        if hides {
            self.hidden = Some((name.to_owned(), 1));
            return;
        }
        self.edge(name);
        self.in_title = name == "title" && !self.titled;
        if name == "a" {
            self.contacts
                .extend(attribute(tag, "href").and_then(contact).filter(|new| !self.contacts.contains(new)));
        }
    }

    fn end(&mut self, name: &str) {
        if let Some((hiding, depth)) = &mut self.hidden {
            if hiding == name {
                *depth -= 1;
                if *depth == 0 {
                    self.hidden = None;
                }
            }
            return;
        }
        self.edge(name);
        if name == "title" && self.in_title {
            (self.in_title, self.titled) = (false, true);
        }
    }

    /// The edge of an element parts what stands before and after it.
    fn edge(&mut self, name: &str) {
        self.text.line |= BLOCKS.contains(&name);
        self.text.space |= name == "td" || name == "th";
    }
}

fn attribute<'a>(tag: &'a Tag, name: &str) -> Option<&'a str> {
    tag.attrs.iter().find(|attribute| &*attribute.name.local == name).map(|attribute| &*attribute.value)
}

fn is_hidden(tag: &Tag) -> bool {
    let style = attribute(tag, "style").unwrap_or_default().to_lowercase().replace(char::is_whitespace, "");
    attribute(tag, "hidden").is_some()
        || style.contains("display:none")
        || style.contains("visibility:hidden")
}

/// The phone or address that a link names.
fn contact(link: &str) -> Option<String> {
    let (scheme, rest) = link.trim().split_once(':')?;
    let known = ["tel", "sms", "mailto"].iter().any(|known| scheme.eq_ignore_ascii_case(known));
    let rest = rest.split(['?', ';']).next().unwrap_or_default().trim();
    (known && !rest.is_empty() && rest.len() < 200).then(|| rest.replace("%20", " ").replace("%2B", "+"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(markup: &str, title: &str, text: &str) {
        let page = read(markup);
        assert_eq!((page.title.as_str(), page.text.as_str()), (title, text), "{markup}");
    }

    #[test]
    fn a_page_says_what_a_reader_sees() {
        check("<title> In&amp;out\n</title><p>one<p>two<br>three", "In&out", "one\ntwo\nthree");
        check("a<script>if (a<b) '</p>'</script><style>p{}</style>b", "", "ab");
        check("<div hidden>x<div>y</div>z</div>seen", "", "seen");
        check("<p style='Display: None'>x<p>seen", "", "seen");
        check("<template><p>x</p></template><noscript>y</noscript>&eacute;&#8364;", "", "\u{e9}\u{20ac}");
        check("<tr><td>a</td><td>b</td></tr><tr><td>c", "", "a b\nc");
        check("<svg><title>icon</title></svg>x<!-- no --><textarea>t</textarea>", "", "xt");
        check("no markup at all", "", "no markup at all");
        let page =
            read("<a href='tel:+1-704-555-0142'>call</a><a href='mailto:a@example.org?subject=x'>write</a>");
        assert_eq!(page.contacts, ["+1-704-555-0142", "a@example.org"]);
    }

    #[test]
    fn a_tag_without_end_is_given_up() {
        let markup = format!("<p>seen</p><a {}", "b1 ".repeat(200_000));
        let page = read(&markup);
        assert!(page.cut && page.text == "seen");
        let picture = format!("<p>seen<img src='data:image/png;base64,{}'>too", "A".repeat(500_000));
        assert_eq!(read(&picture).text, "seentoo");
    }

    proptest! {
        #[test]
        fn any_markup_is_answered(markup in "(<[/!]?[a-z]{0,6}( [a-z='\"]{0,6})?>?|[a-z&;# ]{0,6}|<script>|</script>|<!--|-->|<p hidden>){0,40}") {
            let page = read(&markup);
            prop_assert!(page.text.len() <= markup.len() * 2);
        }
    }
}

//! The columns of each kind of file: their names in both languages, and what a header means by its own.

use super::{Faults, Kind};
use crate::domain::fold::words;
use crate::error::Result;
use crate::locale::{Lang, Message};

/// How alike two names are, from 0 to 1, of which one is held to be a slip of the other.
const NEAR: f64 = 0.7;

/// A column that a file may have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// The word by which the program knows it.
    pub key: String,
    /// Whether a file must have it.
    pub is_required: bool,
    /// Its name in Vietnamese and in English.
    pub titles: [String; 2],
}

impl Column {
    /// Its name in a language.
    pub fn title(&self, lang: Lang) -> &str {
        let [vi, en] = &self.titles;
        match lang {
            Lang::Vi => vi,
            Lang::En => en,
        }
    }

    /// Names that mean it, without case, marks, blanks and signs.
    fn names(&self) -> impl Iterator<Item = String> {
        std::iter::once(&self.key).chain(&self.titles).map(|name| bare(name))
    }
}

/// A sentence that names a column in its own language.
fn titled(message: Message, column: &Column) -> Message {
    let [vi, en] = &column.titles;
    message.with("title-vi", vi).with("title-en", en)
}

fn bare(name: &str) -> String {
    words(name).replace(' ', "")
}

/// The columns that a file may have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Columns(Vec<Column>);

impl Columns {
    /// Those of a kind, with one for each question besides where the file holds answers.
    pub fn of(kind: Kind, questions: Vec<Column>) -> Self {
        let column = |key: &&str, is_required: bool| {
            let title = |lang: Lang| lang.text(&format!("import.column.{}.{key}", kind.key()));
            Column { key: (*key).to_owned(), is_required, titles: Lang::ALL.map(title) }
        };
        let required = kind.required().iter().map(|key| column(key, true));
        let optional = kind.optional().iter().map(|key| column(key, false));
        Self(required.chain(optional).chain(questions).collect())
    }

    /// The columns in order, those that must be there first.
    pub fn iter(&self) -> impl Iterator<Item = &Column> {
        self.0.iter()
    }

    /// The column that a name means.
    fn named(&self, name: &str) -> Option<&Column> {
        let name = Some(bare(name)).filter(|name| !name.is_empty())?;
        let is_key = |column: &&Column| bare(&column.key) == name;
        self.iter().find(is_key).or_else(|| self.iter().find(|column| column.names().any(|one| one == name)))
    }

    /// The column that a name most likely means.
    fn near(&self, name: &str) -> Option<&Column> {
        let name = bare(name);
        let alike = |column: &Column| {
            let alike = column.names().map(|one| strsim::normalized_damerau_levenshtein(&one, &name));
            alike.fold(0.0, f64::max)
        };
        let best =
            self.iter().map(|column| (alike(column), column)).max_by(|one, other| one.0.total_cmp(&other.0));
        best.filter(|(alike, _)| *alike >= NEAR).map(|(_, column)| column)
    }

    /// What the names in the first row mean; all that is wrong with them is told at once, since each column
    /// that is missing would make a fault of each line.
    ///
    /// # Errors
    /// Invalid with every column that is missing, unknown or there twice.
    pub(super) fn header(&self, line: u64, mut titles: Vec<String>) -> Result<Header> {
        let named = titles.iter().rposition(|title| !title.is_empty()).map_or(0, |last| last + 1);
        titles.truncate(named);
        let meant: Vec<Option<&Column>> = titles.iter().map(|title| self.named(title)).collect();
        let mut faults = Faults::default();
        let found = titles.join(", ");
        for column in self.iter().filter(|column| column.is_required && !meant.contains(&Some(*column))) {
            let message = Message::new("import.missing-column").with("found", &found);
            faults.at(line, &column.key, titled(message, column));
        }
        for (place, (title, column)) in titles.iter().zip(&meant).enumerate() {
            match column {
                None => faults.at(line, title, self.unknown(title)),
                Some(_) if meant.iter().take(place).any(|earlier| earlier == column) => {
                    faults.at(line, title, Message::new("import.twice-column").with("found", title));
                }
                Some(_) => (),
            }
        }
        faults.none()?;
        let keys =
            meant.into_iter().map(|column| column.map_or_else(String::new, |column| column.key.clone()));
        Ok(Header { keys: keys.collect(), titles })
    }

    fn unknown(&self, title: &str) -> Message {
        let message = match self.near(title).filter(|_| !title.is_empty()) {
            Some(near) => {
                let message = Message::new("import.near-column").with("near", &near.key);
                titled(message, near)
            }
            None => {
                let keys: Vec<&str> = self.iter().map(|column| column.key.as_str()).collect();
                Message::new("import.unknown-column").with("expected", keys.join(", "))
            }
        };
        message.with("found", title)
    }
}

/// What the columns of a file mean.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Header {
    keys: Vec<String>,
    titles: Vec<String>,
}

impl Header {
    pub(super) fn width(&self) -> usize {
        self.keys.len()
    }

    pub(super) fn place(&self, key: &str) -> Option<usize> {
        self.keys.iter().position(|one| one == key)
    }

    pub(super) fn key(&self, place: usize) -> Option<&str> {
        self.keys.get(place).map(String::as_str)
    }

    /// The name that the file gives a column, or else its key.
    pub(super) fn title<'a>(&'a self, key: &'a str) -> &'a str {
        self.place(key).and_then(|place| self.titles.get(place)).map_or(key, String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Error;

    fn header(names: &[&str]) -> Result<Header> {
        Columns::of(Kind::Dossiers, Vec::new())
            .header(1, names.iter().map(|name| (*name).to_owned()).collect())
    }

    #[test]
    fn a_header_is_known_by_its_letters_alone() {
        let read = header(&["MA DON VI", "Lĩnh  vực:", "month", "Số hồ sơ đã giải quyết", ""]).unwrap();

        assert_eq!(read.keys, ["unit_code", "field", "month", "settled"]);
        assert_eq!(read.title("settled"), "Số hồ sơ đã giải quyết");
    }

    #[test]
    fn a_header_is_told_what_it_may_have_meant() {
        let Err(Error::Invalid(faults)) =
            header(&["Mã đơn vị", "Lĩnh vực", "Thang nam", "setled", "month", "month"])
        else {
            panic!("expected faults")
        };

        let told: Vec<_> = faults.iter().map(|fault| (fault.field.as_str(), fault.message.key())).collect();
        assert_eq!(
            told,
            [
                ("settled", "import.missing-column"),
                ("Thang nam", "import.unknown-column"),
                ("setled", "import.near-column"),
                ("month", "import.twice-column"),
            ]
        );
    }
}

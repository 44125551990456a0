//! What a request says of a sheet: its format, and the codes of a unit or exactly those of a list.

use chrono::NaiveDate;

use super::{Format, open_links, sees, served};
use crate::app::catalogue::Snapshot;
use crate::domain::link::Link;
use crate::error::{Error, Result};
use crate::locale::Message;
use crate::web::actor::{Actor, Words, encode};
use crate::web::console::link_list::Filter;
use crate::web::state::State;

/// What a request for a sheet says.
#[derive(Debug, Clone)]
pub struct Asked {
    /// What is printed.
    pub format: Format,
    /// Code of the unit to which the sheet is limited.
    unit: Option<String>,
    /// The list of which it shows each code that can be printed.
    listed: Option<Filter>,
}

impl Asked {
    /// Reads an address or a form.
    ///
    /// # Errors
    /// Invalid for an unknown format.
    pub fn of(words: &Words) -> Result<Self> {
        let word = |name: &str| words.get(name).map(|text| text.trim()).filter(|text| !text.is_empty());
        let listed = word("listed").map(|_| Filter::of(words));
        let unit = word("unit").filter(|_| listed.is_none()).map(str::to_owned);
        Ok(Self { format: format(word("format"))?, unit, listed })
    }

    /// What it says besides the format, as names and values.
    pub fn kept(&self) -> Vec<(&'static str, String)> {
        let mut kept: Vec<(&'static str, String)> =
            self.unit.iter().map(|unit| ("unit", unit.clone())).collect();
        if let Some(filter) = &self.listed {
            kept.push(("listed", "1".to_owned()));
            let words = filter.words().filter(|(_, value)| !value.is_empty());
            kept.extend(words.map(|(name, value)| (name, value.to_owned())));
        }
        kept
    }

    /// The same as the end of an address.
    pub fn query(&self) -> String {
        let kept = self.kept();
        kept.iter().map(|(name, value)| format!("&{name}={}", encode(value))).collect()
    }

    /// The codes, those of a counter beside one another.
    ///
    /// # Errors
    /// Not found for a unit that is not there, and where there is no code to print; those of the database.
    pub async fn links<'a>(
        &self,
        state: &State,
        actor: &Actor,
        snapshot: &'a Snapshot,
        today: NaiveDate,
    ) -> Result<Vec<&'a Link>> {
        let Some(filter) = &self.listed else {
            return open_links(snapshot, &actor.person, self.unit.as_deref(), today);
        };
        let (lines, _) = filter.lines(state, actor, snapshot, today).await?;
        let lines = lines.iter().filter(|line| line.is_printable()).map(|line| line.link);
        let mut links: Vec<&Link> = lines.filter(|link| sees(snapshot, &actor.person, link)).collect();
        if links.is_empty() {
            return Err(Error::NotFound(Message::new("print.no-link")));
        }
        links.sort_by_cached_key(|link| (served(snapshot, link), link.counter, link.id));
        Ok(links)
    }
}

fn format(text: Option<&str>) -> Result<Format> {
    let Some(text) = text else {
        return Ok(Format::default());
    };
    Format::from_key(text).ok_or_else(|| {
        let expected = Format::ALL.map(Format::key).join(", ");
        let message = Message::new("error.expected-one-of").with("expected", expected).with("found", text);
        Error::invalid("format", message)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_format_of_a_sheet_keeps_which_codes_it_shows() {
        let words = |pairs: &[(&str, &str)]| -> Words {
            pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
        };
        let of_unit = Asked::of(&words(&[("unit", "24781"), ("format", "stickers")])).unwrap();
        assert_eq!((of_unit.format, of_unit.query()), (Format::Stickers, "&unit=24781".to_owned()));
        let listed =
            Asked::of(&words(&[("listed", "1"), ("unit", "7"), ("q", "quầy 1"), ("life", "")])).unwrap();
        assert_eq!(listed.query(), "&listed=1&q=qu%E1%BA%A7y%201&unit=7");
        assert!(Asked::of(&words(&[("format", "a3")])).is_err());
    }
}

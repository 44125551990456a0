//! Forms that make something, each carried out once however often it is sent: by a double click, over a slow
//! network, or after going back.

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

use super::token::Token;
use crate::config::Secret;
use crate::db;
use crate::db::conn::Conn;
use crate::domain::hex::hex;
use crate::domain::person::Actor;
use crate::error::{Error, Result};

/// A form as it was sent: the same page, address and contents are the same form. What somebody changed after
/// going back is another one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Submission {
    id: String,
}

impl Submission {
    /// The form that was sent to a path with these names and values, among them the proof of its page, of which
    /// half is random and drawn anew for each page.
    pub fn of<'a>(path: &str, fields: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let mut fields: Vec<(&str, &str)> = fields.into_iter().collect();
        fields.sort_unstable();
        let mut hash = Sha256::new_with_prefix(path);
        for (name, value) in fields {
            // A length before each part tells (a, bc) from (ab, c).
            for part in [name, value] {
                hash.update(part.len().to_be_bytes());
                hash.update(part);
            }
        }
        Self { id: hex(&hash.finalize()) }
    }

    /// The secret that this form hands out, the same each time it is sent: whoever clicks twice sees the second
    /// page alone. Without the key of the installation nobody can derive it.
    ///
    /// # Errors
    /// Internal, should the hash refuse the key.
    pub fn token(&self, secret: &Secret) -> Result<Token> {
        let mac = Hmac::<Sha256>::new_from_slice(&secret.derive("submission")).map_err(Error::internal)?;
        Ok(Token::from(<[u8; 32]>::from(mac.chain_update(&self.id).finalize().into_bytes())))
    }
}

/// Carries a form out, or says where it led when it was sent before. What it makes, its audit row and the note
/// of where it led are one transaction: a form that failed can be sent again.
///
/// # Errors
/// Those of `work`; those of the database.
pub fn once(
    conn: &mut Conn,
    actor: &Actor,
    sent: &Submission,
    work: impl FnOnce(&mut Conn) -> Result<String>,
) -> Result<String> {
    if !db::submissions::insert_if_missing(conn, &sent.id, actor.audit_name())? {
        let lost = || Error::internal("a form was sent before and led nowhere");
        return place(conn, actor, sent)?.ok_or_else(lost);
    }
    let place = work(conn)?;
    db::submissions::save_place(conn, &sent.id, &place)?;
    Ok(place)
}

/// Where a form led, if it was carried out before.
///
/// # Errors
/// Those of the database.
pub fn place(conn: &mut Conn, actor: &Actor, sent: &Submission) -> Result<Option<String>> {
    db::submissions::place(conn, &sent.id, actor.audit_name())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_the_same_only_with_the_same_page_address_and_contents() {
        let form = Submission::of("/a", [("csrf", "1"), ("name", "x")]);
        assert_eq!(form, Submission::of("/a", [("name", "x"), ("csrf", "1")]));
        for other in [
            Submission::of("/b", [("csrf", "1"), ("name", "x")]),
            Submission::of("/a", [("csrf", "2"), ("name", "x")]),
            Submission::of("/a", [("csrf", "1"), ("name", "y")]),
            Submission::of("/a", [("csrf", "1"), ("namex", "")]),
        ] {
            assert_ne!(form, other);
        }
        let folder = tempfile::tempdir().unwrap();
        let secret = Secret::load_or_create(&folder.path().join("secret")).unwrap();
        let text = |form: &Submission| form.token(&secret).unwrap().to_text();
        assert_eq!(text(&form), text(&form));
        assert_ne!(text(&form), text(&Submission::of("/b", [("csrf", "1"), ("name", "x")])));
    }
}

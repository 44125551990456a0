//! SQL types that the two databases name differently: random ids and small documents.

use diesel::backend::Backend;
use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::expression::AsExpression;
use diesel::pg::Pg;
use diesel::query_builder::QueryId;
use diesel::serialize::{self, IsNull, Output, ToSql};
use diesel::sql_types::{HasSqlType, SqlType};
use diesel::sqlite::Sqlite;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::conn::MultiBackend;

/// `uuid` in PostgreSQL, a blob of 16 bytes in SQLite.
#[derive(Debug, Clone, Copy, SqlType, QueryId)]
#[diesel(postgres_type(name = "uuid"), sqlite_type(name = "Binary"))]
pub struct Id;

/// `jsonb` in PostgreSQL, text in SQLite.
#[derive(Debug, Clone, Copy, SqlType, QueryId)]
#[diesel(postgres_type(name = "jsonb"), sqlite_type(name = "Text"))]
pub struct Document;

/// A random id as a column holds it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, AsExpression, FromSqlRow)]
#[diesel(sql_type = Id)]
pub struct StoredId(pub uuid::Uuid);

/// A document as a column holds it: JSON text.
#[derive(Debug, Clone, PartialEq, Eq, AsExpression, FromSqlRow)]
#[diesel(sql_type = Document)]
pub struct StoredDocument(String);

impl StoredDocument {
    /// Writes a value as a document.
    ///
    /// # Errors
    /// Internal, for a value that JSON cannot hold.
    pub fn of(value: &impl Serialize) -> crate::error::Result<Self> {
        serde_json::to_string(value).map(Self).map_err(crate::error::Error::internal)
    }

    /// Reads the value back.
    ///
    /// # Errors
    /// Internal, for a document of another shape.
    pub fn read<T: DeserializeOwned>(&self) -> crate::error::Result<T> {
        serde_json::from_str(&self.0).map_err(crate::error::Error::internal)
    }
}

impl ToSql<Id, Pg> for StoredId {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        std::io::Write::write_all(out, self.0.as_bytes())?;
        Ok(IsNull::No)
    }
}

impl ToSql<Id, Sqlite> for StoredId {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        out.set_value(self.0.as_bytes().as_slice());
        Ok(IsNull::No)
    }
}

impl FromSql<Id, Pg> for StoredId {
    fn from_sql(value: <Pg as Backend>::RawValue<'_>) -> deserialize::Result<Self> {
        Ok(Self(uuid::Uuid::from_slice(value.as_bytes())?))
    }
}

impl FromSql<Id, Sqlite> for StoredId {
    fn from_sql(value: <Sqlite as Backend>::RawValue<'_>) -> deserialize::Result<Self> {
        let bytes = <Vec<u8> as FromSql<diesel::sql_types::Binary, Sqlite>>::from_sql(value)?;
        Ok(Self(uuid::Uuid::from_slice(&bytes)?))
    }
}

impl ToSql<Document, Pg> for StoredDocument {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        // The wire form of jsonb is a version byte and the text.
        std::io::Write::write_all(out, &[1])?;
        std::io::Write::write_all(out, self.0.as_bytes())?;
        Ok(IsNull::No)
    }
}

impl ToSql<Document, Sqlite> for StoredDocument {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        out.set_value(self.0.as_str());
        Ok(IsNull::No)
    }
}

impl FromSql<Document, Pg> for StoredDocument {
    fn from_sql(value: <Pg as Backend>::RawValue<'_>) -> deserialize::Result<Self> {
        match value.as_bytes().split_first() {
            Some((1, text)) => Ok(Self(String::from_utf8(text.to_vec())?)),
            _ => Err("a jsonb value of an unknown version".into()),
        }
    }
}

impl FromSql<Document, Sqlite> for StoredDocument {
    fn from_sql(value: <Sqlite as Backend>::RawValue<'_>) -> deserialize::Result<Self> {
        <String as FromSql<diesel::sql_types::Text, Sqlite>>::from_sql(value).map(Self)
    }
}

macro_rules! on_both {
    ($sql:ident, $value:ident) => {
        impl HasSqlType<$sql> for MultiBackend {
            fn metadata(lookup: &mut Self::MetadataLookup) -> Self::TypeMetadata {
                Self::lookup_sql_type::<$sql>(lookup)
            }
        }

        impl FromSql<$sql, MultiBackend> for $value {
            fn from_sql(value: <MultiBackend as Backend>::RawValue<'_>) -> deserialize::Result<Self> {
                value.from_sql::<Self, $sql>()
            }
        }

        impl ToSql<$sql, MultiBackend> for $value {
            fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, MultiBackend>) -> serialize::Result {
                out.set_value(($sql, self));
                Ok(IsNull::No)
            }
        }
    };
}

on_both!(Id, StoredId);
on_both!(Document, StoredDocument);

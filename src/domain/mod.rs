//! Rules on values: no input or output, no database, no web.

pub mod answer;
pub mod api_key;
pub mod chain;
pub mod code;
pub mod comment;
pub mod day;
pub mod flags;
pub mod fold;
pub mod hex;
pub mod ids;
pub mod index;
pub mod level;
pub mod link;
pub mod mask;
pub mod number;
pub mod period;
pub mod person;
pub mod procedure;
pub mod questionnaire;
pub mod rhythm;
pub mod rollup;
pub mod suppress;
pub mod tally;
pub mod target;
pub mod unit;
pub mod versions;

//! Rules on values: no input or output, no database, no web.

pub mod answer;
pub mod api_key;
pub mod batch;
pub mod chain;
pub mod code;
pub mod day;
pub mod flags;
pub mod hex;
pub mod ids;
pub mod index;
pub mod keyed;
pub mod level;
pub mod link;
pub mod number;
pub mod period;
pub mod person;
pub mod procedure;
pub mod questionnaire;
pub mod rollup;
pub mod suppress;
pub mod tally;
pub mod target;
pub mod unit;

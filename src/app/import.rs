//! Imports of lists that offices keep as CSV or XLSX: all or nothing, every fault reported at once.

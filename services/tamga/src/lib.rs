//! tamga

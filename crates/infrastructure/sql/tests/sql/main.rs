//! The store on real databases.
mod conformance;

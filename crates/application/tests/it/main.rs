//! The use cases over a real store, real hashing and real tokens; only the time and chance are the tests' own.
#[cfg(test)]
mod access;
#[cfg(test)]
mod accounts;
#[cfg(test)]
mod audit;
#[cfg(test)]
mod audit_chain;
#[cfg(test)]
mod audit_prune;
#[cfg(test)]
mod audit_shipping;
#[cfg(test)]
mod client_apps;
#[cfg(test)]
mod factors;
#[cfg(test)]
mod keys;
#[cfg(test)]
mod limits;
#[cfg(test)]
mod mails;
#[cfg(test)]
mod provider_registry;
#[cfg(test)]
mod providers;
#[cfg(test)]
mod recorded;
#[cfg(test)]
mod remembering;
#[cfg(test)]
mod roles;
#[cfg(test)]
mod sealing;
#[cfg(test)]
mod sessions;
#[cfg(test)]
mod sign_in;
#[cfg(test)]
mod system;
#[cfg(test)]
mod trail;
#[cfg(test)]
mod usage;
#[cfg(test)]
mod world;

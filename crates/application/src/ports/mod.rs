//! Both rows of ports.
pub mod inbound;
pub mod outbound;

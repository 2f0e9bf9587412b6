//! Tests of several [`Node`](super::node::Node)s.

mod anything;
mod scenes;
mod world;

//! Tests of [`Node`](super::node::Node) with others.

mod anything;
mod scenes;
mod world;

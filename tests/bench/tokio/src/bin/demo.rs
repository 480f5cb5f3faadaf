// SPDX-License-Identifier: MIT
//! The three phases of edo's demo on Tokio's multi-thread runtime: await one fetch, spawn three
//! tasks and join them, process three items in a loop. 550 ms, if nothing took any time.
mod phases {
    include!("../phases.rs");
}

#[tokio::main]
async fn main() {
    phases::run().await;
}

// SPDX-License-Identifier: MIT
//! The same as demo.rs, on the current-thread runtime.
mod phases {
    include!("../phases.rs");
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    phases::run().await;
}

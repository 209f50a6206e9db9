//! The command line beside a running server: its changes take effect within one second.
use std::time::{Duration, Instant};

use crate::client::access;
use crate::place::{Kind, PASSWORD, Place};

on_both_databases! {
    a_user_disabled_at_the_command_line_is_signed_out_within_a_second;
}

fn a_user_disabled_at_the_command_line_is_signed_out_within_a_second(kind: Kind) {
    let place = Place::on(kind);
    let server = place.start();
    server.client.register("ann@example.com", PASSWORD);
    let tokens = server.client.sign_in("ann@example.com", PASSWORD);
    let status = || server.client.get("/api/v1/users/me").bearer(access(&tokens)).send().status;
    assert_eq!(status(), 200);
    let done = place.command(&["user", "disable", "ann@example.com"]).output().expect("the binary can be started");
    assert!(done.status.success(), "{done:?}");
    let begun = Instant::now();
    while status() != 401 {
        assert!(begun.elapsed() < Duration::from_secs(1), "the token still works");
    }
    println!("effective after {:?} on {kind:?}", begun.elapsed());
}

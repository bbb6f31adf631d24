//! The binary as a process: it survives being killed, and says what to do where it cannot start.

use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Stdio};

use user_profile::{Store, seed};

fn binary(data: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_user-profile"));
    command
        .env_clear()
        .env("USER_PROFILE_DATA", data)
        .env("PORT", "0")
        .env("ADMIN_PORT", "0");
    command.stdin(Stdio::null());
    command
}

#[test]
fn a_first_start_that_is_killed_is_finished_by_the_next_one() {
    let directory = tempfile::tempdir().expect("a directory");
    let data = directory.path().join("killed.redb");
    // Each start is killed at another moment: at once, and while the batch after those that it tells of is written.
    for batches in [0, 1, 2, 3] {
        let mut command = binary(&data);
        command
            .env("RUST_LOG", "user_profile=debug")
            .stdout(Stdio::null())
            .stderr(Stdio::piped());
        let mut process = command.spawn().expect("the binary starts");
        let log = BufReader::new(process.stderr.take().expect("its log"));
        let told = log
            .lines()
            .map_while(Result::ok)
            .filter(|line| line.contains("a batch was written"));
        assert_eq!(told.take(batches).count(), batches);
        process.kill().expect("it is killed");
        process.wait().expect("it ended");
    }
    let store = Store::open(&data).expect("a store");
    seed::fill(&store, seed::SEED_SIZE).expect("a seed");
    let rows = store.accounts().list(None, usize::MAX).expect("a listing").rows;
    assert_eq!(rows.len() as u64, seed::SEED_SIZE);
    for (id, row) in rows {
        assert_eq!(row, seed::record(id - 1), "user {id}");
    }
}

#[track_caller]
fn check_refused(command: &mut Command, expected: &str) {
    let output = command.output().expect("the binary ends by itself");
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success());
    assert!(text.contains(expected), "{text}");
}

#[test]
fn what_hinders_the_start_is_told_with_the_variable_that_helps() {
    let directory = tempfile::tempdir().expect("a directory");
    let data = directory.path().join("users.redb");
    let taken = TcpListener::bind("127.0.0.1:0").expect("a listener");
    let port = taken.local_addr().expect("an address").port().to_string();
    check_refused(
        binary(&data).env("PORT", &port),
        "set PORT or ADDR to another one",
    );
    check_refused(
        binary(&data).env("ADMIN_PORT", &port),
        "set ADMIN_PORT or ADMIN_ADDR to another one",
    );
    check_refused(
        binary(&data).env("PORT", "http"),
        "PORT is `http`, which is not a port",
    );
    let _store = Store::open(&data).expect("a store");
    check_refused(&mut binary(&data), "or set USER_PROFILE_DATA to another file");
}

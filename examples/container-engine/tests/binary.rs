//! The binary as a process: it serves every version, ends well, and says what to do where it cannot start.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};

fn binary() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_container-engine"));
    command.env_clear().env("PORT", "0").env("ADMIN_PORT", "0");
    command.stdin(Stdio::null());
    command
}

/// A process that does not outlive its test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[track_caller]
fn get(address: &str, path: &str) -> String {
    let mut stream = TcpStream::connect(address).expect("it listens");
    write!(
        stream,
        "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n"
    )
    .expect("a request");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer");
    answer
}

#[test]
fn it_serves_every_version_until_it_is_told_to_end() {
    let mut running = Running(
        binary()
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the binary starts"),
    );
    let mut line = String::new();
    let output = running.0.stdout.take().expect("its output");
    BufReader::new(output).read_line(&mut line).expect("a line");
    let address = line
        .strip_prefix("container-engine answers on http://")
        .and_then(|rest| rest.split(',').next())
        .expect("an address");
    for version in 40..=52 {
        let answer = get(address, &format!("/v{version}/images/json?all=true"));
        assert!(answer.starts_with("HTTP/1.1 200 "), "{version}: {answer}");
        assert_eq!(
            answer.contains("VirtualSize"),
            version < 44,
            "{version}: {answer}"
        );
        assert_eq!(answer.contains("<none>"), version < 43, "{version}: {answer}");
    }
    let newest = get(address, "/_ping");
    assert!(newest.to_lowercase().contains("api-version: 52.0.0"), "{newest}");

    let id = running.0.id().to_string();
    let told = Command::new("kill")
        .args(["-TERM", &id])
        .status()
        .expect("a signal");
    assert!(told.success());
    assert!(running.0.wait().expect("it ends").success());
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
    let taken = TcpListener::bind("127.0.0.1:0").expect("a listener");
    let port = taken.local_addr().expect("an address").port().to_string();
    check_refused(binary().env("PORT", &port), "set PORT or ADDR to another one");
    let text = "set ADMIN_PORT or ADMIN_ADDR to another one";
    check_refused(binary().env("ADMIN_PORT", &port), text);
    check_refused(
        binary().env("PORT", "http"),
        "PORT is `http`, which is not a port",
    );
}

//! The README's commands, as they stand there: the main job is started, the lines that it prints are pasted, Ctrl-C ends it.

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use crate::run::{Outcome, root, target};

/// How long the main job may take to print its lines; it builds nothing by then.
const PATIENCE: Duration = Duration::from_mins(5);

/// How long it may take to drain after Ctrl-C; nothing is under way by then.
const DRAIN: Duration = Duration::from_mins(1);

/// Checks both commands.
pub(crate) fn run() -> Outcome {
    let readme =
        std::fs::read_to_string(root().join("README.md")).map_err(|error| format!("README.md: {error}"))?;
    let [main_job, tests] = commands(&readme)?;
    if tests != "cargo xtask ci" {
        return Err(format!(
            "the README's test command is `{tests}`, not `cargo xtask ci`"
        ));
    }
    // Built before it is started, so that waiting is not building.
    shell(&main_job.replace("cargo run", "cargo build"))?;
    if shell("command -v curl").is_err() {
        // A bare machine: the lines to paste need it.
        shell("apt-get update && apt-get install -y --no-install-recommends curl")
            .map_err(|error| format!("curl is needed for the lines of the main job, install it: {error}"))?;
    }
    println!("$ {main_job}");
    let mut job = start(&main_job)?;
    let pasted = paste(&mut job).and_then(|greeting| rule(&greeting));
    let ended = interrupt(&mut job);
    pasted.and(ended)
}

/// The lines of the example's own README, as they stand there, but for the addresses and the token of this process.
fn rule(greeting: &Greeting) -> Outcome {
    let page = root().join("examples/user-profile/README.md");
    let page = std::fs::read_to_string(&page).map_err(|error| format!("{}: {error}", page.display()))?;
    let block = page
        .split("## One rule")
        .nth(1)
        .and_then(|rest| rest.split("```sh\n").nth(1)?.split("\n```").next());
    let lines: Vec<String> = block
        .ok_or("the example's README has no lines below `One rule`")?
        .lines()
        .map(|line| {
            line.replace("http://127.0.0.1:8080", &greeting.address)
                .replace("http://127.0.0.1:8081", &greeting.admin)
                .replace("$TOKEN", &greeting.token)
        })
        .collect();
    let [put, without, with, explain] = &lines[..] else {
        return Err(format!(
            "four lines were expected below `One rule`, not {}",
            lines.len()
        ));
    };
    expect(&shell(put)?, &["\"epoch\":3", "\"name\":\"beta\""])?;
    expect(&shell(without)?, &["200", "api-serving-version: 1.1.0"])?;
    expect(&shell(with)?, &["200", "api-serving-version: 2.0.0"])?;
    expect(
        &shell(explain)?,
        &[
            "\"rule\":\"beta\"",
            "\"serving\":\"2.0.0\"",
            "\"dye\":\"plan:beta\"",
        ],
    )
}

/// What the main job says of itself.
struct Greeting {
    address: String,
    admin: String,
    token: String,
}

impl Greeting {
    /// Reads it from the lines before those to paste.
    fn read(lines: &[String]) -> Result<Self, String> {
        let after = |mark: &str| {
            let rest = lines.iter().find_map(|line| line.split(mark).nth(1));
            let word = rest.and_then(|rest| rest.split([',', ' ']).next());
            word.map(str::to_owned)
                .ok_or_else(|| format!("the job does not say `{mark}…`:\n{}", lines.join("\n")))
        };
        Ok(Self {
            address: after("answers on ")?,
            admin: after("admin interface on ")?,
            token: after("the token of this process is ")?,
        })
    }
}

/// The two commands of the first screen: the first two fenced `sh` blocks, one line each.
fn commands(readme: &str) -> Result<[String; 2], String> {
    let mut blocks = readme
        .split("```sh\n")
        .skip(1)
        .filter_map(|rest| rest.split("```").next());
    let mut next = || blocks.next().map(|block| block.trim().to_owned());
    match (next(), next()) {
        (Some(main_job), Some(tests)) if !main_job.contains('\n') && !tests.contains('\n') => {
            Ok([main_job, tests])
        }
        _ => Err(
            "the README begins with two `sh` blocks of one line each: the main job and the tests".to_owned(),
        ),
    }
}

/// Starts the main job on free ports, over a fresh database.
fn start(command: &str) -> Result<Child, String> {
    let data = target().join("readme/user-profile.redb");
    let _ = std::fs::remove_file(&data);
    std::fs::create_dir_all(target().join("readme")).map_err(|error| error.to_string())?;
    Command::new("sh")
        .args(["-c", &format!("exec {command}")])
        .current_dir(root())
        .env("PORT", "0")
        .env("ADMIN_PORT", "0")
        .env("USER_PROFILE_DATA", data)
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|error| format!("`{command}` cannot be run: {error}"))
}

/// Pastes the four lines that the job prints, in order, the last one also before the third.
fn paste(job: &mut Child) -> Result<Greeting, String> {
    let stdout = job.stdout.take().ok_or("the job has no output")?;
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        for line in BufReader::new(stdout).lines().map_while(Result::ok) {
            if sender.send(line).is_err() {
                return;
            }
        }
    });
    let (mut lines, mut said) = (Vec::new(), Vec::new());
    while lines.len() < 4 {
        let line = receiver
            .recv_timeout(PATIENCE)
            .map_err(|_| "the job did not print four lines to paste".to_owned())?;
        if line.starts_with("curl ") || line.starts_with("for ") {
            lines.push(line);
        } else {
            said.push(line);
        }
    }
    let users = shell(&lines[0])?;
    expect(&users, &["\"name\":", "\"given_name\":"])?;
    expect(&shell(&lines[1])?, &["\"breaks\":", "\"migrations\":", "2.0.0"])?;
    let before = shell(&lines[3])?;
    expect(&before, &["200 api-serving-version: 1.1.0"])?;
    expect(&shell(&lines[2])?, &["\"epoch\":2", "\"2.0.0\":200000"])?;
    let after = shell(&lines[3])?;
    expect(
        &after,
        &["api-serving-version: 1.1.0", "api-serving-version: 2.0.0"],
    )?;
    let again = shell(&lines[3])?;
    if again == after {
        Greeting::read(&said)
    } else {
        Err(format!("users are not sticky:\n{after}\n{again}"))
    }
}

/// Ctrl-C; the job drains and ends well.
fn interrupt(job: &mut Child) -> Outcome {
    shell(&format!("kill -INT {}", job.id()))?;
    let begun = Instant::now();
    while begun.elapsed() < DRAIN {
        if let Some(status) = job.try_wait().map_err(|error| error.to_string())? {
            return if status.success() {
                Ok(())
            } else {
                Err(format!("the job did not end well after Ctrl-C: {status}"))
            };
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    // It must not outlive the step.
    let _ = job.kill();
    let _ = job.wait();
    Err(format!("the job did not end within {DRAIN:?} of Ctrl-C"))
}

fn shell(line: &str) -> Result<String, String> {
    println!("$ {line}");
    let mut child = Command::new("sh")
        .args(["-c", line])
        .current_dir(root())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|error| format!("`{line}` cannot be run: {error}"))?;
    let mut output = String::new();
    if let Some(stdout) = &mut child.stdout {
        stdout
            .read_to_string(&mut output)
            .map_err(|error| error.to_string())?;
    }
    let status = child.wait().map_err(|error| error.to_string())?;
    print!("{}", output.chars().take(600).collect::<String>());
    if status.success() {
        Ok(output)
    } else {
        Err(format!("`{line}` failed: {status}"))
    }
}

fn expect(output: &str, parts: &[&str]) -> Outcome {
    match parts.iter().find(|part| !output.contains(**part)) {
        None => Ok(()),
        Some(part) => Err(format!("`{part}` is missing in:\n{output}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(readme: &str, expected: Option<[&str; 2]>) {
        let found = commands(readme).ok();
        assert_eq!(found, expected.map(|pair| pair.map(str::to_owned)), "{readme}");
    }

    #[test]
    fn the_first_two_blocks_are_the_commands() {
        check("a\n```sh\nrun\n```\nb\n```sh\ntest\n```\n", Some(["run", "test"]));
        check(
            "```text\nx\n```\n```sh\nrun\n```\n```sh\ntest\n```\n```sh\nmore\n```\n",
            Some(["run", "test"]),
        );
        check("```sh\nrun\n```\n", None);
        check("```sh\nrun\nand\n```\n```sh\ntest\n```\n", None);
    }

    #[test]
    fn what_the_job_says_of_itself() {
        let said = |text: &str| Greeting::read(&text.lines().map(str::to_owned).collect::<Vec<_>>());
        let greeting = said(
            "x answers on http://a:1, its admin interface on http://b:2\nno …: the token of this process is 0f",
        );
        let greeting = greeting.map(|greeting| [greeting.address, greeting.admin, greeting.token]);
        assert_eq!(
            greeting,
            Ok(["http://a:1", "http://b:2", "0f"].map(str::to_owned))
        );
        assert!(said("x answers on http://a:1").is_err_and(|error| error.contains("admin interface")));
    }

    #[test]
    fn missing_parts_are_named() {
        assert_eq!(expect("a b", &["a", "b"]), Ok(()));
        assert!(expect("a b", &["a", "c"]).is_err_and(|error| error.contains("`c`")));
    }
}

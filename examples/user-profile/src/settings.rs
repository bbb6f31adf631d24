//! What the environment says about where to listen, where the data is, and who may move traffic.

use std::ffi::OsString;
use std::fmt::Write as _;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use thiserror::Error;

/// Where the data is if nobody says so, relative to the working directory.
const DEFAULT_DATA: &str = "data/user-profile.redb";

/// How the example runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// Where clients are answered: `ADDR`, or `PORT` of the loopback interface; 127.0.0.1:8080.
    pub address: SocketAddr,
    /// Where the admin interface is: `ADMIN_ADDR`, or `ADMIN_PORT` of the loopback interface; 127.0.0.1:8081.
    pub admin_address: SocketAddr,
    /// The file of the database: `USER_PROFILE_DATA`.
    pub data: PathBuf,
    /// Who may write the routing table.
    pub token: Token,
}

/// The token of the admin interface.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Token {
    /// The environment configures it, and the runtime reads it from there; the text is how a shell writes it.
    Configured(&'static str),
    /// Nobody configured one: a random one for this process. Only an example does so.
    MadeUp(String),
}

/// Why the example cannot run like this.
#[derive(Debug, Error)]
pub enum SettingsError {
    /// Not an address with a port.
    #[error("{variable} is `{value}`, which is not an address; write one such as `127.0.0.1:9000`")]
    Address {
        /// The variable.
        variable: &'static str,
        /// Its value.
        value: String,
    },
    /// Not a port.
    #[error("{variable} is `{value}`, which is not a port; write a number from 0 to 65535")]
    Port {
        /// The variable.
        variable: &'static str,
        /// Its value.
        value: String,
    },
    /// The system has no random numbers.
    #[error("no token could be made up; set VERSIONED_ADMIN_TOKEN to one of your own")]
    Random(#[source] getrandom::Error),
}

impl Settings {
    /// Reads the environment.
    pub fn from_env() -> Result<Self, SettingsError> {
        Self::from_variables(|name| std::env::var_os(name))
    }

    fn from_variables(variable: impl Fn(&str) -> Option<OsString>) -> Result<Self, SettingsError> {
        let variable = |name: &str| variable(name).filter(|value| !value.is_empty());
        let text = |name: &str| variable(name).map(|value| value.to_string_lossy().into_owned());
        Ok(Self {
            address: address(&text, "ADDR", "PORT", 8080)?,
            admin_address: address(&text, "ADMIN_ADDR", "ADMIN_PORT", 8081)?,
            data: variable("USER_PROFILE_DATA").map_or_else(|| DEFAULT_DATA.into(), PathBuf::from),
            token: if variable("VERSIONED_ADMIN_TOKEN").is_some() {
                Token::Configured("$VERSIONED_ADMIN_TOKEN")
            } else if variable("VERSIONED_ADMIN_TOKEN_FILE").is_some() {
                Token::Configured("$(cat \"$VERSIONED_ADMIN_TOKEN_FILE\")")
            } else {
                Token::MadeUp(random_token()?)
            },
        })
    }
}

impl Token {
    /// The token as it is written between the double quotes of a shell command; one that is configured is not shown.
    #[must_use]
    pub fn in_shell(&self) -> &str {
        match self {
            Token::Configured(reference) => reference,
            Token::MadeUp(token) => token,
        }
    }
}

fn address(
    text: &impl Fn(&str) -> Option<String>,
    whole: &'static str,
    port: &'static str,
    default: u16,
) -> Result<SocketAddr, SettingsError> {
    if let Some(value) = text(whole) {
        return value.parse().map_err(|_| SettingsError::Address {
            variable: whole,
            value,
        });
    }
    let number = match text(port) {
        Some(value) => value.parse().map_err(|_| SettingsError::Port {
            variable: port,
            value,
        })?,
        None => default,
    };
    Ok(SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), number))
}

fn random_token() -> Result<String, SettingsError> {
    let mut bytes = [0_u8; 16];
    getrandom::fill(&mut bytes).map_err(SettingsError::Random)?;
    Ok(bytes.iter().fold(String::new(), |mut token, byte| {
        // Writing to a string cannot fail.
        let _ = write!(token, "{byte:02x}");
        token
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(variables: &[(&str, &str)]) -> Result<Settings, SettingsError> {
        Settings::from_variables(|name| {
            variables
                .iter()
                .find(|(n, _)| *n == name)
                .map(|(_, value)| (*value).into())
        })
    }

    #[track_caller]
    fn check(variables: &[(&str, &str)], address: &str, admin_address: &str) {
        let settings = read(variables).expect("settings");
        assert_eq!(
            (settings.address.to_string(), settings.admin_address.to_string()),
            (address.into(), admin_address.into())
        );
    }

    #[test]
    fn addresses() {
        check(&[], "127.0.0.1:8080", "127.0.0.1:8081");
        check(
            &[("PORT", "9000"), ("ADMIN_PORT", "9001")],
            "127.0.0.1:9000",
            "127.0.0.1:9001",
        );
        check(
            &[("ADDR", "0.0.0.0:80"), ("PORT", "9000")],
            "0.0.0.0:80",
            "127.0.0.1:8081",
        );
        check(
            &[("PORT", ""), ("ADMIN_ADDR", "[::1]:1")],
            "127.0.0.1:8080",
            "[::1]:1",
        );
    }

    #[track_caller]
    fn check_refused(variable: &str, value: &str, expected: &str) {
        assert_eq!(
            read(&[(variable, value)]).expect_err("a refusal").to_string(),
            expected
        );
    }

    #[test]
    fn mistakes_name_the_variable() {
        check_refused(
            "PORT",
            "http",
            "PORT is `http`, which is not a port; write a number from 0 to 65535",
        );
        check_refused(
            "PORT",
            "65536",
            "PORT is `65536`, which is not a port; write a number from 0 to 65535",
        );
        let text = "ADMIN_ADDR is `localhost`, which is not an address; write one such as `127.0.0.1:9000`";
        check_refused("ADMIN_ADDR", "localhost", text);
    }

    #[test]
    fn tokens() {
        let made_up =
            |settings: &Settings| matches!(&settings.token, Token::MadeUp(token) if token.len() == 32);
        let (one, two) = (read(&[]).expect("settings"), read(&[]).expect("settings"));
        assert!(made_up(&one) && made_up(&two));
        assert_ne!(one.token, two.token);
        let configured = read(&[("VERSIONED_ADMIN_TOKEN", "secret")]).expect("settings");
        assert_eq!(configured.token.in_shell(), "$VERSIONED_ADMIN_TOKEN");
    }
}

//! What the environment says about where to listen.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use thiserror::Error;

/// How the example runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// Where clients are answered: `ADDR`, or `PORT` of the loopback interface; 127.0.0.1:8080.
    pub address: SocketAddr,
    /// Where the admin interface is: `ADMIN_ADDR`, or `ADMIN_PORT` of the loopback interface; 127.0.0.1:8081.
    pub admin_address: SocketAddr,
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
}

impl Settings {
    /// Reads the environment.
    pub fn from_env() -> Result<Self, SettingsError> {
        Self::from_variables(|name| Some(std::env::var_os(name)?.to_string_lossy().into_owned()))
    }

    fn from_variables(variable: impl Fn(&str) -> Option<String>) -> Result<Self, SettingsError> {
        let variable = |name: &str| variable(name).filter(|value| !value.is_empty());
        Ok(Self {
            address: address(&variable, "ADDR", "PORT", 8080)?,
            admin_address: address(&variable, "ADMIN_ADDR", "ADMIN_PORT", 8081)?,
        })
    }
}

fn address(
    variable: &impl Fn(&str) -> Option<String>,
    whole: &'static str,
    port: &'static str,
    default: u16,
) -> Result<SocketAddr, SettingsError> {
    if let Some(value) = variable(whole) {
        return value.parse().map_err(|_| SettingsError::Address {
            variable: whole,
            value,
        });
    }
    let number = match variable(port) {
        Some(value) => value.parse().map_err(|_| SettingsError::Port {
            variable: port,
            value,
        })?,
        None => default,
    };
    Ok(SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(variables: &[(&str, &str)], expected: Result<(&str, &str), &str>) {
        let read = Settings::from_variables(|name| {
            let found = variables.iter().find(|(key, _)| *key == name);
            found.map(|(_, value)| (*value).to_owned())
        });
        let read = read.map(|settings| (settings.address.to_string(), settings.admin_address.to_string()));
        let expected = expected.map(|(address, admin)| (address.to_owned(), admin.to_owned()));
        assert_eq!(
            read.map_err(|error| error.to_string()),
            expected.map_err(str::to_owned)
        );
    }

    #[test]
    fn addresses_and_ports() {
        check(&[], Ok(("127.0.0.1:8080", "127.0.0.1:8081")));
        check(
            &[("PORT", "0"), ("ADMIN_PORT", "9001")],
            Ok(("127.0.0.1:0", "127.0.0.1:9001")),
        );
        check(
            &[("ADDR", "[::1]:80"), ("PORT", "9000")],
            Ok(("[::1]:80", "127.0.0.1:8081")),
        );
        check(
            &[("PORT", ""), ("ADMIN_ADDR", "")],
            Ok(("127.0.0.1:8080", "127.0.0.1:8081")),
        );
    }

    #[test]
    fn mistakes_name_the_variable() {
        let text = "ADMIN_PORT is `65536`, which is not a port; write a number from 0 to 65535";
        check(&[("ADMIN_PORT", "65536")], Err(text));
        let text = "ADDR is `here`, which is not an address; write one such as `127.0.0.1:9000`";
        check(&[("ADDR", "here")], Err(text));
    }
}

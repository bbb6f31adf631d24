//! What the example prints at its start: where it is, and four lines to paste into a shell.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use crate::USER_KEY_HEADER;
use crate::settings::Token;

/// The greeting of a running example; its [`fmt::Display`] is the text.
#[derive(Debug, Clone)]
pub struct Greeting {
    /// Where clients are answered.
    pub address: SocketAddr,
    /// Where the admin interface is.
    pub admin_address: SocketAddr,
    /// Who may write the routing table.
    pub token: Token,
}

impl Greeting {
    /// What the lines show, and the lines; each works in any POSIX shell.
    #[must_use]
    pub fn lines(&self) -> [(&'static str, String); 4] {
        let (url, admin) = (url(self.address), url(self.admin_address));
        let routing = format!("{admin}/contracts/user-profile/routing");
        let etag = format!("curl -s -o /dev/null -D - {routing} | tr -d '\\r' | sed -n 's/^[Ee][Tt]ag: //p'");
        let table = format!(
            r#"{{"default_version": "1.0.0", "shares": {{"2.0.0": 200000}}, "user_key": {{"header": "{USER_KEY_HEADER}"}}}}"#
        );
        [
            (
                "the same user, as 1.x and as 2.0.0 write it",
                format!("curl -s {url}/v1/users/7; echo; curl -s {url}/v2/users/7; echo"),
            ),
            (
                "the registry: versions, breaks, migrations",
                format!("curl -s {url}/registry/contracts/user-profile; echo"),
            ),
            (
                "20 % of the users to Modern, if nobody has moved traffic since the table was read",
                format!(
                    "curl -s -X PUT {routing} -H \"Authorization: Bearer {token}\" -H \"If-Match: $({etag})\" \
                     -H 'Content-Type: application/json' -d '{table}'; echo",
                    token = self.token.in_shell(),
                ),
            ),
            (
                "who serves 200 users of 1.x: the same ones each time; before and after the third line",
                format!(
                    "for id in $(seq 1 200); do curl -s -o /dev/null -D - -H \"{USER_KEY_HEADER}: $id\" \
                     {url}/v1/users/$id; done | tr -d '\\r' | grep -i '^api-serving-version' | sort | uniq -c"
                ),
            ),
        ]
    }
}

impl fmt::Display for Greeting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "user-profile answers on {}, its admin interface on {}",
            url(self.address),
            url(self.admin_address)
        )?;
        if let Token::MadeUp(token) = &self.token {
            writeln!(
                f,
                "no VERSIONED_ADMIN_TOKEN is set: the token of this process is {token}"
            )?;
        }
        writeln!(f, "paste these into another shell; Ctrl-C ends the service")?;
        for (number, (what, line)) in self.lines().iter().enumerate() {
            writeln!(f, "\n  {}. {what}:\n\n{line}", number + 1)?;
        }
        Ok(())
    }
}

/// The address as a client on the same machine reaches it.
fn url(mut address: SocketAddr) -> String {
    if address.ip().is_unspecified() {
        let loopback = match address {
            SocketAddr::V4(_) => IpAddr::V4(Ipv4Addr::LOCALHOST),
            SocketAddr::V6(_) => IpAddr::V6(Ipv6Addr::LOCALHOST),
        };
        address.set_ip(loopback);
    }
    format!("http://{address}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn greeting(address: &str, token: Token) -> Greeting {
        let admin_address = "127.0.0.1:8081".parse().expect("an address");
        Greeting {
            address: address.parse().expect("an address"),
            admin_address,
            token,
        }
    }

    #[track_caller]
    fn check(address: &str, expected: &str) {
        let [(_, line), ..] = greeting(address, Token::Configured("$T")).lines();
        assert!(
            line.starts_with(&format!("curl -s {expected}/v1/users/7;")),
            "{line}"
        );
    }

    #[test]
    fn lines_reach_the_service_from_the_same_machine() {
        check("127.0.0.1:8080", "http://127.0.0.1:8080");
        check("0.0.0.0:80", "http://127.0.0.1:80");
        check("[::]:80", "http://[::1]:80");
    }

    #[test]
    fn each_line_is_one_line_and_stands_at_its_beginning() {
        let greeting = greeting("127.0.0.1:8080", Token::MadeUp("0123".into()));
        let text = greeting.to_string();
        let printed: Vec<&str> = text
            .lines()
            .filter(|l| l.starts_with("curl ") || l.starts_with("for "))
            .collect();
        let lines = greeting.lines().map(|(_, line)| line);
        assert_eq!(printed, lines.iter().map(String::as_str).collect::<Vec<_>>());
        assert!(text.contains("the token of this process is 0123"));
    }

    #[test]
    fn a_configured_token_is_not_shown() {
        let text = greeting("127.0.0.1:8080", Token::Configured("$VERSIONED_ADMIN_TOKEN")).to_string();
        assert!(text.contains("Bearer $VERSIONED_ADMIN_TOKEN"));
        assert!(!text.contains("the token of this process"));
    }
}

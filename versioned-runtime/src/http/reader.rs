//! Reading a received body as what an operation takes, and holding it against its constraints.

use bytes::Bytes;
use serde::de::DeserializeOwned;
use versioned_core::constraints::{Checker, Violations};
use versioned_core::payload::BodyReader;

use super::body::RawBody;
use super::constraints::{Checks, Found};
use super::{Refusal, problem};

/// A body, and what is demanded of it.
pub(super) struct Reader<'c> {
    pub(super) body: &'c RawBody,
    pub(super) checks: Option<&'c Checks>,
    pub(super) found: &'c mut Found,
}

impl Reader<'_> {
    fn checker(&self) -> Option<&Checker> {
        self.checks.and_then(Checks::body)
    }
}

impl BodyReader for Reader<'_> {
    type Refusal = Refusal;

    /// 400 if it is no JSON, 422 if it has another shape; members that belong to the service are left out.
    fn json<T: DeserializeOwned>(self) -> Result<T, Refusal> {
        let Some(checker) = self.checker() else {
            return self.body.json();
        };
        let (read, violations) = checked(self.body, checker)?;
        self.found.body(violations);
        Ok(read)
    }

    /// 400 if it is not UTF-8.
    fn text(self) -> Result<String, Refusal> {
        let text = std::str::from_utf8(self.body.bytes()).map_err(|error| {
            problem::body_unreadable(format!(
                "the body is not UTF-8 from byte {} on",
                error.valid_up_to()
            ))
        })?;
        if let Some(checker) = self.checker() {
            let violations = checker.check(&mut serde_json::Value::from(text));
            self.found.body(violations);
        }
        Ok(text.to_owned())
    }

    fn bytes(self) -> Result<Bytes, Refusal> {
        Ok(self.body.bytes().clone())
    }

    /// As of JSON, for each line; pointers begin with the number of the item, from 0.
    fn lines<T: DeserializeOwned>(self) -> Result<Vec<T>, Refusal> {
        let mut items = Vec::new();
        for (number, line) in self.body.lines() {
            let index = items.len();
            let placed = |refusal: Refusal| problem::at_line(refusal, number, index);
            let Some(checker) = self.checker() else {
                items.push(line.json().map_err(placed)?);
                continue;
            };
            let (read, mut violations) = checked(&line, checker).map_err(placed)?;
            for violation in &mut violations.told {
                violation.pointer.insert_str(0, &format!("/{index}"));
            }
            self.found.body(violations);
            items.push(read);
        }
        Ok(items)
    }
}

fn checked<T: DeserializeOwned>(body: &RawBody, checker: &Checker) -> Result<(T, Violations), Refusal> {
    let mut value = body.json::<serde_json::Value>()?;
    let violations = checker.check(&mut value);
    // Numbers of more than 64 bits and members that stand twice are lost in a value: it is read only if it must be.
    let read = if violations.dropped {
        RawBody::read(value)?
    } else {
        body.json()?
    };
    Ok((read, violations))
}

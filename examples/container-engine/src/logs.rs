//! What containers wrote, as clients without a terminal read it: frames of both streams, one after another.

use versioned_runtime::Binary;

use crate::errors::EngineError;
use crate::machine::Container;

/// Which lines are asked for.
#[derive(Debug, Clone)]
pub(crate) struct Wanted {
    /// Whether those of standard output are.
    pub(crate) stdout: bool,
    /// Whether those of standard error are.
    pub(crate) stderr: bool,
    /// The last so many, or `all`.
    pub(crate) tail: Option<String>,
}

/// The lines in frames: the number of the stream, three zeros, the length in four bytes, and the line.
pub(crate) fn frames(container: &Container, wanted: &Wanted) -> Result<Binary, EngineError> {
    if !wanted.stdout && !wanted.stderr {
        return Err(EngineError::bad("ask for `stdout`, `stderr` or both"));
    }
    let last = match wanted.tail.as_deref() {
        None | Some("all") => usize::MAX,
        Some(number) => number
            .parse()
            .map_err(|_| EngineError::bad(&format!("`tail` is {number}; write a number or `all`")))?,
    };
    let asked = |(error, _): &&(bool, String)| if *error { wanted.stderr } else { wanted.stdout };
    let lines: Vec<&(bool, String)> = container.log.iter().filter(asked).collect();
    let mut bytes = Vec::new();
    for (error, line) in &lines[lines.len().saturating_sub(last)..] {
        let length = u32::try_from(line.len()).unwrap_or(u32::MAX);
        bytes.extend([if *error { 2 } else { 1 }, 0, 0, 0]);
        bytes.extend(length.to_be_bytes());
        bytes.extend(line.bytes());
    }
    Ok(bytes.into())
}

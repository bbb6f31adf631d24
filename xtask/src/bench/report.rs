//! The report of the benches: figures, ratios, and what was promised.

use std::fmt::Write as _;

use super::Figure;

/// Whether a peer is one of ours: the gate is for them.
pub(super) fn is_ours(peer: &str) -> bool {
    ["serve", "router", "decide"]
        .iter()
        .any(|ours| peer.starts_with(ours))
}

/// Whether a figure is that of a decision alone, or of what one does to look at its headers.
pub(super) fn is_decision(peer: &str) -> bool {
    ["decide", "headers"].iter().any(|part| peer.starts_with(part))
}

/// The committed figures, as a table of tabs.
pub(super) fn figures(figures: &[Figure]) -> String {
    let mut text = "peer\tinstructions\tallocations\n".to_owned();
    for figure in figures {
        let _ = writeln!(
            text,
            "{}\t{:.0}\t{:.1}",
            figure.peer, figure.instructions, figure.allocations
        );
    }
    text
}

/// Reads what [`figures`] wrote.
pub(super) fn read(text: &str) -> Result<Vec<Figure>, String> {
    let lines = text.lines().skip(1).filter(|line| !line.is_empty());
    let figure = |line: &str| {
        let mut columns = line.split('\t');
        Some(Figure {
            peer: columns.next()?.to_owned(),
            instructions: columns.next()?.parse().ok()?,
            allocations: columns.next()?.parse().ok()?,
        })
    };
    lines
        .map(|line| figure(line).ok_or_else(|| format!("benches/figures.tsv: `{line}` is no figure")))
        .collect()
}

/// A promise about a figure: what is compared with what, and how much it may be.
struct Promise {
    text: &'static str,
    ours: &'static str,
    theirs: &'static str,
    bound: Bound,
}

enum Bound {
    /// At most so many instructions more.
    More(f64),
    /// At most so many instructions, whatever others take.
    Instructions(f64),
    /// At most this part of theirs.
    Ratio(f64),
    /// At most so many allocations more.
    Allocations(f64),
}

const PROMISES: [Promise; 16] = [
    Promise {
        text: "a decision that was made before (12 headers, 8 versions, 100 rules, a sticky split), instructions",
        ours: "decide-hot",
        theirs: "decide-hot",
        bound: Bound::Instructions(800.0),
    },
    Promise {
        text: "one that was not",
        ours: "decide-cold",
        theirs: "decide-cold",
        bound: Bound::Instructions(1_800.0),
    },
    Promise {
        text: "a thousand rules against a hundred, made before",
        ours: "decide-hot-1000",
        theirs: "decide-hot",
        bound: Bound::Ratio(1.05),
    },
    Promise {
        text: "a thousand rules against a hundred, not made before",
        ours: "decide-cold-1000",
        theirs: "decide-cold",
        bound: Bound::Ratio(1.05),
    },
    Promise {
        text: "a request decided by a thousand rules, over one under none, allocations",
        ours: "decide-cold-1000",
        theirs: "decide-none",
        bound: Bound::Allocations(0.0),
    },
    Promise {
        text: "a router in an axum application, defaults on, over the same plain handler",
        ours: "router-memory",
        theirs: "axum-memory",
        bound: Bound::More(2_400.0),
    },
    Promise {
        text: "the same, allocations",
        ours: "router-memory",
        theirs: "axum-memory",
        bound: Bound::Allocations(0.0),
    },
    Promise {
        text: "the same, bare",
        ours: "router-bare-memory",
        theirs: "axum-memory",
        bound: Bound::More(1_100.0),
    },
    Promise {
        text: "a router in an application that is served, over the same plain handler: what its headers take on the wire, too",
        ours: "router",
        theirs: "axum",
        bound: Bound::More(2_400.0),
    },
    Promise {
        text: "the same, allocations",
        ours: "router",
        theirs: "axum",
        bound: Bound::Allocations(0.0),
    },
    Promise {
        text: "the same, bare",
        ours: "router-bare",
        theirs: "axum",
        bound: Bound::More(1_100.0),
    },
    Promise {
        text: "a deprecated version, allocations",
        ours: "router-deprecated-memory",
        theirs: "router-memory",
        bound: Bound::Allocations(1.0),
    },
    Promise {
        text: "`serve`, defaults on, against the unversioned handler in plain axum",
        ours: "serve",
        theirs: "axum",
        bound: Bound::Ratio(1.0),
    },
    Promise {
        text: "`serve`, defaults on, against dropshot with versions",
        ours: "serve",
        theirs: "dropshot-versioned",
        bound: Bound::Ratio(0.5),
    },
    Promise {
        text: "one swap of the snapshot every second request, against none",
        ours: "serve-swapping",
        theirs: "serve",
        bound: Bound::Ratio(1.05),
    },
    Promise {
        text: "`serve` without what can be left out, against the defaults",
        ours: "serve-bare",
        theirs: "serve",
        bound: Bound::Ratio(1.0),
    },
];

/// The report, as a page.
pub(super) fn page(figures: &[Figure]) -> Result<String, String> {
    let find = |peer: &str| {
        let mut figures = figures.iter();
        figures
            .find(|figure| figure.peer == peer)
            .ok_or_else(|| format!("`{peer}` was not counted"))
    };
    let mut page = INTRODUCTION.to_owned();
    page.push_str("\n## Decisions\n\n| peer | instructions | allocations |\n|---|---:|---:|\n");
    for figure in figures.iter().filter(|figure| is_decision(&figure.peer)) {
        let _ = writeln!(
            page,
            "| `{}` | {:.0} | {:.1} |",
            figure.peer, figure.instructions, figure.allocations
        );
    }
    for (title, base, part) in [("Servers", "axum", false), ("Routers", "axum-memory", true)] {
        let base = find(base)?;
        let _ = write!(
            page,
            "\n## {title}\n\n| peer | instructions | allocations | to plain axum |\n|---|---:|---:|---:|\n"
        );
        for figure in figures
            .iter()
            .filter(|figure| !is_decision(&figure.peer) && figure.peer.ends_with("-memory") == part)
        {
            let _ = writeln!(
                page,
                "| `{}` | {:.0} | {:.1} | {:.2} |",
                figure.peer,
                figure.instructions,
                figure.allocations,
                figure.instructions / base.instructions
            );
        }
    }
    page.push_str("\n## Promises\n\n| what | counted | promised | |\n|---|---:|---:|---|\n");
    for promise in &PROMISES {
        let (ours, theirs) = (find(promise.ours)?, find(promise.theirs)?);
        let more = ours.instructions - theirs.instructions;
        let ratio = ours.instructions / theirs.instructions;
        let allocations = ours.allocations - theirs.allocations;
        let (counted, promised, held) = match promise.bound {
            Bound::Instructions(most) => (
                format!("{:.0}", ours.instructions),
                format!("≤ {most:.0}"),
                ours.instructions <= most,
            ),
            Bound::More(most) => (format!("{more:+.0}"), format!("≤ {most:+.0}"), more <= most),
            Bound::Ratio(most) => (format!("{ratio:.3}"), format!("≤ {most:.2}"), ratio <= most),
            Bound::Allocations(most) => (
                format!("{allocations:+.1}"),
                format!("≤ {most:+.0}"),
                allocations.round() <= most,
            ),
        };
        let held = if held { "held" } else { "**not held**" };
        let _ = writeln!(page, "| {} | {counted} | {promised} | {held} |", promise.text);
    }
    Ok(page)
}

const INTRODUCTION: &str = "\
# What a request costs

Made by `cargo xtask bench`; do not edit. Counted are the instructions (callgrind) and the allocations of the thread that serves, per
request: a run of few requests taken from a run of many. How the heap lies differs from run to run, and with it what the allocator does:
five runs of each kind are made, two of decisions, and of each the one is taken that costs least. Of decisions and of routers in memory, counting begins after
the first request, on a heap that has the same holes for all of them. CI (`cargo xtask bench --check`) refuses whatever costs 3 % more than
[figures.tsv](figures.tsv).

All peers have the same handler, `GET /users/{id}` with JSON in memory, and get the same request with eight headers. `axum` and `hyper`
are plain and know no versions; `by-hand` is the handler of `axum` with versions written out for this one operation: a header is compared with
three texts, the key of the user is looked for, the answer gets the same headers as ours, from constants, and nothing can be configured, counted,
limited or moved; `naive` is a middleware as people write it (`mime`, `semver`, a lock, a set of patterns); `dropshot` is version 0.18. `serve` and `router` are this project's, answering 1.1.0 of three versions, users told apart by a header; `bare` is without
time-outs, metrics and users, and tells nobody what served. Servers are asked over the loopback interface, routers also in memory; of these
the exchange is counted, not the making of the request. `decide` is the part of a request that goes from its twelve headers to the implementation, and
what metrics take down at its end: the version, the key of the user, two facts and a score are read, of eight versions and five shares;
their allocations are those of the whole request. `hot` requests are all the same, `cold` ones all different, so that nothing is remembered;
a tenth of them matches a rule, however many rules there are. Entering the snapshot and reading the clock are not in it: requests do that
when they begin, and pay for it in the other figures. `headers-walk` is the least that anybody can do with the same twelve headers: going
over them for the lengths of their names and values. `headers-get` asks the map for the seven that decisions want, and does nothing with
them. `headers-known` compares those seven with the ones of another request: it is the least that a memo of whole decisions would have to do, if
names were constants, and users all the same. `decide-hot-look` and `decide-hot-record` are parts of `decide-hot`: the one look over the headers, which finds the same seven, and what
metrics take down.

All peers are built with the profile `measured`: fat LTO and one codegen unit, as a service is built whose cost matters.
";

//! Every failing fixture fails with the message beside it, every passing one compiles and runs.

#[test]
#[expect(
    unsafe_code,
    reason = "trybuild passes the environment of this process on to cargo, and nothing else"
)]
fn fixtures() {
    // `trybuild` builds a workspace of its own, which has no profiles: some 200 binaries, each of them twice, with all that a debugger could
    // want to know of all dependencies. Nothing of it is read, and it filled 16 GB.
    //
    // SAFETY: this is the one test of the process; no other thread reads or writes the environment while it starts.
    unsafe {
        std::env::set_var("CARGO_PROFILE_DEV_DEBUG", "false");
        std::env::set_var("CARGO_PROFILE_DEV_STRIP", "debuginfo");
    }
    let cases = trybuild::TestCases::new();
    cases.pass("fixtures/*/*.pass.rs");
    cases.compile_fail("fixtures/*/*.fail.rs");
}

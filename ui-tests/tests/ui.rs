//! Every failing fixture fails with the message beside it, every passing one compiles.

#[test]
fn fixtures() {
    let cases = trybuild::TestCases::new();
    cases.pass("fixtures/*/*.pass.rs");
    cases.compile_fail("fixtures/*/*.fail.rs");
}

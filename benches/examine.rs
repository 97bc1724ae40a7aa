//! How long it takes to examine and judge one sealed license: `cargo bench --bench examine`. The chain's signatures are
//! remembered, as in a service that has seen the seal before; what is left is reading, hashing, and two verifications.

#[allow(dead_code)] // The tests use more of it.
#[path = "../tests/support/sealing.rs"]
mod sealing;

use criterion::{Criterion, criterion_group, criterion_main};
use sealing::Sealed;
use std::hint::black_box;
use yinzheng::crypto::sha256;
use yinzheng::documents::Known;
use yinzheng::documents::pdf::examine;
use yinzheng::domain::report::Verdict;
use yinzheng::domain::report::judge::{Policy, judge};

fn benches(c: &mut Criterion) {
    let sealed = Sealed::new();
    // Left in its directory while it runs, to be looked at.
    let (file, trust, policy) = (&sealed.file, &sealed.trust, Policy::default());
    let run = || judge(&examine(black_box(file), Known::of(trust)).expect("a PDF"), &policy, sealed.at);
    assert_eq!(run().verdict, Verdict::Passed);
    c.bench_function(&format!("examine and judge ({} bytes)", file.len()), |b| b.iter(run));
    c.bench_function("of that: SHA-256 of the file, twice", |b| {
        b.iter(|| (sha256(file), sha256(black_box(file))))
    });
    c.bench_function("of that: the object model", |b| b.iter(|| lopdf::Document::load_mem(black_box(file))));
}

criterion_group!(all, benches);
criterion_main!(all);

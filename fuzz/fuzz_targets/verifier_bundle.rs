//! See `yinzheng_fuzz::verifier_bundle`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| yinzheng_fuzz::verifier_bundle(data));

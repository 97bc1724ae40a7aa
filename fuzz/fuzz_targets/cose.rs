//! See `yinzheng_fuzz::cose`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| yinzheng_fuzz::cose(data));

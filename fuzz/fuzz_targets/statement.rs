//! See `yinzheng_fuzz::statement`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| yinzheng_fuzz::statement(data));

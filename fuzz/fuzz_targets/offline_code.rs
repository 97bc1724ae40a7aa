//! See `yinzheng_fuzz::offline_code`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| yinzheng_fuzz::offline_code(data));

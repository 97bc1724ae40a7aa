//! See `yinzheng_fuzz::status_list`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| yinzheng_fuzz::status_list(data));

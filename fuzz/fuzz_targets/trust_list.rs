//! See `yinzheng_fuzz::trust_list`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| yinzheng_fuzz::trust_list(data));

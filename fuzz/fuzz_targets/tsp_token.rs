//! See `yinzheng_fuzz::tsp_token`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| yinzheng_fuzz::tsp_token(data));

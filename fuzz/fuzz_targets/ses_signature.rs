//! See `yinzheng_fuzz::ses_signature`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| yinzheng_fuzz::ses_signature(data));

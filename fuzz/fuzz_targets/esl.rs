//! See `yinzheng_fuzz::esl`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| yinzheng_fuzz::esl(data));

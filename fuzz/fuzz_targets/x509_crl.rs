//! See `yinzheng_fuzz::x509_crl`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| yinzheng_fuzz::x509_crl(data));

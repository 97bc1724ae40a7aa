//! See `yinzheng_fuzz::ofd_xml`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| yinzheng_fuzz::ofd_xml(data));

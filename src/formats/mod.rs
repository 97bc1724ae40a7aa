//! Wire codecs that know no license.

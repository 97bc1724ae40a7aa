//! The program itself, started as people start it.

#[allow(dead_code, reason = "the stories use the rest")]
#[path = "support/city.rs"]
mod city;
#[allow(dead_code, reason = "the stories give out their tokens through the API")]
#[path = "support/service.rs"]
mod service;

#[path = "processes/demo.rs"]
mod demo;
#[path = "processes/keys.rs"]
mod keys;
#[path = "processes/program.rs"]
mod program;
#[path = "processes/serve.rs"]
mod serve;
#[path = "processes/verify.rs"]
mod verify;

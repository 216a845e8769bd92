//! (room under construction)

mod shim;

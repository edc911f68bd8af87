"""The programs of the laboratory's shop; a release is a copy of this package under the name `shop`."""

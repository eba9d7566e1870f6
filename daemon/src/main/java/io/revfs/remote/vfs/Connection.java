package io.revfs.remote.vfs;

/** A file system that lives as long as its connection to the server. */
public interface Connection {
  /** Returns whether the connection stands, as far as is known here. */
  boolean isConnected();
}

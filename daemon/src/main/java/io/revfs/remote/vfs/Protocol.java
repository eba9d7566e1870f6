package io.revfs.remote.vfs;

import io.revfs.remote.Remote.Capability;
import java.io.Closeable;
import java.io.IOException;
import java.util.Set;
import org.apache.commons.vfs2.FileSystemOptions;
import org.apache.commons.vfs2.provider.FileProvider;

/**
 * What differs between protocols: the provider of files with the options to log in, and what a
 * failure means. Thread-safe. Connections are shared by all providers that it gives out, and closed
 * with it.
 */
public interface Protocol extends Closeable {
  /** Returns what stores reached by it can do. */
  Set<Capability> capabilities();

  /**
   * Returns the URL of the server's root as VFS names it, without credentials, for instance {@code
   * sftp://host:22/}.
   */
  String root();

  /** Returns the path of the remote below the root: empty, or starting with a slash; decoded. */
  String base();

  /** Returns the options that VFS opens file systems with. */
  FileSystemOptions options();

  /** Returns a new provider, whose files are all {@link RemoteFile}s. */
  FileProvider provider();

  /**
   * Says in the terms of {@link io.revfs.remote.Remote} what went wrong.
   *
   * @param key what was asked for
   * @param failure the cause, without what VFS wrapped around it
   */
  IOException translate(String key, Throwable failure);

  @Override
  void close();
}

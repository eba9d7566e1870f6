package io.revfs.remote;

import java.io.Closeable;
import java.util.function.Supplier;

/**
 * A remote with all its wrappers, and its figures.
 *
 * @param remote to be used
 * @param figures gives the figures of now
 */
public record OpenRemote(Remote remote, Supplier<RemoteFigures> figures) implements Closeable {
  @Override
  public void close() {
    remote.close();
  }
}

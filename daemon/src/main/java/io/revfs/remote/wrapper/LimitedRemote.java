package io.revfs.remote.wrapper;

import io.revfs.remote.Remote;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.concurrent.Semaphore;

/** Lets so many requests at once through; the others wait in order. */
final class LimitedRemote extends ForwardingRemote {
  private final Semaphore places;

  LimitedRemote(Remote inner, int connections) {
    super(inner);
    this.places = new Semaphore(connections, true);
  }

  @Override
  <T> T around(Request<T> request) throws IOException {
    try {
      places.acquire();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while waiting for " + name());
    }
    try {
      return request.run();
    } finally {
      places.release();
    }
  }
}

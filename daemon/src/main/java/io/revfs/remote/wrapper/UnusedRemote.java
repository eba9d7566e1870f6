package io.revfs.remote.wrapper;

import io.revfs.remote.Remote;
import java.io.IOException;
import java.lang.ref.Cleaner;
import java.lang.ref.Reference;

/**
 * Closes a remote when nobody can ask it any more, unless it was closed before. One that others
 * replace (by other credentials, say) may still be read from, by those who began before or by those
 * who wait for them; nobody else knows when the last of them is done.
 */
final class UnusedRemote extends ForwardingRemote {
  private static final Cleaner CLEANER = Cleaner.create();

  private final Cleaner.Cleanable closing;

  UnusedRemote(Remote inner) {
    super(inner);
    this.closing = CLEANER.register(this, inner::close);
  }

  @Override
  <T> T around(Request<T> request) throws IOException {
    try {
      return request.run();
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  @Override
  public void close() {
    closing.clean();
  }
}

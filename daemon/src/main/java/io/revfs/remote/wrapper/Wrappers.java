package io.revfs.remote.wrapper;

import io.revfs.remote.OpenRemote;
import io.revfs.remote.Remote;
import io.revfs.remote.RemoteLimits;
import io.revfs.remote.RemoteSettings;
import java.util.Random;

/** Puts the wrappers around a store. */
public final class Wrappers {
  private Wrappers() {}

  /** Returns the store with all of them, by its settings. */
  public static OpenRemote around(Remote store, RemoteSettings settings) {
    RemoteLimits limits = settings.limits();
    // From the inside out: each try counts as a request, and waits between tries hold no place.
    MonitoredRemote monitored =
        new MonitoredRemote(
            new LimitedRemote(DeadlineRemote.around(store, settings), limits.connections()));
    Remote retrying = new RetryingRemote(monitored, limits.retries(), Thread::sleep, new Random());
    return new OpenRemote(new UnusedRemote(retrying), monitored::figures);
  }
}

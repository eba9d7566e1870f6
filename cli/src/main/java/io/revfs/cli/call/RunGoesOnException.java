package io.revfs.cli.call;

import io.revfs.cli.client.DaemonProcess;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * A recorded command ended when the daemon that recorded it was gone: the one that follows it knows
 * of the run.
 */
final class RunGoesOnException extends RuntimeException {
  private static final long serialVersionUID = 1L;
  private static final long WAIT_SECONDS = 20;
  private static final long PAUSE_MILLISECONDS = 50;

  private final String run;
  private final int status;

  RunGoesOnException(String run, int status, Throwable cause) {
    super("the daemon was replaced", cause);
    this.run = run;
    this.status = status;
  }

  /** Returns what the next daemon is to be told besides what the first one was told. */
  Map<String, Object> arguments() {
    return Map.of("resume", run, "status", status);
  }

  /** Waits until another daemon answers, which the keeper starts; not for ever. */
  void awaitDaemon() {
    DaemonProcess daemon = new DaemonProcess(false);
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(WAIT_SECONDS);
    while (!daemon.answers() && System.nanoTime() < deadline) {
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(PAUSE_MILLISECONDS));
    }
  }
}

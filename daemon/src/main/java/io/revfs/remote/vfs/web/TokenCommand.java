package io.revfs.remote.vfs.web;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.revfs.remote.RemoteConfigurationException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A command of the user's that prints a token; run once, and again when the token is refused. */
final class TokenCommand {
  private static final int SECONDS = 60;

  private final String remote;
  private final String command;

  @GuardedBy("this")
  private @Nullable String token;

  TokenCommand(String remote, String command) {
    this.remote = remote;
    this.command = command;
  }

  synchronized String get() throws IOException {
    String now = token;
    if (now == null) {
      now = run();
      token = now;
    }
    return now;
  }

  /** Forgets a token that was refused, unless another took its place meanwhile. */
  synchronized void forget(String refused) {
    if (refused.equals(token)) {
      token = null;
    }
  }

  private String run() throws IOException {
    Process process =
        new ProcessBuilder("/bin/sh", "-c", command)
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    try (var in = process.getInputStream()) {
      process.getOutputStream().close();
      String text = new String(in.readAllBytes(), StandardCharsets.UTF_8).strip();
      if (!process.waitFor(SECONDS, TimeUnit.SECONDS)
          || process.exitValue() != 0
          || text.isEmpty()) {
        throw new RemoteConfigurationException(
            remote,
            "the 'bearer_token_command' fails or prints nothing; run it by hand to see why");
      }
      return text;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while the 'bearer_token_command' ran");
    } finally {
      process.destroyForcibly();
    }
  }
}

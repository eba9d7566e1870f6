package io.revfs.remote.vfs.sftp;

import com.jcraft.jsch.ChannelSftp;
import com.jcraft.jsch.SftpException;
import io.revfs.object.ObjectMissingException;
import io.revfs.object.SourceUnreachableException;
import io.revfs.remote.Redaction;
import io.revfs.remote.Remote.Capability;
import io.revfs.remote.RemoteSettings;
import io.revfs.remote.vfs.Protocol;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.URI;
import java.util.EnumSet;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;
import org.apache.commons.vfs2.FileSystemOptions;
import org.apache.commons.vfs2.provider.FileProvider;

/** SFTP. Files are renamed over older ones where the server knows {@code posix-rename}. */
public final class SftpProtocol implements Protocol {
  private static final int MAX_SESSIONS = 10; // OpenSSH's own limit

  /** JSch and servers say it in their own words. */
  private static final Pattern DENIED =
      Pattern.compile(
          "auth|permission denied|hostkey|host key|passphrase", Pattern.CASE_INSENSITIVE);

  private final String where;
  private final String base;
  private final SshLogin login;
  private final SshSessions sessions;

  /** Reads DVC's options for {@code ssh} remotes and {@code ~/.ssh}; connects to nothing. */
  public SftpProtocol(RemoteSettings settings) throws IOException {
    URI uri = settings.serverUri();
    this.where = settings.describe();
    this.base = uri.getPath() == null ? "" : uri.getPath().replaceAll("/+$", "");
    this.login = SshLogin.of(settings, uri);
    this.sessions =
        new SshSessions(
            Math.max(1, settings.number("max_sessions", MAX_SESSIONS)),
            settings.limits().readTimeout());
  }

  @Override
  public Set<Capability> capabilities() {
    return EnumSet.of(Capability.LIST, Capability.WRITE, Capability.DELETE);
  }

  @Override
  public String root() {
    return login.root();
  }

  @Override
  public String base() {
    return base;
  }

  @Override
  public FileSystemOptions options() {
    return login.options();
  }

  @Override
  public FileProvider provider() {
    return new SftpProvider(sessions);
  }

  @Override
  public IOException translate(String key, Throwable failure) {
    if (!(failure instanceof SftpException e)) {
      return unreachable(failure);
    }
    if (e.id == ChannelSftp.SSH_FX_NO_SUCH_FILE) {
      return new ObjectMissingException(key, where);
    }
    if (e.id == ChannelSftp.SSH_FX_PERMISSION_DENIED) {
      return new SourceUnreachableException(
          where, "the server denies access to " + base + "/" + key + " (permissions?)", false, e);
    }
    if (e.getCause() instanceof InterruptedIOException || Thread.currentThread().isInterrupted()) {
      Thread.currentThread().interrupt();
      return new InterruptedIOException("interrupted while waiting for " + where);
    }
    if (!isAnswer(e) || e.id > ChannelSftp.SSH_FX_FAILURE) {
      return unreachable(e);
    }
    // The server says so: SFTP has one code for a full disk, a quota and all else.
    return new SourceUnreachableException(
        where,
        "the server fails at %s/%s (is its disk full or read-only?): %s"
            .formatted(base, key, Redaction.message(e)),
        false,
        e);
  }

  /**
   * Returns whether the server said so. What has a cause is the client's: a session that is down,
   * what is to be sent cannot be read; what has no text is JSch's, of an answer to another
   * question.
   */
  static boolean isAnswer(SftpException e) {
    return e.getCause() == null && !Objects.requireNonNullElse(e.getMessage(), "").isEmpty();
  }

  private IOException unreachable(Throwable failure) {
    StringBuilder chain = new StringBuilder();
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof InterruptedException) {
        Thread.currentThread().interrupt();
      }
      chain.append(chain.isEmpty() ? "" : ": ").append(cause.getMessage());
    }
    if (Thread.currentThread().isInterrupted()) {
      return new InterruptedIOException("interrupted while waiting for " + where);
    }
    String text = Redaction.url(chain.toString());
    boolean denied = DENIED.matcher(text).find();
    String why =
        denied ? "access denied; check user, password, keyfile or the agent: " + text : text;
    return new SourceUnreachableException(where, why, !denied, failure);
  }

  @Override
  public void close() {
    sessions.close();
  }
}

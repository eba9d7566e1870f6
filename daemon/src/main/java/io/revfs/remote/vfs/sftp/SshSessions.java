package io.revfs.remote.vfs.sftp;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import com.jcraft.jsch.JSchException;
import com.jcraft.jsch.Session;
import java.io.Closeable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.commons.vfs2.FileSystemException;
import org.apache.commons.vfs2.FileSystemOptions;
import org.apache.commons.vfs2.UserAuthenticationData;
import org.apache.commons.vfs2.provider.GenericFileName;
import org.apache.commons.vfs2.provider.sftp.SftpClientFactory;
import org.apache.commons.vfs2.provider.sftp.SftpFileProvider;
import org.apache.commons.vfs2.util.UserAuthenticatorUtils;

/**
 * Sessions with one server, made by VFS's factory: each carries several file systems' channels, as
 * many as servers allow ({@code max_sessions}, ten by default).
 */
final class SshSessions implements Closeable {
  private final int channelsPerSession;
  private final Duration readTimeout;

  @GuardedBy("this")
  private final List<Shared> sessions = new ArrayList<>();

  /** A session and how many channels it has. */
  private static final class Shared {
    private final Session session;
    private int channels;

    Shared(Session session) {
      this.session = session;
    }
  }

  /** The right to one channel of a session. */
  final class Place {
    private final Shared shared;
    private final AtomicBoolean left = new AtomicBoolean();

    private Place(Shared shared) {
      this.shared = shared;
    }

    Session session() {
      return shared.session;
    }

    /** Gives the place back; the session of which nothing is used any more ends. */
    void leave() {
      if (left.compareAndSet(false, true)) {
        forget(shared);
      }
    }
  }

  SshSessions(int channelsPerSession, Duration readTimeout) {
    this.channelsPerSession = channelsPerSession;
    this.readTimeout = readTimeout;
  }

  /** One at a time connects: servers drop those who knock too often at once. */
  synchronized Place take(GenericFileName root, FileSystemOptions options)
      throws FileSystemException {
    sessions.removeIf(s -> !s.session.isConnected());
    for (Shared shared : sessions) {
      if (shared.channels < channelsPerSession) {
        shared.channels++;
        return new Place(shared);
      }
    }
    Shared shared = new Shared(connect(root, options));
    shared.channels = 1;
    sessions.add(shared);
    return new Place(shared);
  }

  private Session connect(GenericFileName root, FileSystemOptions options)
      throws FileSystemException {
    UserAuthenticationData who =
        UserAuthenticatorUtils.authenticate(options, SftpFileProvider.AUTHENTICATOR_TYPES);
    Session session =
        SftpClientFactory.createConnection(
            root.getHostName(),
            root.getPort(),
            UserAuthenticatorUtils.getData(who, UserAuthenticationData.USERNAME, null),
            UserAuthenticatorUtils.getData(who, UserAuthenticationData.PASSWORD, null),
            options);
    try {
      // The factory has one time-out for connecting and for waiting.
      session.setTimeout((int) readTimeout.toMillis());
      session.setServerAliveInterval((int) readTimeout.toMillis());
      return session;
    } catch (JSchException e) {
      session.disconnect();
      throw new FileSystemException(e);
    }
  }

  private synchronized void forget(Shared shared) {
    shared.channels--;
    if (shared.channels == 0) {
      sessions.remove(shared);
      shared.session.disconnect();
    }
  }

  @Override
  public synchronized void close() {
    sessions.forEach(shared -> shared.session.disconnect());
    sessions.clear();
  }
}

package io.revfs.remote.sftp;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import com.jcraft.jsch.ChannelSftp;
import com.jcraft.jsch.JSchException;
import com.jcraft.jsch.Session;
import java.io.Closeable;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedDeque;

/**
 * Open channels to one server: several share a session, as many as servers allow ({@code
 * max_sessions}, ten by default); each is for one thread at a time.
 */
final class SftpChannels implements Closeable {
  private final SshLogin login;
  private final int channelsPerSession;
  private final ConcurrentLinkedDeque<Channel> idle = new ConcurrentLinkedDeque<>();

  @GuardedBy("this")
  private final List<Shared> sessions = new ArrayList<>();

  @GuardedBy("this")
  private boolean closed;

  /** A session and how many channels it has. */
  private static final class Shared {
    private final Session session;
    private int channels;

    Shared(Session session) {
      this.session = session;
    }
  }

  /** A channel in use by one thread. */
  final class Channel {
    private final Shared shared;
    private final ChannelSftp sftp;

    Channel(Shared shared, ChannelSftp sftp) {
      this.shared = shared;
      this.sftp = sftp;
    }

    ChannelSftp sftp() {
      return sftp;
    }

    /** Gives it back; one that failed midway is ended, since answers may be under way in it. */
    void release(boolean fine) {
      if (fine && sftp.isConnected() && !isClosed()) {
        idle.addLast(this);
        return;
      }
      sftp.disconnect();
      forget(shared);
    }
  }

  SftpChannels(SshLogin login, int channelsPerSession) {
    this.login = login;
    this.channelsPerSession = channelsPerSession;
  }

  Channel take() throws JSchException {
    for (Channel channel = idle.pollLast(); channel != null; channel = idle.pollLast()) {
      if (channel.sftp.isConnected()) {
        return channel;
      }
      channel.release(false);
    }
    Shared shared = session();
    try {
      ChannelSftp sftp = (ChannelSftp) shared.session.openChannel("sftp");
      sftp.setBulkRequests(64);
      sftp.connect(shared.session.getTimeout());
      return new Channel(shared, sftp);
    } catch (JSchException | RuntimeException e) {
      forget(shared);
      throw e;
    }
  }

  /** One at a time connects: servers drop those who knock too often at once. */
  private synchronized Shared session() throws JSchException {
    sessions.removeIf(s -> !s.session.isConnected());
    for (Shared shared : sessions) {
      if (shared.channels < channelsPerSession) {
        shared.channels++;
        return shared;
      }
    }
    Shared shared = new Shared(login.connect());
    shared.channels = 1;
    sessions.add(shared);
    return shared;
  }

  private synchronized void forget(Shared shared) {
    shared.channels--;
    if (shared.channels == 0) {
      sessions.remove(shared);
      shared.session.disconnect();
    }
  }

  private synchronized boolean isClosed() {
    return closed;
  }

  @Override
  public synchronized void close() {
    closed = true;
    idle.clear();
    sessions.forEach(shared -> shared.session.disconnect());
    sessions.clear();
  }
}

package io.revfs.remote.sftp;

import com.jcraft.jsch.ChannelSftp;
import com.jcraft.jsch.JSchException;
import com.jcraft.jsch.SftpATTRS;
import com.jcraft.jsch.SftpException;
import io.revfs.object.ByteConsumer;
import io.revfs.object.ObjectMissingException;
import io.revfs.object.SourceUnreachableException;
import io.revfs.remote.Listing;
import io.revfs.remote.Redaction;
import io.revfs.remote.Remote;
import io.revfs.remote.RemoteConfigurationException;
import io.revfs.remote.RemoteKey;
import io.revfs.remote.RemoteObject;
import io.revfs.remote.RemoteSettings;
import io.revfs.remote.Upload;
import io.revfs.remote.parts.CountingStream;
import io.revfs.remote.parts.Delivery;
import io.revfs.remote.parts.TemporaryNames;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;

/**
 * A directory reached by SFTP. A write goes to a temporary name and is renamed, over an older one
 * where the server knows OpenSSH's {@code posix-rename}.
 */
public final class SftpRemote implements Remote {
  private static final int MAX_SESSIONS = 10; // OpenSSH's own limit

  /** JSch and servers say it in their own words. */
  private static final Pattern DENIED =
      Pattern.compile(
          "auth|permission denied|hostkey|host key|passphrase", Pattern.CASE_INSENSITIVE);

  private static final Pattern GLOB = Pattern.compile("[\\\\*?]");

  private final String name;
  private final String url;
  private final String where;
  private final String root;
  private final SftpChannels channels;
  private final Set<String> made = ConcurrentHashMap.newKeySet();

  public SftpRemote(RemoteSettings settings) throws IOException {
    this.name = settings.name();
    this.url = Redaction.url(settings.url());
    this.where = settings.describe();
    URI uri;
    try {
      uri = URI.create(settings.url().replace(" ", "%20"));
    } catch (IllegalArgumentException e) {
      throw new RemoteConfigurationException(name, "the URL is malformed", e);
    }
    if (uri.getHost() == null) {
      throw new RemoteConfigurationException(name, "no host in " + url);
    }
    String path = uri.getPath() == null ? "" : uri.getPath();
    this.root = path.replaceAll("/+$", "");
    this.channels =
        new SftpChannels(
            SshLogin.of(settings, uri), Math.max(1, settings.number("max_sessions", MAX_SESSIONS)));
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public String url() {
    return url;
  }

  @Override
  public Set<Capability> capabilities() {
    return EnumSet.of(Capability.LIST, Capability.WRITE, Capability.DELETE);
  }

  @Override
  public Listing listing() {
    return Listing.DIRECTORIES;
  }

  private String path(String key) {
    return key.isEmpty() ? (root.isEmpty() ? "/" : root) : root + "/" + key;
  }

  /** JSch takes paths for patterns. */
  private static String literal(String path) {
    return GLOB.matcher(path).replaceAll("\\\\$0");
  }

  @FunctionalInterface
  private interface Call<T> {
    T run(ChannelSftp sftp) throws IOException, SftpException;
  }

  private <T> T with(String key, Call<T> call) throws IOException {
    SftpChannels.Channel channel = null;
    boolean fine = false;
    try {
      channel = channels.take();
      T result = call.run(channel.sftp());
      fine = true;
      return result;
    } catch (SftpException e) {
      fine = e.id == ChannelSftp.SSH_FX_NO_SUCH_FILE;
      throw translate(key, e);
    } catch (JSchException | RuntimeException e) {
      throw unreachable(e);
    } catch (ObjectMissingException e) {
      fine = true;
      throw e;
    } finally {
      if (channel != null) {
        channel.release(fine);
      }
    }
  }

  @Override
  public boolean isThere() throws IOException {
    try {
      return with("", sftp -> sftp.stat(literal(path(""))).isDir());
    } catch (ObjectMissingException e) {
      return false;
    }
  }

  @Override
  public RemoteObject stat(RemoteKey key) throws IOException {
    return with(
        key.path(),
        sftp -> {
          SftpATTRS found = sftp.stat(literal(path(key.path())));
          if (found.isDir()) {
            throw new ObjectMissingException(key.path(), where);
          }
          return object(key.path(), found.getSize());
        });
  }

  private static RemoteObject object(String key, long size) {
    return new RemoteObject(key, size, Optional.empty(), Optional.empty());
  }

  @Override
  public void read(RemoteKey key, long offset, long length, ByteConsumer consumer)
      throws IOException {
    with(
        key.path(),
        sftp -> {
          try (InputStream in = sftp.get(literal(path(key.path())), null, offset)) {
            long missing = Delivery.pass(in, length, consumer);
            if (missing > 0) {
              throw new SourceUnreachableException(
                  where, key.path() + " broke off, " + missing + " bytes missing", true, null);
            }
          } catch (Delivery.TakerFailedException e) {
            throw e.failure();
          } catch (SourceUnreachableException e) {
            throw e;
          } catch (IOException e) {
            throw unreachable(e);
          }
          return true;
        });
  }

  @Override
  public long readAll(RemoteKey key, ByteConsumer consumer) throws IOException {
    return with(
        key.path(),
        sftp -> {
          try (InputStream in = sftp.get(literal(path(key.path())))) {
            return Delivery.passAll(in, consumer);
          } catch (Delivery.TakerFailedException e) {
            throw e.failure();
          } catch (IOException e) {
            throw unreachable(e);
          }
        });
  }

  @Override
  public void list(String prefix, ListSink sink) throws IOException {
    int slash = prefix.lastIndexOf('/');
    Deque<String> directories = new ArrayDeque<>();
    directories.add(slash < 0 ? "" : prefix.substring(0, slash));
    while (!directories.isEmpty()) {
      String directory = directories.removeLast();
      List<RemoteObject> files = new ArrayList<>();
      try {
        with(directory, sftp -> read(sftp, directory, prefix, files, directories));
      } catch (ObjectMissingException e) {
        continue; // never written to, or removed meanwhile
      }
      for (RemoteObject file : files) {
        if (!sink.accept(file)) {
          return;
        }
      }
    }
  }

  private boolean read(
      ChannelSftp sftp,
      String directory,
      String prefix,
      List<RemoteObject> files,
      Deque<String> directories)
      throws SftpException {
    sftp.ls(
        literal(path(directory)),
        entry -> {
          String file = entry.getFilename();
          String key = directory.isEmpty() ? file : directory + "/" + file;
          if (entry.getAttrs().isDir()) {
            if (!file.equals(".") && !file.equals("..") && overlap(key + "/", prefix)) {
              directories.add(key);
            }
          } else if (entry.getAttrs().isReg() && key.startsWith(prefix)) {
            files.add(object(key, entry.getAttrs().getSize()));
          }
          return ChannelSftp.LsEntrySelector.CONTINUE;
        });
    return true;
  }

  private static boolean overlap(String directory, String prefix) {
    return directory.startsWith(prefix) || prefix.startsWith(directory);
  }

  @Override
  public RemoteObject write(String key, Upload upload) throws IOException {
    String target = path(key);
    int slash = target.lastIndexOf('/');
    String temporary = TemporaryNames.beside(target);
    with(
        key,
        sftp -> {
          makeDirectory(sftp, target.substring(0, slash));
          try {
            put(sftp, upload, temporary);
            replace(sftp, temporary, target);
          } catch (SftpException | IOException e) {
            discard(sftp, temporary);
            throw e;
          }
          return true;
        });
    return object(key, upload.size());
  }

  private void put(ChannelSftp sftp, Upload upload, String temporary)
      throws IOException, SftpException {
    try (InputStream in =
        new CountingStream(Files.newInputStream(upload.content()), upload.sent())) {
      sftp.put(in, literal(temporary), ChannelSftp.OVERWRITE);
    } catch (SftpException e) {
      if (e.id != ChannelSftp.SSH_FX_NO_SUCH_FILE) {
        throw e;
      }
      // Somebody removed the directory since it was made: the next try makes it again.
      made.clear();
      throw new SourceUnreachableException(where, "its directory vanished", true, e);
    }
  }

  private static void replace(ChannelSftp sftp, String temporary, String target)
      throws SftpException {
    try {
      sftp.rename(literal(temporary), literal(target));
    } catch (SftpException e) {
      // A server without posix-rename does not rename over a file.
      try {
        sftp.rm(literal(target));
      } catch (SftpException notThere) {
        throw e;
      }
      sftp.rename(literal(temporary), literal(target));
    }
  }

  private static void discard(ChannelSftp sftp, String temporary) {
    try {
      sftp.rm(literal(temporary));
    } catch (SftpException e) {
      // Not made, or the connection is gone; it carries a name that nobody reads.
    }
  }

  private void makeDirectory(ChannelSftp sftp, String directory) throws SftpException {
    if (directory.isEmpty() || made.contains(directory)) {
      return;
    }
    if (!isDirectory(sftp, directory)) {
      makeDirectory(sftp, directory.substring(0, directory.lastIndexOf('/')));
      try {
        sftp.mkdir(directory);
      } catch (SftpException e) {
        if (!isDirectory(sftp, directory)) {
          throw e;
        }
      }
    }
    made.add(directory);
  }

  private static boolean isDirectory(ChannelSftp sftp, String directory) throws SftpException {
    try {
      return sftp.stat(literal(directory)).isDir();
    } catch (SftpException e) {
      if (e.id == ChannelSftp.SSH_FX_NO_SUCH_FILE) {
        return false;
      }
      throw e;
    }
  }

  @Override
  public void delete(String key) throws IOException {
    try {
      with(
          key,
          sftp -> {
            sftp.rm(literal(path(key)));
            return true;
          });
    } catch (ObjectMissingException e) {
      // Nothing to do.
    }
  }

  private IOException translate(String key, SftpException e) {
    if (e.id == ChannelSftp.SSH_FX_NO_SUCH_FILE) {
      return new ObjectMissingException(key, where);
    }
    if (e.id == ChannelSftp.SSH_FX_PERMISSION_DENIED) {
      return new SourceUnreachableException(
          where, "the server denies access to " + path(key) + " (permissions?)", false, e);
    }
    if (e.getCause() instanceof InterruptedIOException || Thread.currentThread().isInterrupted()) {
      Thread.currentThread().interrupt();
      return new InterruptedIOException("interrupted while waiting for " + where);
    }
    if (e.getCause() instanceof IOException || e.id > ChannelSftp.SSH_FX_FAILURE) {
      return unreachable(e);
    }
    // SFTP has one code for a full disk, a quota and all else.
    return new SourceUnreachableException(
        where,
        "the server fails at %s (is its disk full or read-only?): %s"
            .formatted(path(key), Redaction.message(e)),
        false,
        e);
  }

  private IOException unreachable(Exception e) {
    StringBuilder chain = new StringBuilder();
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
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
    return new SourceUnreachableException(where, why, !denied, e);
  }

  @Override
  public void close() {
    channels.close();
  }
}

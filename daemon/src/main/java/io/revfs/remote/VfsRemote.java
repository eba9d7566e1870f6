package io.revfs.remote;

import io.revfs.object.ByteConsumer;
import io.revfs.object.ObjectMissingException;
import io.revfs.object.SourceUnreachableException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Pattern;
import org.apache.commons.vfs2.FileContent;
import org.apache.commons.vfs2.FileObject;
import org.apache.commons.vfs2.FileSystemException;
import org.apache.commons.vfs2.FileType;
import org.apache.commons.vfs2.RandomAccessContent;
import org.apache.commons.vfs2.Selectors;
import org.apache.commons.vfs2.util.RandomAccessMode;
import org.jspecify.annotations.Nullable;

/**
 * SFTP, HTTP(S) and WebDAV through Apache Commons VFS. A connection of VFS's is for one thread at a
 * time, so each request takes one from a pool, which {@link LimitedRemote} bounds.
 */
final class VfsRemote implements Remote {
  private static final int BUFFER_BYTES = 256 << 10;

  private final String name;
  private final String url;
  private final VfsConnection.Factory factory;
  private final ConcurrentLinkedDeque<VfsConnection> idle = new ConcurrentLinkedDeque<>();
  private final AtomicBoolean closed = new AtomicBoolean();

  VfsRemote(RemoteSettings settings) throws IOException {
    this.name = settings.name();
    this.url = Redaction.url(settings.url());
    this.factory = VfsConnection.factory(settings);
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
    return factory.isPlainHttp()
        ? EnumSet.noneOf(Capability.class)
        : EnumSet.of(Capability.LIST, Capability.WRITE);
  }

  @FunctionalInterface
  private interface Call<T> {
    T run(VfsConnection connection) throws IOException;
  }

  /** Runs a call on a connection; one that failed is not used again. */
  private <T> T with(String key, Call<T> call) throws IOException {
    VfsConnection connection = idle.pollLast();
    boolean fine = false;
    try {
      if (connection == null) {
        connection = factory.connect();
      }
      T result = call.run(connection);
      fine = true;
      return result;
    } catch (ObjectMissingException e) {
      fine = true;
      throw e;
    } catch (FileSystemException e) {
      throw translate(key, e);
    } catch (RuntimeException e) {
      throw new SourceUnreachableException(describe(), Redaction.message(e), true, e);
    } finally {
      if (connection != null) {
        if (fine && !closed.get()) {
          idle.addLast(connection);
        } else {
          connection.close();
        }
      }
    }
  }

  private FileObject existing(VfsConnection connection, String key) throws IOException {
    FileObject file = connection.resolve(key);
    file.refresh();
    if (file.getType() != FileType.FILE) {
      throw new ObjectMissingException(key, describe());
    }
    return file;
  }

  @Override
  public RemoteObject stat(RemoteKey key) throws IOException {
    return with(
        key.path(),
        connection -> {
          FileContent content = existing(connection, key.path()).getContent();
          return new RemoteObject(
              key.path(), content.getSize(), Optional.empty(), Optional.empty());
        });
  }

  @Override
  public void read(RemoteKey key, long offset, long length, ByteConsumer consumer)
      throws IOException {
    with(
        key.path(),
        connection -> {
          FileObject file = existing(connection, key.path());
          if (length == 0) {
            return true; // HTTP has no empty range
          }
          try (RandomAccessContent content =
              file.getContent().getRandomAccessContent(RandomAccessMode.READ)) {
            content.seek(offset);
            pass(content.getInputStream(), key.path(), length, consumer);
          }
          return true;
        });
  }

  private void pass(InputStream in, String key, long length, ByteConsumer consumer)
      throws IOException {
    byte[] buffer = new byte[(int) Math.min(BUFFER_BYTES, Math.max(1, length))];
    long left = length;
    while (left > 0) {
      int n;
      try {
        n = in.read(buffer, 0, (int) Math.min(buffer.length, left));
      } catch (IOException e) {
        throw new SourceUnreachableException(describe(), Redaction.message(e), true, e);
      }
      if (n < 0) {
        throw new SourceUnreachableException(
            describe(), key + " broke off, " + left + " bytes missing", true, null);
      }
      consumer.accept(ByteBuffer.wrap(buffer, 0, n));
      left -= n;
    }
  }

  @Override
  public void list(String prefix, ListSink sink) throws IOException {
    if (!capabilities().contains(Capability.LIST)) {
      throw new SourceUnreachableException(
          describe(), "HTTP servers cannot be listed; only what is named can be read", false, null);
    }
    int slash = prefix.lastIndexOf('/');
    String directory = slash < 0 ? "" : prefix.substring(0, slash);
    with(
        prefix,
        connection -> {
          FileObject root = connection.resolve("");
          FileObject start = directory.isEmpty() ? root : connection.resolve(directory);
          start.refresh();
          if (!start.exists()) {
            return true;
          }
          for (FileObject file : start.findFiles(Selectors.SELECT_FILES)) {
            String key = root.getName().getRelativeName(file.getName());
            if (key.startsWith(prefix)
                && !sink.accept(
                    new RemoteObject(
                        key, file.getContent().getSize(), Optional.empty(), Optional.empty()))) {
              return true;
            }
          }
          return true;
        });
  }

  @Override
  public void write(String path, Path content) throws IOException {
    with(
        path,
        connection -> {
          String suffix = "." + Long.toHexString(ThreadLocalRandom.current().nextLong());
          FileObject temporary = connection.resolve(path + suffix);
          try (var out = temporary.getContent().getOutputStream()) {
            java.nio.file.Files.copy(content, out);
          }
          temporary.moveTo(connection.resolve(path));
          return true;
        });
  }

  @Override
  public void delete(String path) throws IOException {
    with(path, connection -> connection.resolve(path).delete());
  }

  /** JSch, the HTTP client and the WebDAV client each say it in their own words. */
  private static final Pattern DENIED =
      Pattern.compile("auth|\\b401\\b|\\b403\\b|forbidden", Pattern.CASE_INSENSITIVE);

  private String describe() {
    return "remote '" + name + "' (" + url + ")";
  }

  private IOException translate(String key, FileSystemException e) {
    @Nullable Throwable cause = e;
    StringBuilder chain = new StringBuilder();
    for (int i = 0; cause != null && i < 6; i++, cause = cause.getCause()) {
      chain.append(chain.isEmpty() ? "" : ": ").append(cause.getMessage());
    }
    String text = Redaction.url(chain.toString());
    if (text.contains("404") || text.contains("does not exist") || text.contains("No such file")) {
      return new ObjectMissingException(key, describe());
    }
    boolean denied = DENIED.matcher(text).find();
    String why = denied ? "access denied; check user, password, keyfile or token: " + text : text;
    return new SourceUnreachableException(describe(), why, !denied, e);
  }

  @Override
  public void close() {
    closed.set(true);
    for (VfsConnection c = idle.pollLast(); c != null; c = idle.pollLast()) {
      c.close();
    }
  }
}

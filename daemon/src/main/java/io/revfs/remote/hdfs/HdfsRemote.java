package io.revfs.remote.hdfs;

import io.revfs.object.ByteConsumer;
import io.revfs.object.ObjectMissingException;
import io.revfs.object.SourceUnreachableException;
import io.revfs.remote.ConfiguredRemote;
import io.revfs.remote.Listing;
import io.revfs.remote.Redaction;
import io.revfs.remote.RemoteKey;
import io.revfs.remote.RemoteObject;
import io.revfs.remote.RemoteSettings;
import io.revfs.remote.Upload;
import io.revfs.remote.parts.CountingStream;
import io.revfs.remote.parts.Delivery;
import io.revfs.remote.parts.TemporaryNames;
import java.io.EOFException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumSet;
import java.util.Set;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RemoteIterator;
import org.apache.hadoop.ipc.RemoteException;
import org.apache.hadoop.security.AccessControlException;

/**
 * HDFS, by its own protocol ({@code hdfs://}) or by WebHDFS ({@code webhdfs://}), through Hadoop's
 * client. A write goes to a temporary name and is renamed.
 */
public final class HdfsRemote extends ConfiguredRemote {
  private static final int BUFFER_BYTES = 256 << 10;

  private final HdfsClient client;

  public HdfsRemote(RemoteSettings settings) throws IOException {
    super(settings);
    this.client = HdfsClient.of(settings);
  }

  @Override
  public Set<Capability> capabilities() {
    return EnumSet.of(Capability.LIST, Capability.WRITE, Capability.DELETE);
  }

  @Override
  public Listing listing() {
    return Listing.DIRECTORIES;
  }

  @FunctionalInterface
  private interface Call<T> {
    T run(FileSystem files) throws IOException;
  }

  private <T> T with(String key, Call<T> call) throws IOException {
    try {
      return call.run(client.files());
    } catch (ObjectMissingException | SourceUnreachableException e) {
      throw e;
    } catch (Delivery.TakerFailedException e) {
      throw e.failure();
    } catch (IOException | RuntimeException e) {
      throw translate(key, e);
    }
  }

  private IOException translate(String key, Exception failure) {
    Exception e =
        failure instanceof RemoteException remote
            ? remote.unwrapRemoteException(
                FileNotFoundException.class, AccessControlException.class)
            : failure;
    if (e instanceof FileNotFoundException) {
      return new ObjectMissingException(key, where());
    }
    if (e instanceof InterruptedIOException || Thread.currentThread().isInterrupted()) {
      return interrupted();
    }
    String text = Redaction.message(e);
    int end = text.indexOf('\n'); // the server's stack follows
    String line = end < 0 ? text : text.substring(0, end);
    if (e instanceof AccessControlException || e instanceof SecurityException) {
      return lasting("access denied; check user, token or the Kerberos ticket: " + line, e);
    }
    boolean full = line.contains("quota") || line.contains("could only be written to 0");
    if (full || line.contains("safe mode")) {
      return lasting("it is full or read-only; nothing was stored: " + line, e);
    }
    return passing(line, e);
  }

  private Path path(String key) {
    return client.path(key);
  }

  @Override
  public boolean isThere() throws IOException {
    return with("", files -> files.exists(path("")));
  }

  @Override
  public RemoteObject stat(RemoteKey key) throws IOException {
    return with(
        key.path(),
        files -> {
          FileStatus found = files.getFileStatus(path(key.path()));
          if (!found.isFile()) {
            throw new ObjectMissingException(key.path(), where());
          }
          return RemoteObject.of(key.path(), found.getLen());
        });
  }

  @Override
  public void read(RemoteKey key, long offset, long length, ByteConsumer consumer)
      throws IOException {
    if (length == 0) {
      return;
    }
    with(
        key.path(),
        files -> {
          try (FSDataInputStream in = files.open(path(key.path()))) {
            in.seek(offset);
            long missing = Delivery.pass(in, length, consumer);
            if (missing > 0) {
              throw brokeOff(key, missing);
            }
          } catch (EOFException e) {
            throw lasting(key.path() + " is shorter than what was asked of it", e);
          }
          return true;
        });
  }

  @Override
  public long readAll(RemoteKey key, ByteConsumer consumer) throws IOException {
    return with(
        key.path(),
        files -> {
          try (FSDataInputStream in = files.open(path(key.path()))) {
            return Delivery.passAll(in, consumer);
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
      try {
        boolean more = with(directory, files -> list(files, directory, prefix, directories, sink));
        if (!more) {
          return;
        }
      } catch (ObjectMissingException e) {
        // never written to, or removed meanwhile
      }
    }
  }

  private boolean list(
      FileSystem files, String directory, String prefix, Deque<String> directories, ListSink sink)
      throws IOException {
    RemoteIterator<FileStatus> entries = files.listStatusIterator(path(directory));
    while (entries.hasNext()) {
      FileStatus entry = entries.next();
      String file = entry.getPath().getName();
      String key = directory.isEmpty() ? file : directory + "/" + file;
      if (entry.isDirectory()) {
        if ((key + "/").startsWith(prefix) || prefix.startsWith(key + "/")) {
          directories.add(key);
        }
        continue;
      }
      if (key.startsWith(prefix)) {
        try {
          RemoteObject found =
              RemoteObject.of(key, entry.getLen())
                  .writtenAt(Instant.ofEpochMilli(entry.getModificationTime()));
          if (!sink.accept(found)) {
            return false;
          }
        } catch (IOException e) {
          throw new Delivery.TakerFailedException(e);
        }
      }
    }
    return true;
  }

  @Override
  public RemoteObject write(String key, Upload upload) throws IOException {
    Path target = path(key);
    Path temporary = new Path(null, null, TemporaryNames.beside(target.toUri().getPath()));
    return with(
        key,
        files -> {
          try {
            copy(files, upload, temporary);
            if (!files.rename(temporary, target)) {
              files.delete(target, false); // HDFS does not rename over a file
              if (!files.rename(temporary, target)) {
                throw passing("cannot rename to " + target, null);
              }
            }
          } catch (IOException | RuntimeException e) {
            discard(files, temporary);
            throw e;
          }
          return RemoteObject.of(key, upload.size());
        });
  }

  private static void copy(FileSystem files, Upload upload, Path temporary) throws IOException {
    try (InputStream in =
            new CountingStream(Files.newInputStream(upload.content()), upload.sent());
        OutputStream out = files.create(temporary, true)) { // makes the directories too
      byte[] buffer = new byte[BUFFER_BYTES];
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        out.write(buffer, 0, n);
      }
    }
  }

  private static void discard(FileSystem files, Path temporary) {
    try {
      files.delete(temporary, false);
    } catch (IOException e) {
      // The cluster is away; the file carries a name that nobody reads.
    }
  }

  @Override
  public void delete(String key) throws IOException {
    with(key, files -> files.delete(path(key), false));
  }

  @Override
  public void close() {
    client.close();
  }
}

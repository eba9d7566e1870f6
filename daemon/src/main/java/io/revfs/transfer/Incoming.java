package io.revfs.transfer;

import io.revfs.object.ByteConsumer;
import io.revfs.object.Digest;
import io.revfs.object.Hasher;
import io.revfs.object.ObjectCorruptException;
import io.revfs.object.ObjectKey;
import io.revfs.remote.parts.TemporaryNames;
import io.revfs.workspace.store.ObjectStore;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import org.jspecify.annotations.Nullable;

/**
 * An object that arrives: hashed on the way; a small one waits in memory, a large one in a
 * temporary file of the cache; it gets its name only if it is what the name says. For one thread.
 */
final class Incoming implements ByteConsumer, Closeable {
  private static final int MEMORY_BYTES = 1 << 20;

  private final ObjectStore store;
  private final ObjectKey key;
  private final Hasher hasher;
  private final ByteArrayOutputStream memory = new ByteArrayOutputStream();
  private @Nullable Path temporary;
  private @Nullable FileChannel file;

  Incoming(ObjectStore store, ObjectKey key, Hasher hasher) {
    this.store = store;
    this.key = key;
    this.hasher = hasher;
  }

  @Override
  public void accept(ByteBuffer bytes) throws IOException {
    hasher.update(bytes.duplicate());
    if (file == null && memory.size() + bytes.remaining() <= MEMORY_BYTES) {
      byte[] some = new byte[bytes.remaining()];
      bytes.get(some);
      memory.writeBytes(some);
      return;
    }
    FileChannel out = file == null ? spill() : file;
    write(out, bytes);
  }

  private FileChannel spill() throws IOException {
    Path target = store.path(key);
    Path directory = target.getParent();
    if (directory == null) {
      throw new IllegalStateException(target + " has no parent");
    }
    store.makeDirectories(directory);
    Path made = Path.of(TemporaryNames.beside(target.toString()));
    temporary = made;
    FileChannel out =
        FileChannel.open(made, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    file = out;
    write(out, ByteBuffer.wrap(memory.toByteArray()));
    memory.reset();
    return out;
  }

  private static void write(FileChannel out, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      out.write(bytes);
    }
  }

  /**
   * Gives it its name.
   *
   * @throws ObjectCorruptException if it is not what the name says
   */
  void place(String source) throws IOException {
    Digest found = hasher.finish();
    if (!found.equals(key.digest())) {
      throw new ObjectCorruptException(key, source, "its bytes have " + found);
    }
    Path made = temporary;
    FileChannel out = file;
    if (made == null || out == null) {
      store.put(key, memory.toByteArray());
      return;
    }
    out.close();
    Files.setPosixFilePermissions(made, PosixFilePermissions.fromString("r--r--r--"));
    Files.move(made, store.path(key), StandardCopyOption.ATOMIC_MOVE);
    temporary = null;
  }

  @Override
  public void close() throws IOException {
    if (file != null) {
      file.close();
    }
    if (temporary != null) {
      Files.deleteIfExists(temporary);
    }
  }
}

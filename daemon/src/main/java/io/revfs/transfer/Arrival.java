package io.revfs.transfer;

import io.revfs.object.ByteConsumer;
import io.revfs.object.Digest;
import io.revfs.object.Hasher;
import io.revfs.object.ObjectCorruptException;
import io.revfs.object.ObjectKey;
import io.revfs.workspace.store.Incoming;
import io.revfs.workspace.store.ObjectStore;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * An object that arrives: hashed on the way; a small one waits in memory, a large one in a file of
 * the cache; it gets its name only if it is what the name says. For one thread.
 */
final class Arrival implements ByteConsumer, Closeable {
  private static final int MEMORY_BYTES = 1 << 20;

  private final ObjectStore store;
  private final ObjectKey key;
  private final Hasher hasher;
  private final ByteArrayOutputStream memory = new ByteArrayOutputStream();
  private @Nullable Incoming file;

  Arrival(ObjectStore store, ObjectKey key, Hasher hasher) {
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
    Incoming out = file;
    if (out == null) {
      out = store.incoming(key.digest().algorithm(), key.name().substring(0, 2));
      file = out;
      out.write(ByteBuffer.wrap(memory.toByteArray()));
      memory.reset();
    }
    out.write(bytes);
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
    if (file == null) {
      store.put(key, memory.toByteArray());
    } else {
      file.place(key);
    }
  }

  @Override
  public void close() {
    if (file != null) {
      file.close();
    }
  }
}

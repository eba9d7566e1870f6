package io.revfs.workspace.store;

import io.revfs.object.Digest;
import io.revfs.object.Hasher;
import io.revfs.object.ObjectKey;
import io.revfs.posix.FileCalls;
import io.revfs.posix.PosixFailure;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Takes the bytes of a manifest, hashes them, and if there is a store writes them there: those of a
 * million files are too many to be held. For one thread.
 */
public final class ManifestSink extends OutputStream {
  private final Hasher hasher;
  private final @Nullable ObjectStore store;
  private final @Nullable Incoming incoming;
  private final Arena arena = Arena.ofConfined();
  private MemorySegment block = MemorySegment.NULL;

  /** {@code store}: where the list goes; null: it is only hashed. */
  public ManifestSink(Digest.Algorithm algorithm, @Nullable ObjectStore store) throws IOException {
    this.hasher = Hasher.of(algorithm, 0).orElseThrow();
    this.store = store;
    this.incoming = store == null ? null : store.incoming(algorithm, "00");
  }

  @Override
  public void write(int b) throws IOException {
    write(new byte[] {(byte) b}, 0, 1);
  }

  @Override
  public void write(byte[] bytes, int from, int length) throws IOException {
    hasher.update(ByteBuffer.wrap(bytes, from, length));
    if (incoming != null && store != null) {
      if (block.byteSize() < length) {
        block = arena.allocate(length);
      }
      MemorySegment.copy(bytes, from, block, ValueLayout.JAVA_BYTE, 0, length);
      PosixFailure.check(FileCalls.writeAll(incoming.fd(), block, length), store.root().toString());
    }
  }

  /** Returns the manifest of all bytes taken; the store has it then. */
  public ObjectKey key() throws IOException {
    ObjectKey key = new ObjectKey(hasher.finish(), true);
    if (incoming != null && store != null && !store.check(key)) {
      incoming.place(key);
    }
    return key;
  }

  @Override
  public void close() {
    if (incoming != null) {
      incoming.close();
    }
    arena.close();
  }
}

package io.revfs.object;

import java.io.IOException;
import java.nio.ByteBuffer;

/** Takes bytes as they arrive, in order. Called on the thread that asked for them. */
@FunctionalInterface
public interface ByteConsumer {
  /** Takes all remaining bytes of {@code bytes}, which is not valid after the return. */
  void accept(ByteBuffer bytes) throws IOException;
}

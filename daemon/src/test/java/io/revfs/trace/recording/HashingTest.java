package io.revfs.trace.recording;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.revfs.object.Digest;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class HashingTest {
  private static final Digest DIGEST = Digest.md5("0123456789abcdef0123456789abcdef");

  private static final TracedFiles FILES =
      new TracedFiles() {
        @Override
        public Optional<Digest> digest(String path) {
          return Optional.of(DIGEST);
        }

        @Override
        public long stamp(String path) {
          return 1;
        }

        @Override
        public boolean isQuick(String path) {
          return true;
        }

        @Override
        public Optional<List<String>> names(String path) {
          return Optional.empty();
        }
      };

  @Test
  void twoReadersAtOnce_bothGetTheDigest() throws Exception {
    try (Hashing hashing = new Hashing((key, digest) -> {}, key -> {})) {
      CompletableFuture<Optional<Digest>> one = hashing.later("a", FILES, "a");
      CompletableFuture<Optional<Digest>> other = hashing.later("a", FILES, "a");
      hashing.startAll();
      assertEquals(Optional.of(DIGEST), other.get(30, TimeUnit.SECONDS));
      assertEquals(Optional.of(DIGEST), one.get(30, TimeUnit.SECONDS));
    }
  }
}

package io.revfs.experiment;

import io.revfs.index.Index;
import io.revfs.index.Table;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;

/**
 * What commits hold that people compare. A commit never changes, so what was read once is right for
 * good; it can be had again all the same. Thread-safe.
 */
public final class ExperimentCache {
  private static final int COMMIT_BYTES = 20;
  private static final int PROJECT_BYTES = 8;

  /** Changes when something else is read of a commit. */
  private static final byte FORM = 1;

  /** A few gigabytes at worst; then it begins anew. */
  private static final long MOST = 200_000;

  private final Index index;
  private final Table table;

  /** Keeps them in {@code index}, which the caller closes. */
  public ExperimentCache(Index index) {
    this.index = index;
    this.table = index.table("experiments");
  }

  /** What a commit holds, and when it was made. */
  public record Known(Instant time, ExperimentValues values) {}

  /**
   * Returns what is known of commits.
   *
   * @param project the project's place in its repository
   */
  Map<String, Known> find(String project, Collection<String> commits) {
    byte[] place = place(project);
    return index.read(
        transaction -> {
          Map<String, Known> found = new HashMap<>();
          ByteBuffer key = key();
          for (String commit : commits) {
            ByteBuffer value = transaction.get(table, fill(key, place, commit));
            if (value != null) {
              Instant time = Instant.ofEpochSecond(value.getLong());
              byte[] json = new byte[value.remaining()];
              value.get(json);
              found.put(commit, new Known(time, ExperimentValues.parse(json)));
            }
          }
          return found;
        });
  }

  /** Remembers what commits hold. */
  void put(String project, Map<String, Known> known) {
    if (known.isEmpty()) {
      return;
    }
    byte[] place = place(project);
    index.write(
        transaction -> {
          if (transaction.count(table) > MOST) {
            transaction.clear(table);
          }
          ByteBuffer key = key();
          for (Map.Entry<String, Known> one : known.entrySet()) {
            byte[] json = one.getValue().values().toBytes();
            ByteBuffer value = ByteBuffer.allocateDirect(Long.BYTES + json.length);
            value.putLong(one.getValue().time().getEpochSecond()).put(json).flip();
            transaction.put(table, fill(key, place, one.getKey()), value);
          }
          return true;
        });
  }

  private static ByteBuffer key() {
    return ByteBuffer.allocateDirect(1 + PROJECT_BYTES + COMMIT_BYTES);
  }

  private static ByteBuffer fill(ByteBuffer key, byte[] place, String commit) {
    key.clear().put(FORM).put(place).put(HexFormat.of().parseHex(commit));
    return key.flip();
  }

  private static byte[] place(String project) {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256").digest(project.getBytes(StandardCharsets.UTF_8));
      return Arrays.copyOf(hash, PROJECT_BYTES);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // every JDK has it
    }
  }
}

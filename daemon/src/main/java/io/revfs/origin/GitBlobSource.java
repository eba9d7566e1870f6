package io.revfs.origin;

import io.revfs.git.GitRepository;
import io.revfs.object.ByteConsumer;
import io.revfs.object.Digest;
import io.revfs.object.ObjectKey;
import io.revfs.object.ObjectMissingException;
import io.revfs.object.ObjectSource;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import org.jspecify.annotations.Nullable;

/** Git's blobs as objects. A blob is inflated from its start, so a read at an offset skips. */
public final class GitBlobSource implements ObjectSource {
  private static final int BUFFER_BYTES = 64 << 10;
  private final GitRepository git;

  public GitBlobSource(GitRepository git) {
    this.git = git;
  }

  /** Two of one repository are the same. */
  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof GitBlobSource that && git.equals(that.git);
  }

  @Override
  public int hashCode() {
    return git.hashCode();
  }

  @Override
  public String name() {
    return "git";
  }

  /** Returns the key of a blob. */
  public static ObjectKey key(String id) {
    return ObjectKey.file(new Digest(Digest.Algorithm.GIT_BLOB, id));
  }

  private static void check(ObjectKey key) throws ObjectMissingException {
    if (key.digest().algorithm() != Digest.Algorithm.GIT_BLOB) {
      throw new ObjectMissingException(key, "git");
    }
  }

  @Override
  public long size(ObjectKey key) throws IOException {
    check(key);
    try {
      return git.blobSize(key.digest().hex());
    } catch (NoSuchFileException e) {
      throw new ObjectMissingException(key, name());
    }
  }

  @Override
  public void read(ObjectKey key, long offset, long length, ByteConsumer consumer)
      throws IOException {
    check(key);
    try (InputStream in = git.blobStream(key.digest().hex())) {
      in.skipNBytes(offset);
      byte[] buffer = new byte[BUFFER_BYTES];
      long left = length;
      while (left > 0) {
        int n = in.read(buffer, 0, (int) Math.min(buffer.length, left));
        if (n < 0) {
          throw new ObjectMissingException(key, "git, where it is cut short");
        }
        consumer.accept(ByteBuffer.wrap(buffer, 0, n));
        left -= n;
      }
    } catch (NoSuchFileException e) {
      throw new ObjectMissingException(key, name());
    }
  }
}

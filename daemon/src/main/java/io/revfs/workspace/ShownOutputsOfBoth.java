package io.revfs.workspace;

import io.revfs.object.ObjectKey;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/** What two know, of which each knows of other places. */
record ShownOutputsOfBoth(ShownOutputs one, ShownOutputs other) implements ShownOutputs {
  private ShownOutputs of(Path place) {
    return one.isAttached(place) ? one : other;
  }

  @Override
  public Optional<ObjectKey> shown(Path place) {
    return of(place).shown(place);
  }

  @Override
  public boolean isAttached(Path place) {
    return one.isAttached(place) || other.isAttached(place);
  }

  @Override
  public Map<Path, ObjectKey> obtainable(Path file, byte[] content) throws IOException {
    return of(file).obtainable(file, content);
  }

  @Override
  public Optional<byte[]> small(Path file, byte[] content, ObjectKey key) throws IOException {
    return of(file).small(file, content, key);
  }

  @Override
  public void showAgain(Path place) throws IOException {
    of(place).showAgain(place);
  }

  @Override
  public boolean takeAway(Path place) throws IOException {
    return of(place).takeAway(place);
  }
}

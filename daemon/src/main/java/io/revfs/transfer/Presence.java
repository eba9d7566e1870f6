package io.revfs.transfer;

import io.revfs.object.ObjectKey;
import io.revfs.remote.Remote;
import java.io.IOException;
import java.util.Collection;
import java.util.Set;

/** Which objects a remote has, for those who only want to know. */
public final class Presence {
  private Presence() {}

  /**
   * Returns which objects of a set the remote has; a manifest that is there implies its contents.
   */
  public static Set<ObjectKey> of(Remote remote, ObjectSet objects, int lanes) throws IOException {
    Set<ObjectKey> complete = Existence.of(remote, objects.manifests(), lanes);
    ObjectKeys.Builder there = new ObjectKeys.Builder().addAll(complete);
    complete.forEach(manifest -> there.addAll(objects.contents(manifest)));
    there.addAll(Existence.of(remote, objects.filesBut(complete), lanes));
    return there.build();
  }

  /** Returns which objects the remote has. */
  public static Set<ObjectKey> of(Remote remote, Collection<ObjectKey> objects, int lanes)
      throws IOException {
    return Existence.of(remote, objects, lanes);
  }
}

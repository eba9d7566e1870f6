package io.revfs.command.tracking;

import io.revfs.command.Invocation;
import io.revfs.object.ObjectKey;
import io.revfs.workspace.store.ManifestItem;
import java.io.IOException;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What commands of this area ask of remotes. */
public interface RemoteData {
  /** Of a daemon that reaches none. */
  RemoteData NONE =
      new RemoteData() {
        @Override
        public void status(Invocation call) throws IOException {
          throw new IOException("no remotes are reached from here");
        }

        @Override
        public Set<ObjectKey> lacking(Invocation call, Collection<ObjectKey> objects)
            throws IOException {
          throw new IOException("no remotes are reached from here");
        }

        @Override
        public Optional<List<ManifestItem>> items(
            Invocation call, Optional<String> remote, ObjectKey manifest) {
          return Optional.empty();
        }
      };

  /** Compares the cache with a remote: {@code status -c}. */
  void status(Invocation call) throws IOException;

  /**
   * Returns those objects that the remote (named by the call, or the default) lacks; if the call
   * wants no refresh, those that it was not seen to have when it was last asked.
   */
  Set<ObjectKey> lacking(Invocation call, Collection<ObjectKey> objects) throws IOException;

  /**
   * Returns what a manifest on a remote names, verified, and puts it nowhere; empty if the remote
   * has none, or it is damaged, or there is no remote.
   *
   * @param remote its name; if absent the one that the call names, or the default
   */
  Optional<List<ManifestItem>> items(Invocation call, Optional<String> remote, ObjectKey manifest)
      throws IOException;
}

package io.revfs.transfer;

import io.revfs.object.ObjectKey;
import io.revfs.remote.OpenRemote;
import io.revfs.remote.RemoteLimits;
import io.revfs.remote.RemoteSettings;
import io.revfs.remote.scheme.Remotes;
import io.revfs.workspace.Checkout;
import io.revfs.workspace.Contents;
import io.revfs.workspace.Wanted;
import io.revfs.workspace.Workspace;
import io.revfs.workspace.Workspaces;
import io.revfs.workspace.store.LinkType;
import io.revfs.workspace.store.Progress;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * Adds a directory, pushes it and checks it out elsewhere; a process of its own, that it can be
 * killed. Prints a letter for each step, by which its killer knows when.
 */
final class KilledWork {
  private final Path directory;
  private final Progress progress;

  KilledWork(Path directory, Progress progress) {
    this.directory = directory;
    this.progress = progress;
  }

  public static void main(String[] words) throws IOException {
    Progress dots =
        (files, bytes) -> {
          System.out.print('.');
          System.out.flush();
        };
    new KilledWork(Path.of(words[0]), dots).run(LinkType.valueOf(words[1]));
  }

  /** Does all of it; returns what was added. */
  ObjectKey run(LinkType type) throws IOException {
    try (Workspaces workspaces = Workspaces.open(directory.resolve("states"));
        Workspace workspace = workspace(workspaces, type)) {
      Path data = directory.resolve("data");
      Contents added = workspace.storing(data, true).telling(progress).read(data).orElseThrow();
      push(workspaces, workspace, added.key());
      Checkout checkout = workspace.checkout(workspace.reader(), progress);
      checkout.apply(
          checkout.plan(new Wanted(directory.resolve("out"), added.key(), "", false), false));
      return added.key();
    }
  }

  private Workspace workspace(Workspaces workspaces, LinkType type) throws IOException {
    return workspaces.of(
        new Workspaces.CacheSettings(directory.resolve("cache"), List.of(type), false, false, 022),
        directory);
  }

  private void push(Workspaces workspaces, Workspace workspace, ObjectKey key) throws IOException {
    ObjectSet objects = new ObjectSet();
    objects.addDirectory(key, "", "data", Manifests.keys(workspace.store(), key, "").orElseThrow());
    TransferListener listener =
        new TransferListener() {
          @Override
          public void expect(long count, long bytes) {}

          @Override
          public void moved(long bytes) {}

          @Override
          public void done(long count) {
            progress.done(count, 0);
          }
        };
    String url = directory.resolve("remote").toString();
    try (OpenRemote remote =
        Remotes.open(new RemoteSettings("store", url, Map.of(), RemoteLimits.DEFAULT))) {
      RemoteIndex index = new RemoteIndex(workspaces.index());
      TransferResult unused =
          new Push(workspace.store(), remote.remote(), index, 4, listener).run(objects);
    }
  }
}

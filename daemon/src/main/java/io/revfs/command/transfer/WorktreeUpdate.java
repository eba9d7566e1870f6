package io.revfs.command.transfer;

import io.revfs.command.CommandFailure;
import io.revfs.command.tracking.Session;
import io.revfs.dvc.CloudVersion;
import io.revfs.dvc.Output;
import io.revfs.dvc.OutputFile;
import io.revfs.object.ObjectKey;
import io.revfs.remote.Remote;
import io.revfs.remote.RemoteKey;
import io.revfs.remote.RemoteLimits;
import io.revfs.remote.RemoteObject;
import io.revfs.stage.Out;
import io.revfs.stage.Stage;
import io.revfs.text.PythonJson;
import io.revfs.workspace.Checkout;
import io.revfs.workspace.Wanted;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * {@code update} of data on a worktree remote, which people may change by hand: what is newest
 * there comes here and is recorded.
 */
public final class WorktreeUpdate implements PlainUpdates {
  private final RemoteLimits limits;

  public WorktreeUpdate(RemoteLimits limits) {
    this.limits = limits;
  }

  @Override
  public void update(Session session, List<Stage> stages) throws IOException {
    try (Transfers transfers = new Transfers(session, limits)) {
      OutputWriter writer = new OutputWriter(session);
      for (Stage stage : stages) {
        for (Out out : stage.outs()) {
          if (out.cached() && out.push()) {
            update(session, transfers, writer, stage, out);
          }
        }
      }
      writer.finish();
    }
  }

  private static Optional<String> remoteOf(Out out) {
    Optional<String> pushed =
        out.recorded().cloud().keySet().stream().filter(name -> !name.isEmpty()).findFirst();
    return out.remote()
        .or(() -> pushed)
        .or(
            () ->
                out.recorded().files().stream()
                    .flatMap(file -> file.cloud().keySet().stream())
                    .filter(name -> !name.isEmpty())
                    .findFirst());
  }

  private static void update(
      Session session, Transfers transfers, OutputWriter writer, Stage stage, Out out)
      throws IOException {
    String shown = stage.id().addressing(session.from());
    Optional<String> name = remoteOf(out);
    if (name.isEmpty()) {
      session
          .call()
          .warn(
              "WARNING: Could not update '%s', it was never pushed to a remote"
                  .formatted(session.shown(out)));
      return;
    }
    if (!transfers.isWorktree(name.get())) {
      throw new CommandFailure(
          "update is not supported for '%s' that is not an import.".formatted(shown),
          "name .dvc files of imports, or of data on a worktree remote",
          CommandFailure.FAILED);
    }
    new Newest(session, transfers.versioned(name.get()), name.get(), out).update(writer);
  }

  /** What the remote has of one output. */
  private record Newest(Session session, Remote remote, String name, Out out) {
    void update(OutputWriter writer) throws IOException {
      boolean directory =
          !out.recorded().files().isEmpty()
              || out.recorded().key().filter(ObjectKey::manifest).isPresent();
      Map<String, RemoteObject> there = new HashMap<>();
      String prefix = directory ? out.path() + "/" : out.path();
      remote.list(
          prefix,
          object -> {
            boolean meant = directory ? !object.path().endsWith("/") : object.path().equals(prefix);
            if (meant) {
              there.put(directory ? object.path().substring(prefix.length()) : "", object);
            }
            return true;
          });
      if (there.isEmpty()) {
        session
            .call()
            .warn(
                "WARNING: Could not update '%s', it does not exist in the remote"
                    .formatted(session.shown(out)));
        return;
      }
      Output now = directory ? directory(there) : file(there.getOrDefault("", empty()));
      writer.write(out, now);
      Optional<ObjectKey> key = session.files().key(out.with(now));
      Checkout checkout = session.files().checkout();
      Wanted wanted =
          new Wanted(session.files().place(out), key.orElseThrow(), "", now.executable());
      checkout.apply(checkout.plan(wanted, false));
    }

    private RemoteObject empty() {
      return new RemoteObject(out.path(), 0, Optional.empty(), Optional.empty());
    }

    private Output file(RemoteObject newest) throws IOException {
      Output before = out.recorded();
      Optional<CloudVersion> known = Optional.ofNullable(before.cloud().get(name));
      if (known.flatMap(CloudVersion::etag).equals(newest.etag())) {
        return before;
      }
      RemoteObject object = remote.stat(RemoteKey.of(out.path()));
      ObjectKey key = bring(object);
      Output now =
          new Output(
              before.path(),
              Optional.of(key),
              OptionalLong.of(object.size()),
              OptionalLong.empty(),
              false,
              before.cached(),
              before.remote(),
              before.push(),
              List.of(),
              Map.of(),
              before.line());
      CloudVersion version = new CloudVersion(object.etag(), object.version(), Optional.empty());
      return now.with(List.of(), Map.of("", version), false);
    }

    private Output directory(Map<String, RemoteObject> there) throws IOException {
      Map<String, OutputFile> known = new HashMap<>();
      out.recorded().files().forEach(file -> known.put(file.path(), file));
      List<OutputFile> files = new ArrayList<>();
      for (Map.Entry<String, RemoteObject> one : there.entrySet()) {
        OutputFile before = known.get(one.getKey());
        Optional<String> tag =
            before == null
                ? Optional.empty()
                : Optional.ofNullable(before.cloud().get(name))
                    .flatMap(CloudVersion::etag)
                    .or(before::etag);
        boolean same = tag.isPresent() && tag.equals(one.getValue().etag());
        files.add(same && before != null && isHere(before) ? before : fresh(one.getKey()));
      }
      files.sort((a, b) -> PythonJson.compareCodePoints(a.path(), b.path()));
      return out.recorded().with(files, Map.of(), false);
    }

    private boolean isHere(OutputFile file) throws IOException {
      return file.md5().isPresent()
          && session.workspace().store().check(ObjectKey.file(file.md5().get()));
    }

    private OutputFile fresh(String path) throws IOException {
      RemoteObject object = remote.stat(RemoteKey.of(out.path() + "/" + path));
      ObjectKey key = bring(object);
      return new OutputFile(
          path,
          Optional.of(key.digest()),
          OptionalLong.of(object.size()),
          false,
          Map.of(),
          object.etag(),
          object.version());
    }

    /** Brings an object of unknown content to the cache, by a file that becomes the object. */
    private ObjectKey bring(RemoteObject object) throws IOException {
      Path waiting = Files.createTempFile(session.project().tmp(), "update", "");
      try {
        try (FileChannel file = FileChannel.open(waiting, StandardOpenOption.WRITE)) {
          remote.read(
              new RemoteKey(object.path(), object.version()),
              0,
              object.size(),
              bytes -> {
                while (bytes.hasRemaining()) {
                  file.write(bytes);
                }
              });
        }
        return session
            .workspace()
            .reader()
            .storing(session.workspace().store(), true)
            .read(waiting)
            .orElseThrow()
            .key();
      } finally {
        Files.deleteIfExists(waiting);
      }
    }
  }
}

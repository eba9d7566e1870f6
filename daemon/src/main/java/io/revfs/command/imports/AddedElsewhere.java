package io.revfs.command.imports;

import io.revfs.command.Invocation;
import io.revfs.command.copy.Destination;
import io.revfs.command.record.AddTargets;
import io.revfs.command.record.Elsewhere;
import io.revfs.command.record.Recorder;
import io.revfs.command.tracking.Session;
import io.revfs.dvc.Output;
import io.revfs.object.ObjectMissingException;
import io.revfs.stage.Out;
import io.revfs.url.ExternalUrls;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Data of a store or of this machine that is tracked as if it had been made here: nothing is
 * recorded of where it is from.
 */
record AddedElsewhere(Source.Reach reach, Deliveries deliveries) implements Elsewhere {
  @Override
  public void add(Session session) throws IOException {
    Invocation call = session.call();
    String target = call.values("targets").getFirst();
    try (Destination destination = destination(session, target);
        UrlSource source = new UrlSource(reach, session, entry(call, target), call.directory())) {
      Out out = new AddTargets(session, true).imported(session.shown(destination.path()));
      Recorder recorder = new Recorder(session, true, true);
      boolean toRemote = call.flag("to-remote");
      if (!toRemote) {
        recorder.checkNotInGit(out);
      }
      session.checkFree(List.of(out));
      boolean unused = source.look(Optional.empty());
      Output now =
          toRemote
              ? deliveries.bring(session, source, out)
              : ImportRun.download(session, recorder, source, out, destination);
      recorder.writeElsewhere(out, now, toRemote);
      recorder.tellGit();
    } catch (ObjectMissingException e) {
      throw Recorder.failed("'" + target + "' does not exist", "look for it with: list-url");
    } catch (IOException e) {
      throw ImportRun.failure("failed to add '" + target + "'", e);
    }
  }

  /** Without a name for it, data in the project is tracked where it is. */
  private static Destination destination(Session session, String target) throws IOException {
    Invocation call = session.call();
    if (call.has("out")) {
      return Destination.of(call, target, call.value("out"));
    }
    Path path = call.resolve(target);
    boolean here = isPath(target) && session.project().contains(path);
    return Destination.replacing(call, here ? target : Destination.lastName(target));
  }

  private static boolean isPath(String target) {
    return ExternalUrls.isLocal(target) && !target.contains("://");
  }

  private static Map<String, @Nullable Object> entry(Invocation call, String target) {
    Map<String, @Nullable Object> entry = new HashMap<>();
    entry.put("path", isPath(target) ? call.resolve(target).toString() : target);
    return entry;
  }
}

package io.revfs.command.transfer;

import io.revfs.command.Invocation;
import io.revfs.command.tracking.Session;
import io.revfs.object.ObjectKey;
import io.revfs.object.ObjectSource;
import io.revfs.stage.target.Target;
import io.revfs.transfer.Fetch;
import io.revfs.transfer.ObjectSet;
import io.revfs.transfer.RunCache;
import io.revfs.transfer.TransferListener;
import io.revfs.transfer.TransferResult;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/** Fetches what a call means, as {@code fetch} and {@code pull} do. */
final class FetchRun {
  private final Session session;
  private final Transfers transfers;
  private final Optional<ObjectSource> nearer;
  private final FetchedImports imports;

  FetchRun(Session session, Transfers transfers, FetchSources sources) {
    this.session = session;
    this.transfers = transfers;
    this.nearer = sources.nearer();
    this.imports = sources.imports();
  }

  /**
   * What it did.
   *
   * @param lacking how many objects could not be had although they were asked for
   * @param partial what outputs of imports hold of which nothing is recorded, by their path
   */
  record Result(long fetched, long lacking, Map<String, ObjectKey> partial) {}

  Result run() throws IOException {
    Invocation call = session.call();
    long fetched = 0;
    String remote = call.flag("run-cache") ? transfers.remoteOf(Optional.empty()) : "";
    if (!remote.isEmpty() && !transfers.isVersioned(remote)) {
      fetched +=
          RunCache.fetch(
              session.project().cacheDirectory(),
              transfers.remote(remote),
              transfers.lanes(remote));
    }
    UsedOutputs outputs = new UsedOutputs(session, imports);
    return run(outputs, outputs.find(false), fetched);
  }

  /** Fetches what these targets mean, whatever the call names. */
  Result run(List<Target> targets) throws IOException {
    UsedOutputs outputs = new UsedOutputs(session, imports);
    return run(outputs, outputs.of(targets), 0);
  }

  private Result run(UsedOutputs outputs, List<UsedOutputs.Used> found, long before)
      throws IOException {
    Invocation call = session.call();
    long fetched = before;
    List<UsedOutputs.Used> used = new ArrayList<>(found);
    used.removeIf(this::isTooLarge);
    TransferResult versioned = TransferResult.NOTHING;
    for (Map.Entry<String, List<UsedOutputs.Used>> one : transfers.takeVersioned(used).entrySet()) {
      versioned =
          versioned.and(
              new VersionedOutputs(session, transfers, one.getKey()).fetch(one.getValue()));
    }
    FetchedImports.Fetched imported = imports.fetch(session, outputs.atSource());
    fetched += imported.objects();
    Map<String, ObjectSet> byRemote = transfers.objects(used, nearer);
    double mean = meanSize(used, byRemote);
    TransferListener listener = transfers.listener("Fetching");
    TransferResult result = transfers.ofManifests().and(versioned);
    for (Map.Entry<String, ObjectSet> one : byRemote.entrySet()) {
      result =
          result.and(
              new Fetch(
                      session.workspace().store(),
                      nearer,
                      transfers.remote(one.getKey()),
                      transfers.lanes(one.getKey()),
                      listener)
                  .expecting(key -> mean)
                  .run(one.getValue().all()));
    }
    transfers.warnOfMissing(result);
    result
        .failed()
        .values()
        .forEach(why -> call.warn("ERROR: " + why + "; push it again from where it is right"));
    return new Result(fetched + result.transferred(), result.failed().size(), imported.partial());
  }

  /** Manifests tell no sizes, but outputs do, all their files together. */
  private static double meanSize(List<UsedOutputs.Used> used, Map<String, ObjectSet> objects) {
    double bytes = 0;
    for (UsedOutputs.Used one : used) {
      bytes += one.out().size().orElse(0);
    }
    long count = 0;
    for (ObjectSet set : objects.values()) {
      count += set.all().size();
    }
    return count == 0 ? 0 : bytes / count;
  }

  private boolean isTooLarge(UsedOutputs.Used one) {
    OptionalLong most = session.call().number("max-size");
    return most.isPresent()
        && one.out().size().isPresent()
        && one.out().size().getAsLong() > most.getAsLong();
  }
}

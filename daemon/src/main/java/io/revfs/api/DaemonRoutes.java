package io.revfs.api;

import io.revfs.cache.Cache;
import io.revfs.mount.MountManager;
import io.revfs.repository.DataRepository;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** The daemon itself and its cache. */
final class DaemonRoutes {
  private final MountManager mounts;
  private final Cache cache;
  private final Supplier<Map<String, Object>> process;
  private final Runnable shutdown;
  private final Api.HandOver handOver;

  /**
   * @param process what {@code status} says of the process
   * @param shutdown begins an orderly end and returns at once
   */
  DaemonRoutes(
      MountManager mounts,
      Cache cache,
      Supplier<Map<String, Object>> process,
      Runnable shutdown,
      Api.HandOver handOver) {
    this.handOver = handOver;
    this.mounts = mounts;
    this.cache = cache;
    this.process = process;
    this.shutdown = shutdown;
  }

  List<Route> routes() {
    return List.of(
        new Route("GET", "/v1/status", "Say how the daemon is", List.of(), this::status),
        new Route(
            "POST",
            "/v1/shutdown",
            "End the daemon; mounts are remembered",
            List.of(),
            exchange -> {
              exchange.json(Map.of());
              shutdown.run();
            }),
        new Route(
            "POST",
            "/v1/restart",
            "Let another process go on with the mounts, without a reader noticing",
            List.of("command"),
            exchange ->
                exchange.json(Map.of("handedOver", handOver.begin(exchange.strings("command"))))),
        new Route(
            "GET",
            "/v1/cache",
            "Figures of the cache",
            List.of(),
            exchange -> exchange.json(cache.status())),
        new Route(
            "POST",
            "/v1/cache/gc",
            "Evict what was not used for longest",
            List.of("targetBytes", "dryRun"),
            exchange -> {
              mounts.releaseIdle();
              exchange.json(
                  cache.evict(
                      exchange.number("targetBytes").orElse(cache.status().quotaBytes()),
                      exchange.flag("dryRun")));
            }),
        new Route(
            "POST",
            "/v1/cache/fsck",
            "Check every object against its digest; progress as lines of JSON",
            List.of(),
            this::fsck),
        new Route(
            "GET",
            "/v1/openapi.json",
            "This description",
            List.of(),
            exchange -> {
              try (InputStream in = DaemonRoutes.class.getResourceAsStream("openapi.json")) {
                exchange.jsonText(java.util.Objects.requireNonNull(in).readAllBytes());
              }
            }));
  }

  private void status(Exchange exchange) throws IOException {
    Map<String, Object> status = new LinkedHashMap<>(process.get());
    status.put("mounts", mounts.mounts());
    status.put("cache", cache.status());
    List<Map<String, Object>> remotes = new ArrayList<>();
    for (DataRepository repository : mounts.repositories()) {
      for (DataRepository.RemoteState state : repository.remotes()) {
        Map<String, Object> remote = new LinkedHashMap<>();
        remote.put("repository", repository.location());
        remote.put("name", state.name());
        remote.put("url", state.url());
        remote.put("lastError", state.lastError());
        remote.put("requests", state.requests());
        remote.put("failures", state.failures());
        remote.put("bytesRead", state.bytesRead());
        remotes.add(remote);
      }
    }
    status.put("remotes", remotes);
    exchange.json(status);
  }

  private void fsck(Exchange exchange) throws IOException {
    Exchange.Body body = exchange.stream("application/x-ndjson");
    long[] done = {0, System.nanoTime()};
    IOException[] gone = {null};
    Cache.FsckResult result =
        cache.fsck(
            bytes -> {
              done[0] += bytes;
              if (gone[0] == null && System.nanoTime() - done[1] > 200_000_000) {
                done[1] = System.nanoTime();
                try {
                  body.event(Map.of("bytesDone", done[0]));
                } catch (IOException e) {
                  gone[0] = e; // the check goes on: half of one helps nobody
                }
              }
            });
    Map<String, Object> last = new LinkedHashMap<>();
    last.put("done", true);
    last.put("objectsChecked", result.objectsChecked());
    last.put("bytesChecked", result.bytesChecked());
    last.put("damaged", result.damaged());
    last.put("foreignFiles", result.foreignFiles());
    last.put("indexed", result.indexed());
    body.event(last);
    body.end();
  }
}

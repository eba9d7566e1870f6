package io.revfs.api;

import io.revfs.browse.Places;
import io.revfs.cache.Cache;
import io.revfs.command.Commands;
import io.revfs.mount.AttachedCopies;
import io.revfs.mount.MountManager;
import io.revfs.repository.DataRepositories;
import io.revfs.trace.TraceStore;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** The routes and what they need, put together. */
public final class Api {
  private final List<Route> routes = new ArrayList<>();

  /**
   * @param commands DVC's
   * @param process what {@code status} says of the process
   * @param shutdown begins an orderly end and returns at once
   */
  public Api(
      MountManager mounts,
      AttachedCopies attached,
      DataRepositories repositories,
      Cache cache,
      Commands commands,
      TraceStore traces,
      Supplier<Map<String, Object>> process,
      Runnable shutdown,
      HandOver handOver) {
    Places places = new Places(path -> mounts.locate(path), repositories);
    routes.addAll(new DaemonRoutes(mounts, cache, process, shutdown, handOver).routes());
    routes.addAll(new MountRoutes(mounts, places).routes());
    routes.addAll(new AttachRoutes(attached).routes());
    routes.addAll(new ContentRoutes(places, cache).routes());
    routes.addAll(new PrefetchRoutes(places, mounts, cache).routes());
    routes.addAll(new CommandRoutes(commands).routes());
    routes.addAll(new TraceRoutes(traces).routes());
    routes.addAll(new LiveRoutes().routes());
  }

  /** Lets another process go on with what this one serves. */
  @FunctionalInterface
  public interface HandOver {
    /**
     * Begins it, and returns at once.
     *
     * @param command starts the other process; empty for the same as now
     * @return false if there is nothing that another process could go on with
     */
    boolean begin(List<String> command) throws IOException;
  }

  List<Route> routes() {
    return routes;
  }

  /**
   * Serves at a socket, whose directory exists.
   *
   * @param othersMayLook whether other users may use the routes that change nothing
   */
  public ApiServer serve(Path socket, boolean othersMayLook) throws IOException {
    return ApiServer.start(socket, routes, othersMayLook);
  }
}

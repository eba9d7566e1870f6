package io.revfs.api;

import io.revfs.fuse.MountOptions;
import io.revfs.mount.AttachedCopies;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Attaching working copies. */
final class AttachRoutes {
  private final AttachedCopies copies;

  AttachRoutes(AttachedCopies copies) {
    this.copies = copies;
  }

  List<Route> routes() {
    return List.of(
        new Route(
            "GET",
            "/v1/attached",
            "List the attached working copies",
            List.of(),
            exchange -> exchange.json(Map.of("attached", copies.list()))),
        new Route(
            "POST",
            "/v1/attached",
            "Attach a working copy",
            List.of("directory", "backend", "environment"),
            this::attach),
        new Route(
            "DELETE",
            "/v1/attached",
            "Detach a working copy",
            List.of("directory", "lazy"),
            exchange ->
                exchange.json(
                    copies.detach(
                        Path.of(exchange.required("directory")), exchange.flag("lazy")))));
  }

  private void attach(Exchange exchange) throws IOException {
    MountOptions.Backend backend = exchange.choice("backend", MountOptions.Backend.class);
    exchange.json(
        copies.attach(
            Path.of(exchange.required("directory")),
            backend == null ? MountOptions.Backend.AUTO : backend,
            exchange.texts("environment")));
  }
}

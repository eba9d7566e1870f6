package io.revfs.api;

import io.revfs.browse.Places;
import io.revfs.config.SealMode;
import io.revfs.fuse.MountOptions;
import io.revfs.mount.MountManager;
import io.revfs.mount.MountRequest;
import io.revfs.repository.DataRepository;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Mounting, unmounting, switching views, refreshing mirrors. */
final class MountRoutes {
  private final MountManager mounts;
  private final Places places;

  MountRoutes(MountManager mounts, Places places) {
    this.mounts = mounts;
    this.places = places;
  }

  List<Route> routes() {
    return List.of(
        new Route(
            "GET",
            "/v1/mounts",
            "List the mounts",
            List.of(),
            exchange -> exchange.json(Map.of("mounts", mounts.mounts()))),
        new Route(
            "POST",
            "/v1/mounts",
            "Mount a repository",
            List.of(
                "repository",
                "directory",
                "allowOther",
                "backend",
                "serve",
                "seal",
                "recorded",
                "environment"),
            this::mount),
        new Route(
            "DELETE",
            "/v1/mounts",
            "Take a mount away",
            List.of("directory", "lazy"),
            exchange ->
                exchange.json(
                    mounts.unmount(
                        Path.of(exchange.required("directory")), exchange.flag("lazy")))),
        new Route(
            "POST",
            "/v1/use",
            "Point a view of a mount to a revision",
            List.of("revision", "view", "directory"),
            this::use),
        new Route(
            "POST",
            "/v1/refresh",
            "Bring the mirror of a URL up to date",
            List.of("repository"),
            this::refresh));
  }

  private void mount(Exchange exchange) throws IOException {
    String repository = exchange.required("repository");
    Places.Root root = places.root(repository);
    String location = repository.contains("://") ? repository : topOf(repository, root);
    exchange.json(
        mounts.mount(
            new MountRequest(
                location,
                exchange.required("directory"),
                exchange.flag("allowOther"),
                exchange.choice("backend", MountOptions.Backend.class),
                exchange.choice("serve", MountOptions.Serve.class),
                exchange.choice("seal", SealMode.class),
                exchange.flag("recorded")),
            exchange.texts("environment")));
  }

  /** A path below a working copy means the working copy. */
  private static String topOf(String repository, Places.Root root) {
    if (!repository.startsWith("/")) {
      return repository; // an address such as git@host:path
    }
    Path path = Path.of(repository).normalize();
    int below = root.path().isEmpty() ? 0 : Path.of(root.path()).getNameCount();
    for (int i = 0; i < below; i++) {
      Path parent = path.getParent();
      path = parent == null ? path : parent;
    }
    return path.toString();
  }

  private void use(Exchange exchange) throws IOException {
    Optional<String> directory = exchange.optional("directory");
    exchange.json(
        mounts.use(
            exchange.required("revision"),
            exchange.optional("view").orElse("current"),
            directory.isPresent() ? Path.of(directory.get()) : null));
  }

  private void refresh(Exchange exchange) throws IOException {
    DataRepository repository = places.root(exchange.required("repository")).repository();
    Map<String, Object> answer = new LinkedHashMap<>();
    answer.put("repository", repository.location());
    answer.put("changed", repository.refresh());
    exchange.json(answer);
  }
}

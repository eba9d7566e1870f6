package io.revfs.api;

import io.revfs.browse.Listing;
import io.revfs.browse.Places;
import io.revfs.cache.Cache;
import io.revfs.fuse.FuseException;
import io.revfs.fuse.OpenFile;
import io.revfs.fuse.RequestContext;
import io.revfs.object.ObjectKey;
import io.revfs.object.ObjectSource;
import io.revfs.snapshot.Entry;
import io.revfs.snapshot.FileContents;
import io.revfs.snapshot.Snapshot;
import io.revfs.snapshot.TreeWalk;
import io.revfs.snapshot.UnreadableOutputException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/** Looking at revisions without a mount: ls, content, tree, info, complete. */
final class ContentRoutes {
  private static final List<String> WHERE = List.of("repository", "path", "rev");
  private static final int BUFFER_BYTES = 256 << 10;

  private final Places places;
  private final Cache cache;
  private final FileContents contents;

  ContentRoutes(Places places, Cache cache) {
    this.places = places;
    this.cache = cache;
    this.contents = new FileContents(cache);
  }

  List<Route> routes() {
    return List.of(
        new Route(
            "GET",
            "/v1/ls",
            "List a directory of a revision as DVC does",
            List.of("repository", "path", "rev", "recursive", "dvcOnly"),
            this::list),
        new Route(
            "GET",
            "/v1/content",
            "Read a file of a revision",
            List.of("repository", "path", "rev", "offset", "length"),
            this::content),
        new Route("GET", "/v1/tree", "List everything below a path", WHERE, this::tree),
        new Route("GET", "/v1/info", "Say what a path is and where it is", WHERE, this::info),
        new Route(
            "GET",
            "/v1/complete",
            "Complete a revision or path in a shell",
            List.of("repository", "kind", "prefix", "rev"),
            this::complete));
  }

  private Places.Place place(Exchange exchange) throws IOException {
    return places.of(
        exchange.required("repository"),
        exchange.optional("rev"),
        exchange.optional("path").orElse(""));
  }

  private void list(Exchange exchange) throws IOException {
    Places.Place place = place(exchange);
    Exchange.Body[] body = {null};
    Listing.list(
        place,
        new Listing.Options(
            exchange.flag("recursive"), exchange.flag("dvcOnly"), java.util.OptionalInt.empty()),
        line -> {
          // The answer begins with the first line: what fails before is an error of its own.
          if (body[0] == null) {
            body[0] = exchange.stream("application/json");
            body[0].write(new byte[] {'['});
          } else {
            body[0].write(new byte[] {','});
          }
          body[0].write(Exchange.JSON.writeValueAsBytes(line));
        });
    if (body[0] == null) {
      exchange.json(List.of());
      return;
    }
    body[0].write(new byte[] {']'});
    body[0].end();
  }

  private void content(Exchange exchange) throws IOException {
    Places.Place place = place(exchange);
    Entry entry = place.entry();
    if (entry.directory().isPresent()) {
      throw new ApiException(
          400, "is-a-directory", place.path() + " is a directory", "revfs get copies it", 255);
    }
    long offset = exchange.number("offset").orElse(0L);
    try (OpenFile file = contents.open(entry)) {
      long rest = Math.max(0, file.size() - offset);
      long length = Math.min(rest, exchange.number("length").orElse(rest));
      // The first bytes are had before the answer begins, so that most failures have a status.
      byte[] buffer = new byte[BUFFER_BYTES];
      int n = read(file, buffer, offset, length);
      Exchange.Body body = exchange.stream("application/octet-stream", length);
      for (long at = 0; at < length; ) {
        body.write(Arrays.copyOf(buffer, n));
        at += n;
        if (at < length) {
          n = read(file, buffer, offset + at, length - at);
        }
      }
      body.end();
    }
  }

  private static int read(OpenFile file, byte[] buffer, long offset, long length)
      throws IOException {
    try {
      int n =
          file.read(
              RequestContext.INTERNAL,
              ByteBuffer.wrap(buffer, 0, (int) Math.min(buffer.length, length)),
              offset);
      if (n == 0 && length > 0) {
        throw new IOException("the file ends early");
      }
      return n;
    } catch (FuseException e) {
      throw e.getCause() instanceof IOException io ? io : new IOException(e.getMessage(), e);
    }
  }

  private void tree(Exchange exchange) throws IOException {
    Places.Place place = place(exchange);
    Exchange.Body body = exchange.stream("application/x-ndjson");
    if (place.entry().directory().isEmpty()) {
      body.line(treeLine("", place.entry()));
    } else {
      TreeWalk.files(
          place.entry().directory().get(), (path, entry) -> body.line(treeLine(path, entry)));
    }
    body.line(Map.of("done", true));
    body.end();
  }

  private Map<String, Object> treeLine(String path, Entry entry) throws IOException {
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("path", path);
    line.put("kind", entry.kind().name().toLowerCase(Locale.ROOT));
    line.put("executable", entry.executable());
    line.put("size", entry.size());
    if (entry.kind() == Entry.Kind.SYMBOLIC_LINK) {
      ObjectKey key = entry.key().orElseThrow();
      ObjectSource source = entry.origins().sources().getFirst();
      ByteBuffer target = ByteBuffer.allocate((int) source.size(key));
      source.read(key, 0, target.capacity(), target::put);
      line.put("target", new String(target.array(), StandardCharsets.UTF_8));
    }
    return line;
  }

  private void info(Exchange exchange) throws IOException {
    Places.Place place = place(exchange);
    Entry entry = place.entry();
    Map<String, Object> info = new LinkedHashMap<>();
    info.put("path", place.path());
    info.put("repository", place.repository().location());
    info.put("commit", place.snapshot().commit());
    info.put("kind", entry.kind().name().toLowerCase(Locale.ROOT));
    info.put("tracking", entry.tracking().name().toLowerCase(Locale.ROOT).replace('_', '-'));
    entry.key().ifPresent(key -> info.put("digest", key.toString()));
    info.put("executable", entry.executable());
    info.put("remote", entry.origins().names());
    if (entry.directory().isPresent()) {
      try {
        directory(entry, info);
      } catch (UnreadableOutputException e) {
        info.put("problem", String.valueOf(e.getMessage()));
      }
    } else if (entry.problem().isEmpty()) {
      long size = contents.size(entry);
      info.put("size", size);
      boolean git = entry.tracking() == Entry.Tracking.GIT;
      Cache.Presence presence =
          git || entry.key().isEmpty()
              ? new Cache.Presence(size, size, true)
              : cache.presence(entry.key().get());
      info.put("cachedBytes", presence.presentBytes());
      info.put("cachedPercent", presence.percent());
    }
    problem(place).ifPresent(problem -> info.put("problem", problem));
    exchange.json(info);
  }

  private void directory(Entry entry, Map<String, Object> info) throws IOException {
    long[] figures = new long[3];
    TreeWalk.files(
        entry.directory().orElseThrow(),
        (path, file) -> {
          figures[0]++;
          figures[1] += Math.max(0, contents.sizeIfKnown(file));
          if (file.tracking() != Entry.Tracking.GIT && file.key().isPresent()) {
            figures[2] += cache.presence(file.key().get()).presentBytes();
          }
        });
    info.put("files", figures[0]);
    info.put("totalBytes", Math.max(entry.size(), figures[1]));
    info.put("cachedBytes", figures[2]);
  }

  private static Optional<String> problem(Places.Place place) {
    if (place.entry().problem().isPresent()) {
      return place.entry().problem();
    }
    return place.snapshot().problems().stream()
        .filter(p -> p.path().equals(place.path()) || p.path().equals(place.path() + ".dvc"))
        .map(Snapshot.Problem::message)
        .findFirst();
  }

  private void complete(Exchange exchange) throws IOException {
    Places.Root root = places.root(exchange.required("repository"));
    String prefix = exchange.optional("prefix").orElse("");
    TreeSet<String> values = new TreeSet<>();
    if (exchange.required("kind").equals("revisions")) {
      values.addAll(root.repository().branches().keySet());
      values.addAll(root.repository().tags().keySet());
      values.addAll(root.repository().experiments().keySet());
    } else {
      String revision = exchange.optional("rev").or(root::revision).orElse("HEAD");
      String directory = prefix.substring(0, prefix.lastIndexOf('/') + 1);
      Optional<Entry> entry =
          root.repository().snapshot(root.repository().resolve(revision)).find(directory);
      if (entry.isPresent() && entry.get().directory().isPresent()) {
        entry
            .get()
            .directory()
            .get()
            .list(
                0,
                found -> {
                  values.add(directory + found.name() + (found.directory().isPresent() ? "/" : ""));
                  return true;
                });
      }
    }
    values.removeIf(value -> !value.startsWith(prefix));
    exchange.json(Map.of("values", values));
  }
}

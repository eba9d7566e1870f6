package io.revfs.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code revfs get}, with {@code dvc get}'s arguments. Files are the caller's own. */
@Command(
    name = "get",
    description = "Copy a file or directory of a revision; needs no mount.",
    footer = {"", "Example: revfs get https://example.com/repo.git data/train -o train --rev v1.2"})
final class GetCommand extends RevfsCommand {
  @Parameters(index = "0", paramLabel = "URL", description = "A repository.")
  String url = "";

  @Parameters(index = "1", paramLabel = "PATH", description = "What to copy.")
  String path = "";

  @Option(
      names = {"-o", "--out"},
      paramLabel = "PATH",
      description = "Where to; the last part of PATH in this directory if not given.")
  @Nullable String out;

  @Option(names = "--rev", paramLabel = "REV", description = "The revision; HEAD if not given.")
  @Nullable String revision;

  @Option(
      names = {"-f", "--force"},
      description = "Replace what is there.")
  boolean force;

  @Option(
      names = {"-j", "--jobs"},
      paramLabel = "N",
      description = "Files at once; 4 if not given.")
  int jobs = 4;

  /** A file or link to write. */
  private record Wanted(String path, String kind, boolean executable, String target, long size) {}

  @Override
  int run() throws IOException {
    if (jobs < 1) {
      throw new CommandException(
          "--jobs must be positive", "see revfs get --help", CommandException.USAGE);
    }
    List<Wanted> wanted = tree();
    Path destination = destination();
    long total = wanted.stream().mapToLong(w -> Math.max(0, w.size())).sum();
    AtomicLong done = new AtomicLong();
    AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    ConcurrentLinkedQueue<Wanted> queue = new ConcurrentLinkedQueue<>(wanted);
    List<Thread> threads = new ArrayList<>();
    boolean single = wanted.size() == 1 && wanted.getFirst().path().isEmpty();
    if (!single) {
      Files.createDirectories(destination);
    }
    for (int i = 0; i < Math.min(jobs, wanted.size()); i++) {
      threads.add(
          Thread.ofPlatform()
              .start(
                  () -> {
                    try (Client daemon = daemon()) {
                      for (Wanted next = queue.poll();
                          next != null && failure.get() == null;
                          next = queue.poll()) {
                        write(daemon, next, destination, done);
                      }
                    } catch (IOException | RuntimeException e) {
                      failure.compareAndSet(null, e);
                    }
                  }));
    }
    ProgressBar bar = new ProgressBar(quiet || json);
    for (Thread thread : threads) {
      try {
        while (!thread.join(java.time.Duration.ofMillis(200))) {
          bar.show(done.get(), total, path);
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return CommandException.INTERRUPTED;
      }
    }
    bar.end();
    Throwable thrown = failure.get();
    if (thrown instanceof CommandException e) {
      throw e;
    }
    if (thrown != null) {
      throw new CommandException(
          String.valueOf(thrown.getMessage()),
          "what is complete was kept; run it again with -f",
          CommandException.OTHER);
    }
    JsonNode answer =
        JsonNodeFactory.instance
            .objectNode()
            .put("out", destination.toString())
            .put("files", wanted.size())
            .put("bytes", done.get());
    if (!asJson(answer)) {
      say(
          destination
              + ": "
              + wanted.size()
              + (wanted.size() == 1 ? " file, " : " files, ")
              + Output.size(done.get()));
    }
    return CommandException.OK;
  }

  private Map<String, String> where(String below) {
    Map<String, String> where = new HashMap<>();
    where.put("repository", location(url));
    where.put("path", below.isEmpty() ? path : path + "/" + below);
    if (revision != null) {
      where.put("rev", revision);
    }
    return where;
  }

  private List<Wanted> tree() throws IOException {
    List<Wanted> wanted = new ArrayList<>();
    boolean[] whole = {false};
    try (Client daemon = daemon()) {
      daemon.lines(
          "GET",
          "/v1/tree",
          where(""),
          Map.of(),
          line -> {
            whole[0] |= line.path("done").asBoolean();
            if (line.has("kind")) {
              wanted.add(
                  new Wanted(
                      line.path("path").asText(),
                      line.path("kind").asText(),
                      line.path("executable").asBoolean(),
                      line.path("target").asText(),
                      line.path("size").asLong()));
            }
          });
    }
    if (!whole[0]) {
      throw new CommandException(
          "the list of files broke off", "see: revfs daemon log", CommandException.OTHER);
    }
    return wanted;
  }

  private Path destination() throws IOException {
    Path name = Path.of(path).normalize().getFileName();
    Path given = Path.of(out != null ? out : String.valueOf(name)).toAbsolutePath().normalize();
    Path destination =
        out != null && Files.isDirectory(given) && name != null && !name.toString().isEmpty()
            ? given.resolve(name)
            : given;
    if (!Files.exists(destination, LinkOption.NOFOLLOW_LINKS)) {
      Files.createDirectories(destination.resolveSibling(""));
      return destination;
    }
    if (!force) {
      throw new CommandException(
          destination + " is there already",
          "add -f to replace it, or name another place with -o",
          CommandException.OTHER);
    }
    return destination;
  }

  private void write(Client daemon, Wanted wanted, Path destination, AtomicLong done)
      throws IOException {
    Path target = wanted.path().isEmpty() ? destination : destination.resolve(wanted.path());
    if (!target.normalize().startsWith(destination)) {
      throw new IOException(wanted.path() + " leads outside of " + destination);
    }
    if (wanted.kind().equals("submodule")) {
      Files.createDirectories(target);
      return;
    }
    Path parent = target.resolveSibling("");
    Files.createDirectories(parent);
    Path fresh = Files.createTempFile(parent, ".revfs-", ".part");
    try {
      if (wanted.kind().equals("symbolic_link")) {
        Files.delete(fresh);
        Files.createSymbolicLink(fresh, Path.of(wanted.target()));
      } else {
        try (OutputStream file = Files.newOutputStream(fresh);
            InputStream in = daemon.send("GET", "/v1/content", where(wanted.path()), Map.of())) {
          byte[] buffer = new byte[1 << 17];
          for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
            file.write(buffer, 0, n);
            done.addAndGet(n);
          }
        }
        Files.setPosixFilePermissions(fresh, permissions(wanted.executable()));
      }
      Files.move(
          fresh, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(fresh);
    }
  }

  private static Set<PosixFilePermission> permissions(boolean executable) {
    Set<PosixFilePermission> permissions =
        java.util.EnumSet.of(
            PosixFilePermission.OWNER_READ,
            PosixFilePermission.OWNER_WRITE,
            PosixFilePermission.GROUP_READ,
            PosixFilePermission.OTHERS_READ);
    if (executable) {
      permissions.add(PosixFilePermission.OWNER_EXECUTE); // as DVC's checkout
    }
    return permissions;
  }
}

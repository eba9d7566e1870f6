package io.revfs.command.copy;

import io.revfs.command.CommandFailure;
import io.revfs.command.Invocation;
import io.revfs.project.FileTrees;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Where copied data goes. It is gathered under a name beside the place, and appears whole, by a
 * rename; or not at all.
 */
public final class Destination implements AutoCloseable {
  private final Path path;
  private final Path fresh;

  private Destination(Path path) {
    this.path = path;
    this.fresh =
        path.resolveSibling(
            ".%s.%016x.tmp".formatted(path.getFileName(), ThreadLocalRandom.current().nextLong()));
  }

  /**
   * Returns the place for what is copied: as named, in the directory that was named, or under its
   * own name in the caller's directory.
   *
   * @param source whose last name is taken if none is given
   * @throws CommandFailure if something is there and must stay
   */
  public static Destination of(Invocation call, String source, Optional<String> out)
      throws IOException {
    return of(call, source, out, call.flag("force"));
  }

  static Destination of(Invocation call, String source, Optional<String> out, boolean force)
      throws IOException {
    String name = lastName(source);
    String shown = out.filter(o -> !o.isEmpty()).orElse(name);
    if (out.isPresent() && Files.isDirectory(call.resolve(shown))) {
      shown = shown.endsWith("/") ? shown + name : shown + "/" + name;
    }
    Path path = call.resolve(shown);
    if (Files.exists(path, LinkOption.NOFOLLOW_LINKS) && (!force || path.getFileName() == null)) {
      throw new CommandFailure(
          "The %s '%s' already exists locally."
              .formatted(Files.isDirectory(path) ? "directory" : "file", shown),
          "To override it, re-run with '--force'.",
          CommandFailure.FAILED);
    }
    return new Destination(path);
  }

  /** Returns a place as it is named; what is there is replaced. */
  public static Destination replacing(Invocation call, String path) {
    return new Destination(call.resolve(path));
  }

  /** Returns the last name of a path or URL. */
  public static String lastName(String source) {
    String plain = source.contains("://") ? source.replaceFirst("[?#].*", "") : source;
    Path name = Path.of(plain.replaceFirst("^\\w+://", "/")).normalize().getFileName();
    return name == null || name.toString().isEmpty() ? "." : name.toString();
  }

  /** Returns the place, absolute. */
  public Path path() {
    return path;
  }

  /** Returns where to gather the data: nothing is there yet, but the directory it will lie in. */
  public Path fresh() throws IOException {
    Files.createDirectories(fresh.resolveSibling(""));
    return fresh;
  }

  /** Lets the data appear; what was there goes. */
  public void publish() throws IOException {
    if (Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)
        || Files.isDirectory(fresh, LinkOption.NOFOLLOW_LINKS)) {
      Path old = path.resolveSibling(fresh.getFileName() + ".old");
      if (Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
        Files.move(path, old, StandardCopyOption.ATOMIC_MOVE);
      }
      Files.move(fresh, path, StandardCopyOption.ATOMIC_MOVE);
      FileTrees.remove(old);
      return;
    }
    Files.move(fresh, path, StandardCopyOption.ATOMIC_MOVE);
  }

  /** Takes away what was gathered and not published. */
  @Override
  public void close() throws IOException {
    FileTrees.remove(fresh);
  }
}

package io.revfs.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Where the daemon's files are, by the environment (the XDG base directory specification).
 *
 * @param socket the socket that commands speak to
 * @param state what must survive a restart: the remembered mounts, the log
 * @param configuration {@code config.yaml}
 * @param cache the cache unless the configuration names another
 */
public record Directories(Path socket, Path state, Path configuration, Path cache) {
  /** Names the socket. */
  public static final String SOCKET = "REVFS_SOCKET";

  /** Names the configuration file. */
  public static final String CONFIG = "REVFS_CONFIG";

  /** Names the cache directory, before the configuration. */
  public static final String CACHE = "REVFS_CACHE_DIR";

  /** Names the directory of the log and the remembered mounts. */
  public static final String STATE = "REVFS_STATE_DIR";

  /** Returns a user's own. */
  public static Directories ofUser(Map<String, String> environment, String uid) {
    Path home = Path.of(environment.getOrDefault("HOME", "/"));
    String given = environment.getOrDefault("XDG_RUNTIME_DIR", "");
    Path runtime = given.isEmpty() ? Path.of("/tmp/revfs-" + uid) : Path.of(given).resolve("revfs");
    return of(
        environment,
        new Directories(
            runtime.resolve("revfs.sock"),
            base(environment.get("XDG_STATE_HOME"), home.resolve(".local/state")),
            base(environment.get("XDG_CONFIG_HOME"), home.resolve(".config"))
                .resolve("config.yaml"),
            base(environment.get("XDG_CACHE_HOME"), home.resolve(".cache"))));
  }

  /** Returns those of the one daemon that serves every user of a machine. */
  public static Directories ofSystem(Map<String, String> environment) {
    return of(
        environment,
        new Directories(
            Path.of("/run/revfs/revfs.sock"),
            Path.of("/var/lib/revfs"),
            Path.of("/etc/revfs/config.yaml"),
            Path.of("/var/cache/revfs")));
  }

  private static Path base(@Nullable String configured, Path otherwise) {
    return (configured == null || configured.isEmpty() ? otherwise : Path.of(configured))
        .resolve("revfs");
  }

  private static Directories of(Map<String, String> environment, Directories usual) {
    return new Directories(
        named(environment, SOCKET, usual.socket),
        named(environment, STATE, usual.state),
        named(environment, CONFIG, usual.configuration),
        named(environment, CACHE, usual.cache));
  }

  private static Path named(Map<String, String> environment, String name, Path otherwise) {
    String value = environment.getOrDefault(name, "");
    return value.isEmpty() ? otherwise : Path.of(value).toAbsolutePath();
  }

  /** Returns the daemon's log; older parts have higher numbers. */
  public Path log() {
    return state.resolve("daemon.0.log");
  }

  /** Returns the file in which a running daemon says which socket is its own. */
  public Path announcement() {
    return state.resolve("socket");
  }

  /**
   * Returns the same with the socket of a daemon that was started in another session: one by ssh
   * has a directory for its sockets that a job of cron does not know. Not if the environment names
   * one.
   */
  public Directories asAnnounced(Map<String, String> environment) {
    if (!environment.getOrDefault(SOCKET, "").isEmpty() || Files.exists(socket)) {
      return this;
    }
    try {
      Path announced = Path.of(Files.readString(announcement()).strip());
      return Files.exists(announced)
          ? new Directories(announced, state, configuration, cache)
          : this;
    } catch (IOException | InvalidPathException e) {
      return this;
    }
  }

  /** Returns the file with the daemon's process id. */
  public Path pid() {
    return socket.resolveSibling("daemon.pid");
  }

  /** Returns the file of the views of all mounts. */
  public Path views() {
    return state.resolve("views.json");
  }

  /** Returns the list of mounts to restore. */
  public Path mounts() {
    return state.resolve("mounts.json");
  }
}

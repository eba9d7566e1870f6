package io.revfs.config;

import io.revfs.cache.CacheSettings;
import io.revfs.fuse.MountOptions;
import io.revfs.remote.RemoteLimits;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The daemon's configuration, {@code config.yaml}.
 *
 * @param cache where the cache is and how it is kept
 * @param remotes bounds on the use of every remote
 * @param mounts what is mounted at start besides what was mounted before
 * @param mirrorRefresh how often mirrors of URLs are brought up to date; zero for never
 * @param watchdog after what time without a sign of life of the daemon blocked readers get an
 *     error; zero for never
 * @param keepAwake whether idle processors are kept awake while somebody works file by file
 * @param seal how commits are sealed
 * @param traces how long traces of runs are kept
 * @param logLevel of the daemon's log
 */
public record Configuration(
    CacheSettings cache,
    RemoteLimits remotes,
    List<MountEntry> mounts,
    Duration mirrorRefresh,
    Duration watchdog,
    KeepAwake keepAwake,
    SealSettings seal,
    TraceSettings traces,
    LogLevel logLevel) {
  private static final long DEFAULT_QUOTA_BYTES = 50L << 30;

  /** How much the log says. */
  public enum LogLevel {
    ERROR,
    WARN,
    INFO,
    DEBUG
  }

  /** Whether idle processors are kept awake, which makes waking up quick and costs power. */
  public enum KeepAwake {
    /** While somebody works file by file. */
    WHEN_BUSY,
    NEVER
  }

  /** A mount that is wanted. */
  public record MountEntry(
      String repository,
      Path directory,
      MountOptions.Backend backend,
      MountOptions.Serve serve,
      @Nullable SealMode seal) {}

  /**
   * Reads the file; defaults where it or a key is absent.
   *
   * @throws ConfigurationException for keys and values that are not known, with the line
   */
  public static Configuration load(Directories directories) throws IOException {
    String text;
    try {
      text = Files.readString(directories.configuration(), StandardCharsets.UTF_8);
    } catch (NoSuchFileException e) {
      text = "";
    } catch (CharacterCodingException e) {
      throw new ConfigurationException(
          directories.configuration().toString(), 0, "is not text in UTF-8");
    }
    return parse(directories.configuration().toString(), text, directories);
  }

  static Configuration parse(String file, String text, Directories directories)
      throws ConfigurationException {
    ConfigurationReader top = ConfigurationReader.of(file, text);
    ConfigurationReader cache = top.section("cache");
    int connections =
        top.section("remotes").number("connections", RemoteLimits.DEFAULT.connections(), 1, 1024);
    long chunk = cache.bytes("chunk-size", CacheSettings.DEFAULT_CHUNK_BYTES);
    if (chunk < 64 << 10 || chunk > 64 << 20 || Long.bitCount(chunk) != 1) {
      throw cache.wrong("chunk-size", "is not a power of two from 64KiB to 64MiB");
    }
    Path directory = cache.path("directory", directories.cache());
    boolean named = System.getenv(Directories.CACHE) != null;
    CacheSettings cacheSettings =
        new CacheSettings(
            named ? directories.cache() : directory,
            cache.bytes("quota", DEFAULT_QUOTA_BYTES),
            (int) chunk,
            cache.choice("verify", CacheSettings.Verify.class, CacheSettings.Verify.ON_COMPLETE),
            connections);
    ConfigurationReader remotes = top.section("remotes");
    RemoteLimits usual = RemoteLimits.DEFAULT;
    RemoteLimits limits =
        new RemoteLimits(
            connections,
            remotes.timeout("connect-timeout", usual.connectTimeout()),
            remotes.timeout("read-timeout", usual.readTimeout()),
            remotes.number("retries", usual.retries(), 0, 100));
    List<MountEntry> mounts = new ArrayList<>();
    for (ConfigurationReader mount : top.list("mounts")) {
      mounts.add(
          new MountEntry(
              mount.repository("repository"),
              mount.path("directory", directories.state()), // list() has found it to be there
              mount.choice("backend", MountOptions.Backend.class, MountOptions.Backend.AUTO),
              mount.choice("serve", MountOptions.Serve.class, MountOptions.Serve.AUTO),
              mount.has("seal") ? mount.choice("seal", SealMode.class, SealMode.AUTO) : null));
    }
    Configuration configuration =
        new Configuration(
            cacheSettings,
            limits,
            mounts,
            top.section("mirrors").duration("refresh", Duration.ofMinutes(5)),
            top.section("daemon").duration("watchdog", Duration.ofMinutes(2)),
            top.section("daemon").choice("keep-awake", KeepAwake.class, KeepAwake.WHEN_BUSY),
            seal(top.section("seal")),
            traces(top.section("traces")),
            top.section("log").choice("level", LogLevel.class, LogLevel.INFO));
    top.end();
    return configuration;
  }

  private static TraceSettings traces(ConfigurationReader section) throws ConfigurationException {
    TraceSettings usual = TraceSettings.DEFAULT;
    return new TraceSettings(
        section.duration("keep", usual.keep()), section.bytes("size", usual.bytes()));
  }

  private static SealSettings seal(ConfigurationReader section) throws ConfigurationException {
    SealSettings usual = SealSettings.DEFAULT;
    return new SealSettings(
        section.choice("mode", SealMode.class, usual.mode()),
        section.number("commits", usual.commits(), 1, 1000),
        section.duration("idle", usual.idle()));
  }
}

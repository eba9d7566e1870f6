package io.revfs.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.revfs.cache.CacheSettings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConfigurationTest {
  private static final Directories DIRECTORIES =
      Directories.ofUser(Map.of("HOME", "/home/u", "XDG_RUNTIME_DIR", "/run/user/7"), "7");

  private static Configuration parse(String text) throws ConfigurationException {
    return Configuration.parse("config.yaml", text, DIRECTORIES);
  }

  @Test
  void nothingWritten_isAllDefaults() throws Exception {
    Configuration configuration = parse("");
    assertEquals(Path.of("/home/u/.cache/revfs"), configuration.cache().directory());
    assertEquals(50L << 30, configuration.cache().quotaBytes());
    assertEquals(Duration.ofMinutes(5), configuration.mirrorRefresh());
    assertEquals(SealMode.AUTO, configuration.seal().mode());
    assertEquals(Configuration.KeepAwake.WHEN_BUSY, configuration.keepAwake());
    assertEquals(TraceSettings.DEFAULT, configuration.traces());
    assertEquals(Path.of("/run/user/7/revfs/revfs.sock"), DIRECTORIES.socket());
  }

  @Test
  void everyKeyIsRead() throws Exception {
    Configuration configuration =
        parse(
            """
            cache:
              directory: /data/cache
              quota: 1.5TiB
              chunk-size: 256KiB
              verify: before-read
            remotes:
              connections: 7
              connect-timeout: 250ms
              read-timeout: 2m
              retries: 0
            mounts:
              - repository: https://example.com/r.git
                directory: /data/r
            seal:
              mode: auto
              commits: 3
              idle: 10s
            traces:
              keep: 30d
              size: 5MiB
            mirrors:
              refresh: 1h
            daemon:
              watchdog: 30s
              keep-awake: never
            log:
              level: debug
            """);
    assertEquals(
        new CacheSettings(
            Path.of("/data/cache"), 3L << 39, 256 << 10, CacheSettings.Verify.BEFORE_READ, 7),
        configuration.cache());
    assertEquals(new SealSettings(SealMode.AUTO, 3, Duration.ofSeconds(10)), configuration.seal());
    assertEquals(new TraceSettings(Duration.ofDays(30), 5L << 20), configuration.traces());
    assertEquals(7, configuration.remotes().connections());
    assertEquals(Duration.ofMillis(250), configuration.remotes().connectTimeout());
    assertEquals(Duration.ofMinutes(2), configuration.remotes().readTimeout());
    assertEquals(0, configuration.remotes().retries());
    assertEquals("https://example.com/r.git", configuration.mounts().getFirst().repository());
    assertEquals(Duration.ofHours(1), configuration.mirrorRefresh());
    assertEquals(Duration.ofSeconds(30), configuration.watchdog());
    assertEquals(Configuration.KeepAwake.NEVER, configuration.keepAwake());
    assertEquals(Configuration.LogLevel.DEBUG, configuration.logLevel());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "'cache:\\n"
            + "  qouta: 1GiB'                | :2: 'cache.qouta' is not known here; known are"
            + " chunk-size, directory, quota, verify",
        "'chache:\\n  quota: 1GiB'               | :1: 'chache' is not known here",
        "'cache:\\n"
            + "  quota: much'                | :2: cache.quota: 'much' is not a size such as 50GiB",
        "'cache:\\n  chunk-size: 100KB'          | :2: cache.chunk-size: is not a power of two",
        "'cache:\\n"
            + "  verify: never'              | :2: cache.verify: 'never' is none of on-complete,"
            + " before-read",
        "'cache:\\n"
            + "  directory: here'            | :2: cache.directory: 'here' is not an absolute path",
        "'\\n"
            + "remotes:\\n"
            + "  retries: -1'           | :3: remotes.retries: '-1' is not a number from 0 to 100",
        "'remotes:\\n"
            + "  read-timeout: 10'         | :2: remotes.read-timeout: '10' is not a duration such"
            + " as 10s",
        "'mounts:\\n  - repository: /r'          | :2: mounts needs a 'directory'",
        "'mounts:\\n"
            + "  - repository: /r\\n"
            + "    directory: d' | :3: mounts.directory: 'd' is not an absolute path",
        "'mounts:\\n  - repository: r\\n    directory: /d' | :2: mounts.repository: 'r' is neither",
        "'remotes:\\n  read-timeout: 0s'         | :2: remotes.read-timeout: must be more than 0",
        "'remotes:\\n"
            + "  connect-timeout: 0ms'     | :2: remotes.connect-timeout: must be more than 0",
        "'mounts: here'                          | :1: mounts: is not a list",
        "'cache: 5'                              | :1: cache is not a mapping of keys to values",
        "'cache:\\n  quota: 1GiB\\n  quota: 2GiB' | :3: 'cache.quota' is there twice",
        "'cache: [1'                             | :1: not YAML",
      })
  void wrongKeysAndValues_areRefusedWithTheLine(String text, String problem) {
    ConfigurationException e =
        assertThrows(ConfigurationException.class, () -> parse(text.replace("\\n", "\n")));
    assertTrue(e.getMessage().startsWith("config.yaml" + problem), e.getMessage());
  }

  @Test
  void aFileThatIsNoText_isRefused(@TempDir Path directory) throws Exception {
    Path file = Files.write(directory.resolve("config.yaml"), new byte[] {(byte) 0xFF, 'x'});
    Directories directories = new Directories(file, file, file, file);
    ConfigurationException e =
        assertThrows(ConfigurationException.class, () -> Configuration.load(directories));
    assertTrue(e.getMessage().contains("is not text in UTF-8"), e.getMessage());
  }
}

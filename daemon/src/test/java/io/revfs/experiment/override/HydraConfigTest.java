package io.revfs.experiment.override;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Parameters composed out of a directory of configurations. */
class HydraConfigTest {
  @TempDir Path directory;

  private void write(String path, String text) throws IOException {
    Path file = directory.resolve(path);
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
  }

  @BeforeEach
  void make() throws IOException {
    write(
        "config.yaml",
        """
        defaults:
          - db: mysql
          - server/site@front: apache
          - optional gpu: none_there
          - _self_
        seed: 7
        db:
          timeout: 30
        url: ${db.driver}://${db.host}
        copy: ${seed}
        """);
    write("db/mysql.yaml", "driver: mysql\nhost: localhost\ntimeout: 10\n");
    write("db/postgres.yaml", "defaults: [base]\ndriver: postgres\n");
    write("db/base.yaml", "host: far\nport: 5432\ntimeout: 1\n");
    write("server/site/apache.yaml", "name: apache\n");
    write("gpu/big.yaml", "# @package _global_\ncards: 8\ndb:\n  host: near\n");
    write("plain.yaml", "a: 1\n");
    write("extra/x.yaml", "b: 1\n");
  }

  private String compose(String name, String... overrides) throws IOException {
    return new String(
        HydraConfig.compose(directory, name, List.of(overrides), "params.yaml"),
        StandardCharsets.UTF_8);
  }

  @Test
  void defaults_comeInTheirPlaces_andTheConfigurationCountsMore() throws IOException {
    assertEquals(
        """
        db:
          driver: mysql
          host: localhost
          timeout: 30
        front:
          name: apache
        seed: 7
        url: mysql://localhost
        copy: 7
        """,
        compose("config"));
    assertEquals("a: 1\n", compose("plain"));
  }

  @Test
  void groups_areChosenAddedAndTakenOut_andValuesChanged() throws IOException {
    String text = compose("config", "db=postgres", "seed=1", "+db.user=me", "+gpu=big");
    assertTrue(text.contains("driver: postgres\n"), text);
    assertTrue(text.contains("port: 5432\n") && text.contains("timeout: 30\n"), text);
    assertTrue(text.contains("cards: 8\n") && text.contains("host: near\n"), text);
    assertTrue(text.contains("url: postgres://near\n") && text.contains("copy: 1\n"), text);
    assertTrue(text.contains("user: me\n"), text);
    assertTrue(!compose("config", "~db", "~url").contains("driver"));
  }

  @Test
  void whatIsNotThere_isSaidInOneLine() {
    fails("there is no configuration 'db/oracle.yaml'", "db=oracle");
    fails("No match in the defaults list", "extra=x");
    fails("there is no such parameter", "seeds=1");
    fails("Interpolation key 'db.host' not found", "~db.host");
    assertThrows(
        OverrideException.class,
        () -> HydraConfig.compose(directory.resolve("no"), "config", List.of(), "params.yaml"));
    assertThrows(OverrideException.class, () -> compose("none"));
  }

  private void fails(String text, String override) {
    OverrideException e = assertThrows(OverrideException.class, () -> compose("config", override));
    assertTrue(e.getMessage().contains(text), e.getMessage());
  }
}

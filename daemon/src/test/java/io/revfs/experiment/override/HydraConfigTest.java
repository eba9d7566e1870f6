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
  void aListOfDefaults_takesAllFormsThatHydraHas() throws IOException {
    write(
        "forms.yaml",
        """
        defaults:
          - db: [mysql, postgres]
          - /server/site@_global_: apache
          - db@second: mysql
          - gpu: null
          - override hydra/job_logging: none
          - plain
          - nested: outer
        hydra: {run: {dir: out}}
        """);
    write("nested/outer.yaml", "defaults: [inner/deep: x, _self_]\nv: outer\nup: ${..seed}\n");
    write("nested/inner/deep/x.yaml", "# @package _group_\nv: deep\n");
    write("nested/changed.yaml", "defaults: [outer, override inner/deep: y]\n");
    write("nested/inner/deep/y.yaml", "v: other\n");
    String text = compose("forms", "+seed=3");
    assertEquals(
        """
        db:
          driver: postgres
          host: far
          timeout: 1
          port: 5432
        name: apache
        second:
          driver: mysql
          host: localhost
          timeout: 10
        a: 1
        nested:
          inner:
            deep:
              v: deep
          v: outer
          up: 3
        seed: 3
        """,
        text);
    assertTrue(compose("forms", "+seed=3", "nested=changed").contains("deep:\n      v: other\n"));
  }

  @Test
  void values_areChangedByHydrasBasicGrammar() throws IOException {
    write("values.yaml", "a: 1\nlist: [1, 2]\nmap: {x: 1, y: 2}\nempty: ???\n");
    assertEquals(
        "a: 2\nlist:\n- 1\n- x\nmap:\n  x: 1\n  y: 2\n  z: 3\nempty: ???\n",
        compose("values", "a=2", "list=[1,x]", "map={z:3}"));
    assertEquals(
        "a:\nlist:\n- 1\n- 2\nempty: ???\nb: a, b\nc:\n  d: true\n",
        compose("values", "a=null", "~map", "+b='a, b'", "++c.d=true"));
    assertEquals(
        "a: 5\nlist:\n- 7\n- 2\nmap:\n  x: 1\nempty: 1.5\n",
        compose("values", "++a=5", "list.0=7", "~map.y=2", "empty=1.5"));
    fails("values", "An item is already at 'a'", "+a=3");
    fails("values", "The value of 'map.y' is 2", "~map.y=3");
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
    fails("config", text, override);
  }

  private void fails(String config, String text, String override) {
    OverrideException e = assertThrows(OverrideException.class, () -> compose(config, override));
    assertTrue(e.getMessage().contains(text), e.getMessage());
  }
}

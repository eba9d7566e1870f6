package io.revfs.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import io.revfs.dvc.DvcFormatException;
import io.revfs.dvc.YamlMap;
import io.revfs.dvc.YamlValues;
import io.revfs.dvc.pipeline.ParsingOptions;
import io.revfs.dvc.pipeline.PipelineFile;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The schema takes what DVC takes, and refuses what revfs refuses. */
class SchemaTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Path REFERENCE = Path.of("../daemon/src/test/resources/reference");

  private static String text() throws IOException {
    try (InputStream in =
        Objects.requireNonNull(SchemaCommand.class.getResourceAsStream(SchemaCommand.RESOURCE))) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  /** Returns what the schema finds wrong with a file; empty if nothing. */
  private static String problems(String yaml) throws IOException {
    Schema schema =
        SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_7).getSchema(text());
    Object value =
        YamlValues.of(
            "dvc.yaml",
            YamlMap.compose("dvc.yaml", yaml.getBytes(StandardCharsets.UTF_8)).orElseThrow());
    StringBuilder found = new StringBuilder();
    schema
        .validate(JSON.writeValueAsString(value), InputFormat.JSON)
        .forEach(error -> found.append(error).append('\n'));
    return found.toString();
  }

  private static void parse(String yaml) throws IOException {
    PipelineFile.parse(
        "dvc.yaml",
        yaml.getBytes(StandardCharsets.UTF_8),
        path -> Optional.empty(),
        ParsingOptions.DEFAULT);
  }

  @Test
  void theFilesOfDvcsRepositories_areValid() throws IOException {
    Set<String> files = new TreeSet<>();
    try (DirectoryStream<Path> all = Files.newDirectoryStream(REFERENCE, "*.json.gz")) {
      for (Path one : all) {
        try (InputStream in = new GZIPInputStream(Files.newInputStream(one))) {
          for (JsonNode revision : JSON.readTree(in).path("revisions")) {
            revision
                .path("meta_files")
                .properties()
                .forEach(
                    file -> {
                      if (file.getKey().endsWith("dvc.yaml")) {
                        files.add(file.getValue().asText());
                      }
                    });
          }
        }
      }
    }
    assertTrue(files.size() >= 5, () -> "only " + files.size());
    for (String yaml : files) {
      assertEquals("", problems(yaml), yaml);
    }
  }

  @Test
  void allThatMayStand_isValid() throws IOException {
    String yaml =
        """
        vars: [params.yaml, 'other.json:a,b', {local: {x: 1}}]
        stages:
          one:
            cmd: ["echo ${local.x}", b]
            wdir: sub
            deps: [a, s3://bucket/key, ds://set]
            params: [lr, {other.toml: [a.b], whole.json: null}]
            outs:
            - plain
            - flagged: {cache: false, persist: true, push: false, remote: r, desc: d, type: t, labels: [l], meta: {a: 1}}
            metrics: [m.json, {n.json: {cache: false}}]
            plots:
            - p.csv: {template: linear, x: a, y: b, x_label: a, y_label: b, title: t, header: false}
            - q.csv: [{x: a}, {y: b}]
            vars: [{v: 1}]
            frozen: false
            always_changed: true
            desc: text
            meta: {mine: 1, revfs: {resources: {cpus: 2, memory: 4G, gpus: 1, time: "01:00:00", partition: long}}}
          loop:
            foreach: ${local}
            do: {cmd: "echo ${item}"}
          listed:
            foreach: [1, {a: 2}]
            do: {cmd: x}
          square:
            matrix: {a: [1, 2], b: "${list}"}
            cmd: x
        params: [p.yaml]
        metrics: [m.yaml]
        plots: [dir, {id: {x: a, y: {f.csv: [a, b]}}}, {other: null}, {third: {x: {f: a}, y: [a]}}]
        artifacts: {model-1: {path: m, type: model, desc: d, labels: [a], meta: 1}}
        datasets: [{name: n, type: dvc, url: u, path: p, rev: r}]
        """;
    assertEquals("", problems(yaml));
    parse(yaml);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "stage: {a: {cmd: x}}",
        "stages: [a]",
        "stages: {a: {deps: [x]}}",
        "stages: {a: {cmd: 1}}",
        "stages: {a: {cmd: x, out: [y]}}",
        "stages: {a: {cmd: x, deps: y}}",
        "stages: {a: {cmd: x, deps: [{y: 1}]}}",
        "stages: {a: {cmd: x, wdir: [y]}}",
        "stages: {a: {cmd: x, frozen: 'yes'}}",
        "stages: {a: {cmd: x, outs: [{y: {cached: false}}]}}",
        "stages: {a: {cmd: x, outs: [{y: {cache: 'no'}}]}}",
        "stages: {a: {cmd: x, outs: [{y: {template: t}}]}}",
        "stages: {a: {cmd: x, plots: [{y: {header: 1}}]}}",
        "stages: {a: {foreach: [1]}}",
        "stages: {a: {foreach: 1, do: {cmd: x}}}",
        "stages: {a: {foreach: [1], do: {cmd: x}, cmd: y}}",
        "stages: {a: {matrix: {k: 1}, cmd: x}}",
        "vars: x",
        "params: {a: b}",
        "metrics: [1]",
        "artifacts: {a: {desc: x}}",
        "artifacts: {a: {path: x, kind: y}}",
      })
  void whatRevfsRefuses_theSchemaRefuses(String yaml) throws IOException {
    assertThrows(DvcFormatException.class, () -> parse(yaml));
    assertFalse(problems(yaml).isEmpty(), yaml);
  }
}

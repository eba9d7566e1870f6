package io.revfs.dvc.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.revfs.dvc.pipeline.GeneratedPipeline.Expected;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/**
 * Random files with templates, loops and parameters are what the written rules say. {@code
 * -Drevfs.seed} repeats a failure.
 */
class RandomPipelinesTest {
  private static final int COUNT = Integer.getInteger("revfs.steps", 2000);

  @Test
  void stages_areWhatTheRulesSay() throws Exception {
    long first = Long.getLong("revfs.seed", System.nanoTime());
    for (long seed = first; seed < first + COUNT; seed++) {
      GeneratedPipeline generated = new GeneratedPipeline(seed);
      Map<String, Expected> actual = new LinkedHashMap<>();
      String said = "";
      try {
        PipelineFile file =
            PipelineFile.parse(
                "dvc.yaml",
                generated.yaml().getBytes(StandardCharsets.UTF_8),
                path ->
                    Optional.ofNullable(generated.files().get(path))
                        .map(text -> text.getBytes(StandardCharsets.UTF_8)),
                ParsingOptions.DEFAULT);
        file.stages().forEach((name, stage) -> actual.put(name, of(stage)));
      } catch (io.revfs.dvc.DvcFormatException e) {
        said = e.toString();
      }
      String message =
          "-Drevfs.seed=%d -Drevfs.steps=1: %s\n%s\n%s"
              .formatted(seed, said, generated.yaml(), generated.files());
      assertEquals(generated.expected(), actual, message);
      assertEquals(
          List.copyOf(generated.expected().keySet()), List.copyOf(actual.keySet()), message);
    }
  }

  private static Expected of(PipelineStage stage) {
    Map<String, List<String>> params = new LinkedHashMap<>();
    stage.parameters().forEach((file, keys) -> params.put(file, List.copyOf(keys)));
    return new Expected(
        (String) stage.command().value(),
        stage.dependencies(),
        stage.outputs().stream().map(DeclaredOutput::path).toList(),
        params);
  }
}

package io.revfs.experiment.override;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.dataformat.toml.TomlMapper;
import io.revfs.dvc.DvcFormatException;
import io.revfs.metric.PythonValues;
import io.revfs.metric.ValueFiles;
import io.revfs.text.PythonJson;
import io.revfs.text.YamlDocument;
import io.revfs.text.YamlSyntaxException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Files of parameters, changed in their own format; comments stay where the format has them. */
public final class ParamFile {
  private ParamFile() {}

  /**
   * Returns a file's content with overrides applied.
   *
   * @param name of the file, whose ending says the format
   * @throws OverrideException if an override cannot be applied
   * @throws DvcFormatException if the file cannot be read
   */
  public static byte[] apply(String name, byte[] content, List<String> overrides)
      throws IOException {
    ParamTree tree = new ParamTree(ValueFiles.parameters(name, content));
    for (ParamOverride override : Overrides.parse(overrides)) {
      tree.apply(override);
    }
    return write(name, new String(content, StandardCharsets.UTF_8), tree.values())
        .getBytes(StandardCharsets.UTF_8);
  }

  /**
   * Returns a file's text with other values.
   *
   * @param before the text as it is; empty for a new file
   */
  static String write(String name, String before, Map<String, @Nullable Object> values)
      throws IOException {
    String lower = name.toLowerCase(Locale.ROOT);
    if (lower.endsWith(".json")) {
      return PythonJson.inOrder(values);
    }
    if (lower.endsWith(".toml")) {
      return toml(name, before, values);
    }
    if (lower.endsWith(".py")) {
      return checked(name, new LineEdits("#", LineEdits::python).edit(before, values), values);
    }
    try {
      YamlDocument document = YamlDocument.parse(before);
      document.apply(values);
      return document.toString();
    } catch (YamlSyntaxException e) {
      throw new DvcFormatException(name, 0, String.valueOf(e.getMessage()));
    }
  }

  private static String toml(String name, String before, Map<String, @Nullable Object> values)
      throws IOException {
    try {
      return checked(name, new LineEdits("#", LineEdits::toml).edit(before, values), values);
    } catch (OverrideException e) {
      try {
        return new TomlMapper().writeValueAsString(values); // its comments are lost
      } catch (JsonProcessingException f) {
        throw new OverrideException(
            name + " cannot be written: " + f.getOriginalMessage(), "edit it by hand");
      }
    }
  }

  /** An edit of lines counts only if what is read of it is what was wanted. */
  private static String checked(String name, String edited, Map<String, @Nullable Object> values)
      throws OverrideException {
    try {
      byte[] bytes = edited.getBytes(StandardCharsets.UTF_8);
      if (PythonValues.equal(ValueFiles.parameters(name, bytes), values)) {
        return edited;
      }
    } catch (IOException e) {
      // As if it said something else.
    }
    throw new OverrideException(
        "the parameters in %s cannot be changed: the file is not simple enough".formatted(name),
        "keep parameters that change in params.yaml, or edit the file by hand");
  }
}

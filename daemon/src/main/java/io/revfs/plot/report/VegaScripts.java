package io.revfs.plot.report;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;

/** The scripts that draw charts, as they come in their packages (see {@code scripts/vega}). */
final class VegaScripts {
  private static final List<String> NAMES = List.of("vega", "vega-lite", "vega-embed");

  private VegaScripts() {}

  /** Returns elements for the head of a page, which then needs no network. */
  static String elements() throws IOException {
    StringBuilder elements = new StringBuilder();
    for (String name : NAMES) {
      // A script may hold the end tag in a text, where a backslash changes nothing.
      String script = text(name).replace("</script", "<\\/script");
      elements.append("<script>").append(script).append("</script>\n");
    }
    return elements.toString();
  }

  private static String text(String name) throws IOException {
    try (InputStream in =
        Objects.requireNonNull(VegaScripts.class.getResourceAsStream("vega/" + name + ".min.js"))) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}

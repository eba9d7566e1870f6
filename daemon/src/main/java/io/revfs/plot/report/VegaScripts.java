package io.revfs.plot.report;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Properties;

/** The scripts that draw charts, as they come in their packages. */
final class VegaScripts {
  private static final ClassLoader LOADER = VegaScripts.class.getClassLoader();
  private static final List<String> PACKAGES = List.of("vega", "vega-lite", "vega-embed");

  private VegaScripts() {}

  /** Returns elements for the head of a page, which then needs no network. */
  static String elements() throws IOException {
    StringBuilder elements = new StringBuilder();
    for (String name : PACKAGES) {
      // A script may hold the end tag in a text, where a backslash changes nothing.
      String script = text(name).replace("</script", "<\\/script");
      elements.append("<script>").append(script).append("</script>\n");
    }
    return elements.toString();
  }

  private static String text(String name) throws IOException {
    String path =
        "META-INF/resources/webjars/%s/%s/build/%s.min.js".formatted(name, version(name), name);
    try (InputStream in = open(path)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private static String version(String name) throws IOException {
    Properties properties = new Properties();
    try (InputStream in = open("META-INF/maven/org.webjars.npm/" + name + "/pom.properties")) {
      properties.load(in);
    }
    return properties.getProperty("version");
  }

  private static InputStream open(String path) throws IOException {
    InputStream in = LOADER.getResourceAsStream(path);
    if (in == null) {
      throw new FileNotFoundException(path + " is not in this installation");
    }
    return in;
  }
}

package io.revfs.plot.report;

import io.revfs.plot.PlotException;
import java.io.IOException;
import java.io.InputStream;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A page with places for what DVC puts there: {@code {plot_divs}}, which it must have, {@code
 * {scripts}} and {@code {refresh_tag}}. Immutable.
 */
public final class PageTemplate {
  private static final Pattern PLACE = Pattern.compile("\\{(plot_divs|scripts|refresh_tag)\\}");
  private static final String PLOTS = "plot_divs";

  private final String text;

  private PageTemplate(String text) {
    this.text = text;
  }

  /** Writes what belongs into a place. */
  @FunctionalInterface
  interface Part {
    void writeTo(Writer page) throws IOException;
  }

  /** Returns the page of this program. */
  public static PageTemplate builtIn() throws IOException {
    try (InputStream in =
        Objects.requireNonNull(PageTemplate.class.getResourceAsStream("page.html"))) {
      return new PageTemplate(new String(in.readAllBytes(), StandardCharsets.UTF_8));
    }
  }

  /**
   * Returns somebody's own page.
   *
   * @throws PlotException if it has no place for plots
   */
  public static PageTemplate of(String text) throws PlotException {
    if (!text.contains("{" + PLOTS + "}")) {
      throw new PlotException(
          "MissingPlaceholderError", "HTML template has to contain '{plot_divs}'.");
    }
    return new PageTemplate(text);
  }

  void write(Writer page, Map<String, Part> parts) throws IOException {
    Matcher places = PLACE.matcher(text);
    int at = 0;
    while (places.find()) {
      page.write(text, at, places.start() - at);
      Part part = parts.get(places.group(1));
      if (part != null) {
        part.writeTo(page);
      }
      at = places.end();
    }
    page.write(text, at, text.length() - at);
  }
}

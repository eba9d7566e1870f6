package io.revfs.plot.report;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.revfs.plot.PlotException;
import java.io.IOException;
import java.io.InputStream;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Objects;

/**
 * A page that draws charts and puts the drawings into itself, where they are found in what a
 * browser without a window dumps of it.
 */
public final class DrawingPage {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String BEGIN = "<pre id=\"drawings\">";
  private static final String END = "</pre>";

  private DrawingPage() {}

  /** What is drawn. */
  public enum Format {
    PNG,
    SVG;

    /** Returns the ending of files, without the dot. */
    public String suffix() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** A drawing, or why there is none. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  public record Drawing(byte[] bytes, String problem) {}

  /** Writes the page. */
  public static void write(Writer page, List<Report.Drawn> charts, Format format)
      throws IOException {
    page.write("<!DOCTYPE html>\n<html><head><meta charset=\"utf-8\">\n");
    page.write(VegaScripts.elements());
    page.write("</head><body>" + BEGIN + END + "\n<script>\nconst format = '");
    page.write(format.suffix() + "';\nconst charts = [\n");
    for (Report.Drawn drawn : charts) {
      HtmlText.writeScript(page, drawn.spec().content());
      page.write(",\n");
    }
    page.write("];\n" + script() + "</script></body></html>\n");
  }

  private static String script() throws IOException {
    try (InputStream in =
        Objects.requireNonNull(DrawingPage.class.getResourceAsStream("drawing.js"))) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  /**
   * Returns the drawings, in the order of the charts.
   *
   * @param dump the page after its scripts have run
   */
  public static List<Drawing> read(String dump) throws IOException {
    int begin = dump.indexOf(BEGIN);
    int end = begin < 0 ? -1 : dump.indexOf(END, begin);
    if (end < 0 || end == begin + BEGIN.length()) {
      throw new PlotException("DvcException", "the browser drew nothing");
    }
    List<Drawing> drawings = new ArrayList<>();
    for (JsonNode item : JSON.readTree(dump.substring(begin + BEGIN.length(), end))) {
      byte[] bytes = Base64.getDecoder().decode(item.path("drawing").asText());
      byte[] problem = Base64.getDecoder().decode(item.path("problem").asText());
      drawings.add(new Drawing(bytes, new String(problem, StandardCharsets.UTF_8)));
    }
    return drawings;
  }
}

package io.revfs.fuse.conformance;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A named case of the tables: steps, each a system call with what it must give. The tables are text
 * beside this class, one for each area:
 *
 * <pre>
 * case truncate_{kind}
 *   for kind: directory; fifo
 *   make {kind} x 0644
 *   as 1000:1000 truncate x 0 = EACCES
 * </pre>
 *
 * <p>{@code for} makes a case of each value, named by the value; {@code {x*255}} stands for a
 * repetition; what a step gives is {@code ok} where nothing else is written, and one of several
 * where they are parted by bars.
 */
public record Case(String area, String name, List<Step> steps) {
  /** All areas, in the order in which they run. */
  public static final List<String> AREAS =
      List.of(
          "names",
          "paths",
          "files",
          "directories",
          "links",
          "renames",
          "kinds",
          "modes",
          "owners",
          "times",
          "sizes",
          "sticky",
          "rights",
          "opening",
          "attributes",
          "written");

  private static final Pattern REPEATED = Pattern.compile("\\{([^{}*]+)\\*(\\d+)}");

  /** One call; {@code expected} has one result or several. */
  public record Step(List<String> words, List<String> expected) {
    @Override
    public String toString() {
      String text = String.join(" ", words);
      return text.length() > 120 ? text.substring(0, 120) + "…" : text;
    }
  }

  /** Returns the cases of all areas. */
  public static List<Case> all() {
    List<Case> all = new ArrayList<>();
    AREAS.forEach(area -> all.addAll(of(area)));
    return all;
  }

  private static List<Case> of(String area) {
    List<Case> all = new ArrayList<>();
    List<String> lines = new ArrayList<>();
    for (String line : lines(area)) {
      if (line.startsWith("case ")) {
        add(area, lines, all);
        lines.clear();
      }
      if (!line.isBlank() && !line.startsWith("#")) {
        lines.add(line.strip());
      }
    }
    add(area, lines, all);
    return all;
  }

  private static List<String> lines(String area) {
    try (var in =
        new BufferedReader(
            new InputStreamReader(
                Case.class.getResourceAsStream(area + ".cases"), StandardCharsets.UTF_8))) {
      return in.lines().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Adds the cases that the lines of one mean. */
  private static void add(String area, List<String> lines, List<Case> all) {
    if (lines.isEmpty()) {
      return;
    }
    if (lines.size() > 1 && lines.get(1).startsWith("for ")) {
      String[] values = lines.get(1).substring("for ".length()).split(": ", 2);
      String variable = "{" + values[0] + "}";
      for (String value : values[1].split("; ")) {
        List<String> one = new ArrayList<>();
        one.add(lines.get(0).replace(variable, nameOf(value)));
        lines.stream().skip(2).map(line -> line.replace(variable, value)).forEach(one::add);
        add(area, one, all);
      }
      return;
    }
    List<Step> steps = lines.stream().skip(1).map(Case::step).toList();
    all.add(new Case(area, lines.get(0).substring("case ".length()), steps));
  }

  /** Returns a value as a part of a name, which is a directory's too. */
  private static String nameOf(String value) {
    return value.replaceAll("[@/]", "").strip().replaceAll(" +", "_");
  }

  private static Step step(String line) {
    String[] parts = line.split(" = ", 2);
    List<String> words = new ArrayList<>();
    for (String word : parts[0].split(" +")) {
      words.add(word.equals("''") ? "" : repeated(word));
    }
    String expected = parts.length == 1 ? "ok" : repeated(parts[1]);
    return new Step(words, List.of(expected.split("\\|")));
  }

  private static String repeated(String word) {
    Matcher matcher = REPEATED.matcher(word);
    return matcher.replaceAll(
        found -> Matcher.quoteReplacement(found.group(1).repeat(Integer.parseInt(found.group(2)))));
  }
}

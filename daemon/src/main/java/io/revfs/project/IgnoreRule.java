package io.revfs.project;

import io.revfs.dvc.DvcFormatException;
import io.revfs.text.RelativePaths;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * One line of a {@code .dvcignore}, as DVC takes it: gitignore's syntax, but that an exception
 * ({@code !data}) counts for all that is below what it names, too.
 */
final class IgnoreRule {
  private static final String ANY_DEPTH = "**";

  private final String base;
  private final String origin;
  private final boolean negated;
  private final boolean directoryOnly;
  private final boolean directoryNeeded;
  private final Form form;

  private IgnoreRule(
      String base,
      String origin,
      boolean negated,
      boolean directoryOnly,
      boolean directoryNeeded,
      Form form) {
    this.base = base;
    this.origin = origin;
    this.negated = negated;
    this.directoryOnly = directoryOnly;
    this.directoryNeeded = directoryNeeded;
    this.form = form;
  }

  /** What a path must be like; the forms that are met most are quick. */
  private sealed interface Form {}

  private record Name(String name) implements Form {}

  private record Ending(String ending) implements Form {}

  private record NamePattern(Pattern pattern) implements Form {}

  private record PathPattern(Pattern pattern) implements Form {}

  /**
   * Reads a line.
   *
   * @param base the directory that it counts for, from the root, with a slash at the end unless it
   *     is the root
   * @param file for messages
   * @param origin how the rule is shown; empty: by its text
   * @return empty if the line says nothing
   * @throws DvcFormatException if there is a backslash at its end
   */
  static Optional<IgnoreRule> parse(String base, String file, int line, String text, String origin)
      throws DvcFormatException {
    if (text.isEmpty() || text.startsWith("#") || text.equals("/") || text.equals("!")) {
      return Optional.empty();
    }
    boolean negated = text.startsWith("!");
    String pattern = negated ? text.substring(1) : text;
    boolean directoryOnly = pattern.endsWith("/");
    List<String> segments = new ArrayList<>(Arrays.asList(pattern.split("/", -1)));
    if (segments.getFirst().isEmpty()) {
      segments.removeFirst();
    } else if (segments.size() == 1 || (segments.size() == 2 && directoryOnly)) {
      segments.addFirst(ANY_DEPTH);
    }
    if (directoryOnly) {
      segments.removeLast();
    }
    for (int i = segments.size() - 1; i > 0; i--) {
      if (segments.get(i).equals(ANY_DEPTH) && segments.get(i - 1).equals(ANY_DEPTH)) {
        segments.remove(i);
      }
    }
    boolean below = segments.size() > 1 && segments.getLast().equals(ANY_DEPTH);
    if (below) {
      segments.removeLast();
    }
    try {
      String shown = origin.isEmpty() ? ":" + text : origin;
      return Optional.of(
          new IgnoreRule(
              base, shown, negated, directoryOnly, directoryOnly || below, form(segments)));
    } catch (PatternSyntaxException e) {
      return Optional.empty(); // an impossible range: Git passes over it, and so does DVC
    } catch (IllegalArgumentException e) {
      throw new DvcFormatException(file, line, "Invalid git pattern: '" + text + "'");
    }
  }

  private static Form form(List<String> segments) {
    String last = segments.isEmpty() ? "" : segments.getLast();
    boolean anywhere = segments.size() == 2 && segments.getFirst().equals(ANY_DEPTH);
    if (anywhere && isPlain(last)) {
      return new Name(last);
    }
    if (anywhere && last.startsWith("*") && isPlain(last.substring(1))) {
      return new Ending(last.substring(1));
    }
    if (anywhere) {
      return new NamePattern(Pattern.compile(segment(last), Pattern.DOTALL));
    }
    StringBuilder all = new StringBuilder();
    for (int i = 0; i < segments.size(); i++) {
      boolean isLast = i == segments.size() - 1;
      if (!segments.get(i).equals(ANY_DEPTH)) {
        all.append(segment(segments.get(i))).append(isLast ? "" : "/");
      } else {
        all.append(isLast ? ".+" : "(?:.+/)?");
      }
    }
    return new PathPattern(Pattern.compile(all.toString(), Pattern.DOTALL));
  }

  private static boolean isPlain(String segment) {
    return segment.chars().noneMatch(c -> c == '*' || c == '?' || c == '[' || c == '\\');
  }

  /** Returns the regular expression of a name's pattern. */
  private static String segment(String glob) {
    if (glob.equals("*")) {
      return "[^/]+";
    }
    StringBuilder regex = new StringBuilder();
    for (int i = 0; i < glob.length(); i++) {
      char c = glob.charAt(i);
      switch (c) {
        case '*' -> regex.append("[^/]*");
        case '?' -> regex.append("[^/]");
        case '\\' -> {
          i++;
          if (i == glob.length()) {
            throw new IllegalArgumentException("nothing follows the backslash");
          }
          regex.append(Pattern.quote(glob.substring(i, i + 1)));
        }
        case '[' -> i = range(glob, i, regex);
        default -> regex.append(Pattern.quote(glob.substring(i, i + 1)));
      }
    }
    return regex.toString();
  }

  /** Adds the range that begins at {@code start}; returns where it ends. */
  private static int range(String glob, int start, StringBuilder regex) {
    int from = start + 1;
    boolean not = from < glob.length() && (glob.charAt(from) == '!' || glob.charAt(from) == '^');
    if (not) {
      from++;
    }
    int end = glob.indexOf(']', from + 1);
    if (end < 0) {
      throw new PatternSyntaxException("a range without an end", glob, start);
    }
    regex.append(not ? "[^" : "[");
    for (int i = from; i < end; i++) {
      char c = glob.charAt(i);
      boolean special = c != '-' && !Character.isLetterOrDigit(c);
      regex.append(special ? "\\" : "").append(c);
    }
    regex.append(']');
    return end;
  }

  /**
   * Returns whether it names exactly this path.
   *
   * @param path from the root, in the directory that the rule counts for
   */
  boolean names(String path, boolean directory) {
    if (!directory && directoryNeeded) {
      return false;
    }
    return switch (form) {
      case Name exact -> isLast(path, exact.name());
      case Ending ending -> path.endsWith(ending.ending()) && hasWholeEnding(path, ending.ending());
      case NamePattern name -> name.pattern().matcher(RelativePaths.name(path)).matches();
      case PathPattern whole -> whole.pattern().matcher(path.substring(base.length())).matches();
    };
  }

  private static boolean isLast(String path, String name) {
    int before = path.length() - name.length() - 1;
    return path.endsWith(name) && (before < 0 || path.charAt(before) == '/');
  }

  /** The ending has no slash, so it cannot reach over the last name. A {@code *} is never empty. */
  private static boolean hasWholeEnding(String path, String ending) {
    return !ending.isEmpty() || !path.endsWith("/");
  }

  /** Returns whether it takes something in again rather than out. */
  boolean isNegated() {
    return negated;
  }

  /** Returns whether it says nothing of files, not even below what it names. */
  boolean isOfDirectories() {
    return directoryOnly;
  }

  /** Returns how it is shown: file, line and text. */
  @Override
  public String toString() {
    return origin;
  }
}

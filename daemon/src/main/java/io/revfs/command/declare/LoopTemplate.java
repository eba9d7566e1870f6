package io.revfs.command.declare;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Turns text of one stage of a loop back into what stands in the loop's template: values that stand
 * there as words of their own become expressions again, the longest first.
 *
 * @param expressions what the stage's template can name, with its text
 */
record LoopTemplate(Map<String, String> expressions) {
  private static final String OPENING = "${";

  /** A piece of a template. */
  private sealed interface Piece {
    /** As it is. */
    record Literal(String text) implements Piece {}

    /** What stands in braces. */
    record Expression(String name) implements Piece {}
  }

  /** Returns the template that has this text for the stage. */
  String of(String text) {
    return text(pieces(text));
  }

  /** Returns whether the text has values of the loop. */
  boolean varies(String text) {
    return pieces(text).stream().anyMatch(piece -> piece instanceof Piece.Expression);
  }

  /**
   * Returns what the template of a text is in another stage of the loop; empty if that has no such
   * values.
   */
  Optional<String> in(LoopTemplate other, String text) {
    StringBuilder there = new StringBuilder();
    for (Piece piece : pieces(text)) {
      switch (piece) {
        case Piece.Literal literal -> there.append(literal.text());
        case Piece.Expression expression -> {
          String value = other.expressions.get(expression.name());
          if (value == null) {
            return Optional.empty();
          }
          there.append(value);
        }
      }
    }
    return Optional.of(there.toString());
  }

  private static String text(List<Piece> pieces) {
    StringBuilder text = new StringBuilder();
    for (Piece piece : pieces) {
      switch (piece) {
        case Piece.Literal literal -> text.append(literal.text().replace(OPENING, "\\" + OPENING));
        case Piece.Expression expression ->
            text.append(OPENING).append(expression.name()).append('}');
      }
    }
    return text.toString();
  }

  private List<Piece> pieces(String text) {
    List<Piece> pieces = List.of(new Piece.Literal(text));
    Map<String, String> longestFirst = new LinkedHashMap<>();
    expressions.entrySet().stream()
        .filter(entry -> !entry.getValue().isEmpty())
        .sorted(Comparator.comparingInt(entry -> -entry.getValue().length()))
        .forEach(entry -> longestFirst.put(entry.getKey(), entry.getValue()));
    for (Map.Entry<String, String> one : longestFirst.entrySet()) {
      List<Piece> next = new ArrayList<>();
      for (Piece piece : pieces) {
        switch (piece) {
          case Piece.Literal literal -> split(literal.text(), one.getKey(), one.getValue(), next);
          case Piece.Expression expression -> next.add(expression);
        }
      }
      pieces = next;
    }
    return pieces;
  }

  private static void split(String text, String expression, String value, List<Piece> to) {
    int from = 0;
    for (int at = text.indexOf(value); at >= 0; at = text.indexOf(value, at + 1)) {
      if (at < from || !isWord(text, at, at + value.length())) {
        continue;
      }
      if (at > from) {
        to.add(new Piece.Literal(text.substring(from, at)));
      }
      to.add(new Piece.Expression(expression));
      from = at + value.length();
    }
    if (from < text.length()) {
      to.add(new Piece.Literal(text.substring(from)));
    }
  }

  private static boolean isWord(String text, int start, int end) {
    boolean before = start > 0 && Character.isLetterOrDigit(text.charAt(start - 1));
    boolean after = end < text.length() && Character.isLetterOrDigit(text.charAt(end));
    return !before && !after;
  }
}

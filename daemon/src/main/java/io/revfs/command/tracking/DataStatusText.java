package io.revfs.command.tracking;

import io.revfs.git.GitStatus;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** {@code data status} for people, as DVC prints it. */
final class DataStatusText {
  private static final Map<String, String> TITLES =
      Map.of(
          "not_in_remote", "Not in remote",
          "not_in_cache", "Not in cache",
          "committed", "DVC committed changes",
          "uncommitted", "DVC uncommitted changes",
          "untracked", "Untracked files",
          "unchanged", "DVC unchanged files");
  private static final Map<String, List<String>> HINTS =
      Map.of(
          "not_in_remote", List.of("use \"dvc push <file>...\" to upload files"),
          "not_in_cache", List.of("use \"dvc fetch <file>...\" to download files"),
          "committed", List.of("git commit the corresponding dvc files to update the repo"),
          "uncommitted",
              List.of(
                  "use \"dvc commit <file>...\" to track changes",
                  "use \"dvc checkout <file>...\" to discard changes"),
          "untracked",
              List.of(
                  "use \"git add <file> ...\" or \"dvc add <file>...\" to commit to git or to"
                      + " dvc"));

  private DataStatusText() {}

  static String of(Map<String, Object> status, @Nullable GitStatus git) {
    List<String> lines = new ArrayList<>();
    if (status.isEmpty()) {
      boolean empty = git != null && git.isEmpty();
      lines.add(empty ? "No changes in an empty git repo." : "No changes.");
    }
    status.forEach(
        (name, entries) -> {
          if (!lines.isEmpty()) {
            lines.add("");
          }
          lines.add(TITLES.getOrDefault(name, name) + ":");
          HINTS.getOrDefault(name, List.of()).forEach(hint -> lines.add("  (" + hint + ")"));
          entries(entries, lines);
        });
    if (git != null && git.isDirty()) {
      lines.add(
          "(there are %schanges not tracked by dvc, use \"git status\" to see)"
              .formatted(status.isEmpty() ? "" : "other "));
    }
    return String.join("\n", lines);
  }

  private static void entries(Object entries, List<String> lines) {
    String indent = " ".repeat(8);
    if (entries instanceof Map<?, ?> states) {
      states.forEach(
          (state, paths) ->
              ((List<?>) paths).forEach(path -> lines.add(line(indent, state, path))));
      return;
    }
    ((List<?>) entries).forEach(path -> lines.add(indent + path));
  }

  private static String line(String indent, Object state, Object path) {
    String shown =
        path instanceof Map<?, ?> both
            ? both.get("old") + " -> " + both.get("new")
            : String.valueOf(path);
    return indent + state + ": " + shown;
  }
}

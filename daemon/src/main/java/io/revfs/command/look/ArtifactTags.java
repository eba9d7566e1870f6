package io.revfs.command.look;

import io.revfs.git.AnnotatedTag;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What the tags of a repository say of one artifact, as GTO writes them: {@code name@v1.2.3} is a
 * version, {@code name#stage#4} puts a commit into a stage, and {@code !} takes either back. In
 * tags a name's {@code :} is {@code =}. Immutable.
 */
final class ArtifactTags {
  private static final Pattern TAG =
      Pattern.compile(
          "(?<name>[^@#]+)(?:#(?<stage>[\\w/-]+)|@(?<version>v\\d+\\.\\d+\\.\\d+[\\w.+-]*))"
              + "(?<back>!?)(?:#(?<counter>\\d{1,9}))?");

  private final Map<String, String> versions = new LinkedHashMap<>();
  private final Map<String, List<String>> stages = new LinkedHashMap<>();

  ArtifactTags(String artifact, List<AnnotatedTag> tags) {
    List<AnnotatedTag> sorted = new ArrayList<>(tags);
    sorted.sort(
        Comparator.comparingLong(AnnotatedTag::time).thenComparingInt(ArtifactTags::counter));
    for (AnnotatedTag tag : sorted) {
      Matcher matcher = TAG.matcher(tag.name());
      if (!matcher.matches() || !matcher.group("name").replace('=', ':').equals(artifact)) {
        continue;
      }
      boolean back = !matcher.group("back").isEmpty();
      if (matcher.group("version") != null) {
        if (back) {
          versions.remove(matcher.group("version"));
        } else {
          versions.put(matcher.group("version"), tag.commit());
        }
        continue;
      }
      List<String> commits =
          stages.computeIfAbsent(matcher.group("stage"), stage -> new ArrayList<>());
      commits.remove(tag.commit());
      if (!back) {
        commits.add(tag.commit());
      }
    }
  }

  /** Tags of one second are in the order of their numbers. */
  private static int counter(AnnotatedTag tag) {
    Matcher matcher = TAG.matcher(tag.name());
    return matcher.matches() && matcher.group("counter") != null
        ? Integer.parseInt(matcher.group("counter"))
        : 0;
  }

  /** Returns the commit of a version. */
  Optional<String> version(String version) {
    return Optional.ofNullable(versions.get(version));
  }

  /** Returns the commit that was put into a stage last. */
  Optional<String> stage(String stage) {
    List<String> commits = stages.getOrDefault(stage, List.of());
    return commits.isEmpty() ? Optional.empty() : Optional.of(commits.getLast());
  }

  /** Returns the commit of the greatest version. */
  Optional<String> greatest() {
    return versions.keySet().stream()
        .max((a, b) -> SemanticVersion.parse(a).compareTo(SemanticVersion.parse(b)))
        .map(versions::get);
  }
}

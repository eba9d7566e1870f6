package io.revfs.experiment;

import io.revfs.git.GitRefs;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The name of an experiment: unique among those that began with the same commit.
 *
 * @param baseline the full id of the commit it began with
 */
public record ExperimentRef(String baseline, String name) {
  /** What all refs of experiments begin with. */
  public static final String NAMESPACE = "refs/exps/";

  private static final Pattern FORM =
      Pattern.compile("refs/exps/([0-9a-f]{2})/([0-9a-f]{38})/([^/]+)");

  /** Returns what a ref names; empty if it is no finished experiment's. */
  public static Optional<ExperimentRef> parse(String ref) {
    Matcher matcher = FORM.matcher(ref);
    return matcher.matches()
        ? Optional.of(new ExperimentRef(matcher.group(1) + matcher.group(2), matcher.group(3)))
        : Optional.empty();
  }

  /** Returns the full name of the ref. */
  public String ref() {
    return prefix(baseline) + name;
  }

  /** Returns what the refs of experiments begin with that began with a commit. */
  public static String prefix(String baseline) {
    return NAMESPACE + baseline.substring(0, 2) + "/" + baseline.substring(2) + "/";
  }

  /** Returns whether an experiment may be called so: a ref of it can be made. */
  public static boolean isName(String name) {
    return !name.isEmpty()
        && name.indexOf('/') < 0
        && GitRefs.isName(NAMESPACE + "00/" + name)
        && !name.startsWith("-"); // it would be taken for an option
  }
}

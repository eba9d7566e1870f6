package io.revfs.experiment.queue.celery;

import com.fasterxml.jackson.databind.JsonNode;
import io.revfs.experiment.ExperimentRef;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What DVC says of an experiment that is to be run.
 *
 * @param dvcRoot the project's root
 * @param scmRoot the top of its work tree
 * @param commit the stashed commit
 * @param baseline the commit it is compared with
 * @param branch the experiment that it goes on with; null if it is one of its own
 * @param name the experiment's
 * @param head the commit it was made on
 */
public record QueueEntry(
    String dvcRoot,
    String scmRoot,
    String commit,
    String baseline,
    @Nullable String branch,
    String name,
    String head) {
  /** The log of this ref has all that wait. */
  public static final String STASH = ExperimentRef.NAMESPACE + "celery/stash";

  private static final Pattern COMMIT = Pattern.compile("[0-9a-f]{40}");

  static QueueEntry read(JsonNode node) throws MessageException {
    String commit = commit(node, "stash_rev");
    String baseline = commit(node, "baseline_rev");
    String name = node.path("name").asText("");
    String usual = name.isEmpty() || node.path("name").isNull() ? commit.substring(0, 7) : name;
    if (!ExperimentRef.isName(usual)) {
      throw new MessageException("no experiment can have its name '" + usual + "'");
    }
    return new QueueEntry(
        node.path("dvc_root").asText(""),
        node.path("scm_root").asText(""),
        commit,
        baseline,
        node.hasNonNull("branch") ? node.path("branch").asText() : null,
        usual,
        node.hasNonNull("head_rev") ? commit(node, "head_rev") : baseline);
  }

  private static String commit(JsonNode node, String key) throws MessageException {
    String commit = node.path(key).asText("");
    if (!COMMIT.matcher(commit).matches()) {
      throw new MessageException("it has no commit as " + key);
    }
    return commit;
  }

  Map<String, @Nullable Object> write() {
    Map<String, @Nullable Object> entry = new LinkedHashMap<>();
    entry.put("dvc_root", dvcRoot);
    entry.put("scm_root", scmRoot);
    entry.put("stash_ref", STASH);
    entry.put("stash_rev", commit);
    entry.put("baseline_rev", baseline);
    entry.put("branch", branch);
    entry.put("name", name);
    entry.put("head_rev", head);
    return entry;
  }
}

package io.revfs.command.trace;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.revfs.command.Command;
import io.revfs.command.CommandFailure;
import io.revfs.command.Invocation;
import io.revfs.object.Digest;
import io.revfs.trace.Trace;
import io.revfs.trace.TraceDiff;
import io.revfs.trace.TraceStore;
import io.revfs.trace.TraceSummary;
import io.revfs.trace.TracedPath;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** {@code trace diff}: what one run did otherwise than another. */
final class TraceDiffCommand implements Command {
  private final TraceStore store;

  TraceDiffCommand(TraceStore store) {
    this.store = store;
  }

  @Override
  public String name() {
    return "trace diff";
  }

  @Override
  public void run(Invocation call) throws IOException {
    Trace older = WorkingCopies.trace(call, store, Optional.of(call.required("run")));
    Trace newer =
        call.value("other").isPresent()
            ? WorkingCopies.trace(call, store, call.value("other"))
            : lastBut(older);
    ArrayNode json = JsonNodeFactory.instance.arrayNode();
    for (TraceDiff.Change change : TraceDiff.between(older, newer)) {
      ObjectNode one = json.addObject().put("path", change.path());
      tell(one.putObject("older"), change.older());
      tell(one.putObject("newer"), change.newer());
      call.out(text(change));
    }
    call.result(json);
  }

  /** Returns the last run of the same working copy. */
  private Trace lastBut(Trace older) throws IOException {
    List<TraceSummary> all =
        store.list(older.root()).stream().filter(each -> !each.id().equals(older.id())).toList();
    Optional<Trace> last = all.isEmpty() ? Optional.empty() : store.get(all.getLast().id());
    return last.orElseThrow(
        () ->
            new CommandFailure(
                "there is no other run to compare with " + older.id(),
                "see: revfs trace list",
                CommandFailure.FAILED));
  }

  private static void tell(ObjectNode node, Optional<TracedPath> path) {
    if (path.isEmpty()) {
      return;
    }
    ArrayNode deeds = node.putArray("deeds");
    path.get().deeds().forEach(deed -> deeds.add(deed.word()));
    path.get().before().ifPresent(digest -> node.put("before", digest.toString()));
    path.get().after().ifPresent(digest -> node.put("after", digest.toString()));
    path.get().listing().ifPresent(digest -> node.put("listing", digest.toString()));
  }

  private static String text(TraceDiff.Change change) {
    if (change.newer().isEmpty()) {
      return "- %s (%s)".formatted(change.path(), TraceText.deeds(change.older().orElseThrow()));
    }
    if (change.older().isEmpty()) {
      return "+ %s (%s)".formatted(change.path(), TraceText.deeds(change.newer().orElseThrow()));
    }
    TracedPath one = change.older().get();
    TracedPath two = change.newer().get();
    StringBuilder text = new StringBuilder("~ ").append(change.path());
    if (!one.deeds().equals(two.deeds())) {
      text.append(" (%s; was %s)".formatted(TraceText.deeds(two), TraceText.deeds(one)));
    }
    other(text, "read", one.before(), two.before());
    other(text, "left", one.after(), two.after());
    other(text, "listed", one.listing(), two.listing());
    return text.toString();
  }

  private static void other(
      StringBuilder text, String what, Optional<Digest> older, Optional<Digest> newer) {
    if (!older.equals(newer)) {
      text.append(" %s %s, was %s".formatted(what, word(newer), word(older)));
    }
  }

  private static String word(Optional<Digest> digest) {
    return digest.map(Digest::hex).orElse("nothing");
  }
}

package io.revfs.tree;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.revfs.cache.local.LocalCache;
import io.revfs.fuse.RequestContext;
import io.revfs.repository.DataRepository;
import io.revfs.testing.OpenRepositories;
import io.revfs.testing.TestData;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who is told of commits that somebody enters, also of those that were entered early. */
class EnteredCommitsTest {
  private static final RequestContext CONTEXT = RequestContext.INTERNAL;

  @TempDir Path directory;

  private static void enter(RevisionTree tree, String commit) throws Exception {
    var unused = tree.lookup(CONTEXT, RevisionNames.COMMITS_NODE, commit);
    unused = tree.lookup(CONTEXT, RevisionNames.commitNode(commit), "f");
  }

  @Test
  void whatIsEntered_isTold_alsoBeforeAnybodyListened_andTheNextTreeKnowsIt() throws Exception {
    TestData data = new TestData(directory);
    data.write("f", "x");
    String early = data.commit("v1");
    String late = data.commit("v2");
    String never = data.commit("v3");
    try (OpenRepositories open = OpenRepositories.open(directory)) {
      LocalCache cache = open.cache();
      DataRepository repository = open.repositories().open(data.repository().toString());
      Views views = new Views(new ViewFile(directory.resolve("views")), "m");
      Path journal = directory.resolve("nodes");
      RevisionTree tree = RevisionTree.surviving(repository, cache, views, journal, false);
      List<String> told = new ArrayList<>();
      enter(tree, early);
      tree.onEntered(told::add);
      enter(tree, late);
      assertEquals(List.of(early, late), told);
      assertEquals(Set.of(), tree.commitsBefore());
      RevisionTree next = RevisionTree.surviving(repository, cache, views, journal, true);
      assertEquals(Set.of(early, late), next.commitsBefore(), "but for " + never);
    }
  }
}

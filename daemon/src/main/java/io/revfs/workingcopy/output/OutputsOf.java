package io.revfs.workingcopy.output;

import io.revfs.repository.ShownOutput;
import io.revfs.repository.WorkTreeFiles;
import java.io.IOException;
import java.util.List;
import java.util.Set;

/** Says which outputs a file names, as {@link io.revfs.repository.DataRepository} does. */
@FunctionalInterface
public interface OutputsOf {
  List<ShownOutput> outputs(String file, byte[] content, WorkTreeFiles files, Set<String> projects)
      throws IOException;
}

package io.revfs.fuse.local;

import io.revfs.fuse.MountOptions;
import java.util.Set;
import org.junit.jupiter.api.condition.EnabledIf;

/**
 * Through libfuse 2, which can read and write what was unlinked while it is open, but knows no path
 * to look at it; and which knows neither O_TMPFILE nor holes nor the flags of renameat2(2).
 */
@EnabledIf("io.revfs.fuse.Shell#isRoot")
class JnrWritingTest extends WritableMountsContract {
  JnrWritingTest() {
    super(
        MountOptions.Backend.JNR,
        MountOptions.Serve.AUTO,
        Set.of(
            "write_afterUnlink",
            "truncate_unlinked",
            "nameless_thenLinked",
            "seek_holes",
            "rename_overOpen",
            "rename_exchange"),
        "files_unlinkedWhileOpen",
        "files_unlinkedWhileOpen_thenMadeAnew",
        "files_replacedWhileOpen",
        "files_nameless",
        "files_nameless_ofAnother",
        "directories_removed_whileInUse",
        "links_hard_ofUnlinkedButOpen_stays",
        "renames_notReplacing",
        "renames_exchanged_files",
        "renames_exchanged_fileAndDirectory",
        "renames_exchanged_directories",
        // it does not pass on what changes nothing but this time
        "owners_set_toNobody_changesTime",
        // the kernel takes no set-gid bit without execution away by itself
        "modes_write_setGidWithoutExecution");
  }
}

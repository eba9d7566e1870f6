package io.revfs.fuse.local;

import io.revfs.fuse.MountOptions;
import java.util.Set;
import org.junit.jupiter.api.condition.EnabledIf;

/**
 * Through libfuse 2, which answers these itself, before anything of ours is asked:
 *
 * <ul>
 *   <li>Attributes of what was unlinked, removed or replaced while it is open: the kernel asks for
 *       them by the node, not by the open file, and libfuse knows no path for it any more. (It
 *       would if it were to rename such a file instead; but it does that before a rename over it,
 *       too, so a file is lost when that fails.) Reading and writing goes on.
 *   <li>O_TMPFILE, holes and the flags of renameat2(2): requests that came after it.
 *   <li>chown(2) to nobody of what has no set-id bits: it finds nothing to do.
 * </ul>
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
        "owners_set_toNobody_changesTime");
  }
}

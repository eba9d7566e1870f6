/**
 * The files of a project at one time, of its work tree or of a commit: {@link
 * io.revfs.stage.view.FileView}. Knows nothing of what the files say.
 */
@NullMarked
package io.revfs.stage.view;

import org.jspecify.annotations.NullMarked;

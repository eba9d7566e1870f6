/**
 * DVC's file formats, read: {@code .dvc} files, {@code dvc.yaml}, {@code dvc.lock}, {@code .dir}
 * manifests, the configuration, {@code .dvcignore}. Knows nothing of Git, stores or mounts. Every
 * malformed input is a {@link io.revfs.dvc.DvcFormatException} with file and line.
 */
@NullMarked
package io.revfs.dvc;

import org.jspecify.annotations.NullMarked;

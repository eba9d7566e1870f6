/**
 * Data that comes from elsewhere and is tracked with where it comes from: {@code import} from other
 * repositories, {@code import-url} from stores and from this machine, {@code update}. A {@link
 * io.revfs.command.imports.Source} is what an import comes from; other commands ask for imports
 * through {@link io.revfs.command.imports.ImportStatuses} and {@link
 * io.revfs.command.imports.ImportedObjects}.
 */
@NullMarked
package io.revfs.command.imports;

import org.jspecify.annotations.NullMarked;

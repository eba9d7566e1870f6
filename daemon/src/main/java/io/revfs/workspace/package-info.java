/**
 * The work tree of a project and its DVC cache: what files hold without reading them again ({@link
 * io.revfs.workspace.store.FileStates}), trees read and hashed on all cores ({@link
 * io.revfs.workspace.TreeReader}), objects put and linked ({@link
 * io.revfs.workspace.store.ObjectStore}, {@link io.revfs.workspace.store.Linker}), and work trees
 * made to hold what they should ({@link io.revfs.workspace.Checkout}). Knows nothing of stages,
 * remotes and commands.
 */
@NullMarked
package io.revfs.workspace;

import org.jspecify.annotations.NullMarked;
